/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools whose arguments are the properties of an object. */

#pragma once

#include "oai-tool-call.h"

G_BEGIN_DECLS

/**
 * OaiObjectToolFunc:
 * @call: the call
 * @arguments: an instance with the arguments of the model
 * @user_data: the data of the function
 *
 * Runs a tool of [ctor@Oai.Tool.new_for_type], like [callback@Oai.ToolFunc].
 *
 * Since: 1.0
 */
typedef void (*OaiObjectToolFunc) (OaiToolCall *call, GObject *arguments, gpointer user_data);

OAI_AVAILABLE_IN_1_0
OaiTool *oai_tool_new_for_type (const char *name, const char *description, GType type, OaiObjectToolFunc func, gpointer user_data, GDestroyNotify notify, GError **error);

G_END_DECLS
