/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"
#include "oai-record-schema.h"

G_BEGIN_DECLS

/* A record over a node of a document, which is kept; the union's member by its
 * tag where type is a union.  client and call may be NULL; parts of the record inherit them. */
_OAI_INTERNAL
OaiRecord *oai_record_new_from_node (GType type, OaiJsonDoc *doc, OaiJsonNode node, OaiClient *client, OaiCall *call);
_OAI_INTERNAL
const OaiRecordSchema *oai_record_get_schema (OaiRecord *self);
_OAI_INTERNAL
void oai_record_write (OaiRecord *self, GString *out);
/* As part of a request: without what a server said and does not want to hear again. */
_OAI_INTERNAL
void oai_record_write_sent (OaiRecord *self, GString *out);
/* The files of the record and of its parts, by what their field of a form is called: "image[]", "documents[][file]". */
typedef void (*OaiRecordFileFunc) (const char *name, gpointer file, gpointer data);
_OAI_INTERNAL
void oai_record_foreach_file (OaiRecord *self, OaiRecordFileFunc func, gpointer data);
_OAI_INTERNAL
void oai_record_set_origin (OaiRecord *self, OaiClient *client, OaiCall *call);
/* The member as it came, where nobody has set another value; FALSE otherwise.  Borrowed. */
_OAI_INTERNAL
gboolean oai_record_peek_member (OaiRecord *self, const char *member, OaiJsonDoc **doc, OaiJsonNode *node);
/* Adds an element to a member that is an array.  FALSE, and nothing is done, when it is none. */
_OAI_INTERNAL
gboolean oai_record_append_element (OaiRecord *self, const char *member, const char *json);
/* Missing required members, as an error for the programmer: INVALID_ARGUMENT. */
_OAI_INTERNAL
gboolean oai_record_validate (OaiRecord *self, GError **error);

G_END_DECLS
