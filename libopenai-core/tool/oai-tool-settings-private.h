/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a program has set on a tool, for the next tool with the same name. */

#pragma once

#include "oai-tool.h"

G_BEGIN_DECLS

typedef struct _OaiToolSettings OaiToolSettings;

/* With the values that the tool has now, before the program changes them. */
OaiToolSettings *oai_tool_settings_new (OaiTool *tool);
void oai_tool_settings_free (OaiToolSettings *self);

/* Changes the value of the tool, but not as a setting of the program. */
void oai_tool_settings_set_needs_approval (OaiToolSettings *self, OaiTool *tool, gboolean needs_approval);
/* Reads what the program has changed since oai_tool_settings_new().  Returns FALSE if that is nothing. */
gboolean oai_tool_settings_read (OaiToolSettings *self, OaiTool *tool);
/* Sets what was read on another tool.  initial: the settings of that tool */
void oai_tool_settings_apply (OaiToolSettings *self, OaiTool *tool, OaiToolSettings *initial);

G_END_DECLS
