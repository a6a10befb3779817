/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools that activate the actions of a GActionGroup. */

#pragma once

#include "oai-toolset.h"

G_BEGIN_DECLS

#define OAI_TYPE_ACTION_TOOLSET (oai_action_toolset_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiActionToolset, oai_action_toolset, OAI, ACTION_TOOLSET, OaiToolset)

OAI_AVAILABLE_IN_1_0
OaiActionToolset *oai_action_toolset_new (GActionGroup *actions);

OAI_AVAILABLE_IN_1_0
GActionGroup *oai_action_toolset_get_actions (OaiActionToolset *self);

G_END_DECLS
