/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names and values in the order they were set: extra headers, query, body members. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef void (*OaiPairFunc) (const char *name, const char *value, gpointer user_data);

typedef struct _OaiPairs OaiPairs;

OaiPairs *oai_pairs_new (gboolean ignore_case);
OaiPairs *oai_pairs_copy (OaiPairs *self);
/* One that several hold must not be changed any more. */
OaiPairs *oai_pairs_ref (OaiPairs *self);
void oai_pairs_unref (OaiPairs *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiPairs, oai_pairs_unref)

/* value: may be NULL, which is kept. */
void oai_pairs_set (OaiPairs *self, const char *name, const char *value);
void oai_pairs_remove (OaiPairs *self, const char *name);
void oai_pairs_foreach (OaiPairs *self, OaiPairFunc func, gpointer user_data);

/* What can stand in a header without becoming another one. */
gboolean oai_header_name_is_valid (const char *name);
gboolean oai_header_value_is_valid (const char *value);

G_END_DECLS
