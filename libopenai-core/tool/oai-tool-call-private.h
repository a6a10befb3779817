/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What toolsets and modules need of calls. */

#pragma once

#include "oai-tool-call.h"

G_BEGIN_DECLS

/* Ends a call of a tool that does not exist.  names: of the tools that exist, for the model; may be empty. */
void oai_tool_call_end_unknown (OaiToolCall *self, const char *names);

/* For saved calls, which have not run.  The call can be approved or denied before it is run. */
void oai_tool_call_set_waiting (OaiToolCall *self);
void oai_tool_call_set_tool (OaiToolCall *self, OaiTool *tool);

/* Adds a file to a saved call, which has ended. */
void oai_tool_call_restore_file (OaiToolCall *self, GBytes *bytes, const char *content_type, const char *filename);

/* Returns the arguments as a JSON object also if the model sent nothing or null.  Other texts are returned as they are. */
_OAI_INTERNAL
char *oai_tool_call_dup_arguments_json (OaiToolCall *self);

G_END_DECLS
