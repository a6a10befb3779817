/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs tools in tests. */

#pragma once

#include <openai-1/openai.h>

G_BEGIN_DECLS

/* Runs a call to its end, and returns it. */
OaiToolCall *run_tool (OaiTool *tool, const char *arguments);
/* Runs a call, and checks its output. */
void check_tool (OaiTool *tool, const char *arguments, const char *output);
/* Runs a call, and checks that it fails with a message for the model that contains text. */
void check_tool_rejects (OaiTool *tool, const char *arguments, const char *text);
/* Runs a call in a session that blocks, and checks its output.  A tool that needs approval gets it later. */
void check_tool_blocks (OaiTool *tool, const char *arguments, const char *output);
/* Runs a tool with arguments that no schema allows, and checks that each call ends. */
void check_tool_survives (OaiTool *tool);
/* Cancels a call of the tool before it starts, and after 0, 1, 2 … iterations of the main loop, until
 * it ends before it is cancelled. */
void check_tool_cancels (OaiTool *tool, const char *arguments);

G_END_DECLS
