/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Changes of the JSON of a request, which are described by text: members that are dropped or renamed, and strings
 * that are replaced. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The maximum number of edits that are applied to a request together. */
#define OAI_REQUEST_EDITS_MAX 64

typedef struct _OaiRequestEdit OaiRequestEdit;

void oai_request_edit_free (OaiRequestEdit *self);

/* Appends the edits that the entries "drop", "rename" and "replace" of a group describe to an array of OaiRequestEdit.
 * Fails if an entry is malformed, or if there are more than max edits then. */
gboolean oai_request_edits_read (GPtrArray *edits, GKeyFile *file, const char *group, guint max, GError **error);
/* Returns the changed body, or NULL if the edits change nothing. */
GBytes *oai_request_edits_apply (GPtrArray *edits, GBytes *body);

G_END_DECLS
