/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the parts of OaiPage share; for oai-page*.c only. */

#pragma once

#include "oai-page-private.h"

G_BEGIN_DECLS

typedef struct _OaiPageLoad OaiPageLoad;

struct _OaiPage
{
  GObject parent_instance;

  OaiEndpoint *endpoint;
  const OaiOperation *operation;
  GStrv path_arguments;
  OaiRecord *query;
  GType item_type;
  GPtrArray *items;
  OaiRecord *record;
  OaiCall *call;
  char *cursor;          /* of the next page, or NULL when this is the last */
  GHashTable *cursors;   /* that were given out so far */
  GError *error;
  OaiPageLoad *load;     /* that runs, or NULL */
  guint position;        /* of the iteration */
  gboolean auto_load;
};

/* oai-page.c */
/* Adds what the server sent, takes body; on an error, nothing is added. */
gboolean oai_page_add (OaiPage *self, OaiCall *call, GBytes *body, const char *secret, GError **error);
void oai_page_set_error (OaiPage *self, const GError *error);
void oai_page_notify_loading (OaiPage *self);

/* oai-page-load.c */
/* Loads the next page, for nobody. */
void oai_page_load_ahead (OaiPage *self);
/* Whatever is loaded is not wanted any more. */
void oai_page_abandon_load (OaiPage *self);

G_END_DECLS
