/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools that activate the actions of a GActionGroup. */

#pragma once

#include "oai-toolset.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiToolset *oai_toolset_new_for_actions (GActionGroup *actions);

G_END_DECLS
