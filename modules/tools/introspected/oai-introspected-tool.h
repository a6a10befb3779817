/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools that call introspected methods and functions. */

#pragma once

#include "oai-toolset.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gboolean oai_tool_require_namespace (const char *namespace_, const char *version, GError **error);
OAI_AVAILABLE_IN_1_0
OaiTool *oai_tool_new_for_method (GObject *object, const char *method, GError **error);
OAI_AVAILABLE_IN_1_0
OaiTool *oai_tool_new_for_function (const char *namespace_, const char *function, GError **error);

OAI_AVAILABLE_IN_1_0
gboolean oai_toolset_add_object (OaiToolset *self, GObject *object, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_toolset_add_namespace (OaiToolset *self, const char *namespace_, const char *version, GError **error);

G_END_DECLS
