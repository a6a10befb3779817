/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tool that saves notes. */

#pragma once

#include <openai-1/openai.h>

G_BEGIN_DECLS

OaiToolset *chat_note_tool_new_toolset (void);

G_END_DECLS
