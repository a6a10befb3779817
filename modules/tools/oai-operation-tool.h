/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools that call operations of endpoints. */

#pragma once

#include "oai-endpoint.h"
#include "oai-tool-call.h"

G_BEGIN_DECLS

/**
 * OaiOperationToolFunc:
 * @call: the call
 * @reply: the whole reply, as [method@Oai.Endpoint.invoke_by_name] returns it
 * @user_data: the data of the function
 *
 * Receives the reply to a call of [ctor@Oai.Tool.new_for_operation], for instance to show an image.
 * It can answer the call; otherwise the model gets the reply.
 *
 * Since: 1.0
 */
typedef void (*OaiOperationToolFunc) (OaiToolCall *call, const char *reply, gpointer user_data);

OAI_AVAILABLE_IN_1_0
OaiTool *oai_tool_new_for_operation (OaiEndpoint *endpoint, const char *operation, const char *fixed_arguments_json, OaiOperationToolFunc func, gpointer user_data, GDestroyNotify notify, GError **error);

G_END_DECLS
