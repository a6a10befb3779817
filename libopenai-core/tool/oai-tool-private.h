/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs tools, for the classes of this folder. */

#pragma once

#include "oai-tool.h"

G_BEGIN_DECLS

/* Runs the tool, without any check. */
void oai_tool_invoke (OaiTool *self, OaiToolCall *call);

G_END_DECLS
