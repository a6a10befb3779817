/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

#define OAI_TYPE_PAGE (oai_page_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiPage, oai_page, OAI, PAGE, GObject)

/* A GListModel of records that grows page by page. */
OAI_AVAILABLE_IN_1_0
guint oai_page_get_n_loaded (OaiPage *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_page_get_has_more (OaiPage *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_page_is_loading (OaiPage *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_page_get_auto_load (OaiPage *self);
OAI_AVAILABLE_IN_1_0
void oai_page_set_auto_load (OaiPage *self, gboolean auto_load);
OAI_AVAILABLE_IN_1_0
const GError *oai_page_get_error (OaiPage *self);
/* Of the page that was loaded last. */
OAI_AVAILABLE_IN_1_0
OaiCall *oai_page_get_call (OaiPage *self);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_page_get_record (OaiPage *self);

OAI_AVAILABLE_IN_1_0
gboolean oai_page_load_more (OaiPage *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_page_load_more_async (OaiPage *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_page_load_more_finish (OaiPage *self, GAsyncResult *result, GError **error);

/* All items across all pages, one after the other; NULL after the last. */
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_page_next (OaiPage *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_page_next_async (OaiPage *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_page_next_finish (OaiPage *self, GAsyncResult *result, GError **error);

G_END_DECLS
