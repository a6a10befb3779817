/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tool of another toolset under a longer name. */

#pragma once

#include "oai-tool.h"

G_BEGIN_DECLS

#define OAI_TYPE_PREFIXED_TOOL (oai_prefixed_tool_get_type ())
G_DECLARE_FINAL_TYPE (OaiPrefixedTool, oai_prefixed_tool, OAI, PREFIXED_TOOL, OaiTool)

/* The properties of the new tool follow those of tool. */
OaiTool *oai_prefixed_tool_new (OaiTool *tool, const char *name);

G_END_DECLS
