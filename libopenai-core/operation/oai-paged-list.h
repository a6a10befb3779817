/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A list model that loads the pages of a list of the API. */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

#define OAI_TYPE_PAGED_LIST (oai_paged_list_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiPagedList, oai_paged_list, OAI, PAGED_LIST, GObject)

/* A GListModel of records that is loaded in pages. */
OAI_AVAILABLE_IN_1_0
guint oai_paged_list_get_n_loaded (OaiPagedList *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_paged_list_get_has_more (OaiPagedList *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_paged_list_is_loading (OaiPagedList *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_paged_list_get_auto_load (OaiPagedList *self);
OAI_AVAILABLE_IN_1_0
void oai_paged_list_set_auto_load (OaiPagedList *self, gboolean auto_load);
OAI_AVAILABLE_IN_1_0
const GError *oai_paged_list_get_error (OaiPagedList *self);
/* For the page that was loaded last. */
OAI_AVAILABLE_IN_1_0
OaiCall *oai_paged_list_get_call (OaiPagedList *self);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_paged_list_get_record (OaiPagedList *self);

OAI_AVAILABLE_IN_1_0
gboolean oai_paged_list_load_more (OaiPagedList *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_paged_list_load_more_async (OaiPagedList *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_paged_list_load_more_finish (OaiPagedList *self, GAsyncResult *result, GError **error);

/* Iterates over the items of all pages; NULL after the last one. */
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_paged_list_next (OaiPagedList *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_paged_list_next_async (OaiPagedList *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_paged_list_next_finish (OaiPagedList *self, GAsyncResult *result, GError **error);

G_END_DECLS
