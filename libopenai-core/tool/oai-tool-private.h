/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions for toolsets and modules. */

#pragma once

#include "oai-tool.h"

G_BEGIN_DECLS

/* Runs the tool, without any check, in the main context of the program, also if a call blocks. */
void oai_tool_invoke (OaiTool *self, OaiToolCall *call);

/* Returns the schema of the arguments as it is sent, also if there are none.  Fails if it cannot be
 * made strict. */
_OAI_INTERNAL
char *oai_tool_dup_parameters_json (OaiTool *self, GError **error);

G_END_DECLS
