/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tools that are offered to a model together. */

#pragma once

#include "oai-tool-call.h"

G_BEGIN_DECLS

#define OAI_TYPE_TOOLSET (oai_toolset_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (OaiToolset, oai_toolset, OAI, TOOLSET, GObject)

struct _OaiToolsetClass
{
  GObjectClass parent_class;

  /*< private >*/
  gpointer padding[8];
};

OAI_AVAILABLE_IN_1_0
OaiToolset *oai_toolset_new (void);

OAI_AVAILABLE_IN_1_0
gboolean oai_toolset_add (OaiToolset *self, OaiTool *tool, GError **error);
OAI_AVAILABLE_IN_1_0
OaiTool *oai_toolset_add_function (OaiToolset *self, const char *name, const char *description, const char *parameters_json, OaiToolFunc func, gpointer user_data, GDestroyNotify notify, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_toolset_remove (OaiToolset *self, const char *name);
OAI_AVAILABLE_IN_1_0
OaiTool *oai_toolset_find (OaiToolset *self, const char *name);
OAI_AVAILABLE_IN_1_0
gboolean oai_toolset_include (OaiToolset *self, OaiToolset *other, const char *prefix, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_toolset_exclude (OaiToolset *self, OaiToolset *other);

OAI_AVAILABLE_IN_1_0
OaiToolCall *oai_toolset_new_call (OaiToolset *self, const char *id, const char *name, const char *arguments_json);

OAI_AVAILABLE_IN_1_0
void oai_toolset_run_async (OaiToolset *self, GPtrArray *calls, gboolean parallel, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_toolset_run_finish (OaiToolset *self, GAsyncResult *result, GError **error);

OAI_AVAILABLE_IN_1_0
void oai_toolset_call_async (OaiToolset *self, const char *id, const char *name, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiToolCall *oai_toolset_call_finish (OaiToolset *self, GAsyncResult *result, GError **error);

G_END_DECLS
