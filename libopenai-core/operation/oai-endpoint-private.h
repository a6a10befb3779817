/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-exchange-private.h"
#include "oai-operation.h"

G_BEGIN_DECLS

/* A request by the table: path arguments, query and body put in place.  Fails
 * with INVALID_ARGUMENT where something required is missing. */
OaiRequest *oai_endpoint_build_request (OaiEndpoint *self, const OaiOperation *operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, gboolean stream, GError **error);
/* The same with everything in one JSON object, by the names on the wire. */
OaiRequest *oai_endpoint_build_request_from_json (OaiEndpoint *self, const OaiOperation *operation, const char *arguments, GError **error);

/* Makes of a reply what the operation promises.  Takes the body. */
gpointer oai_reply_new (OaiEndpoint *self, const OaiOperation *operation, OaiFormat format, OaiCall *call, GBytes *body, const char *secret, GError **error);
/* A body as it is given, NULL for none, with the members that the options set. */
gboolean oai_request_set_json (OaiRequest *self, const char *json, OaiCallOptions *options, GError **error);
GDestroyNotify oai_reply_get_destroy (const OaiOperation *operation);
/* The text of a JSON reply, checked for errors that hide in it; NULL with no error for an empty one. */
char *oai_reply_dup_text (OaiCall *call, GBytes *body, const char *secret, GError **error);

/* A reply that came whole where a stream was asked for: JSON, or text that becomes
 * text_member (nullable).  Takes the body; errors in it are not looked for, and neither
 * is what stands behind the first value, which takes used bytes. */
OaiJsonDoc *oai_reply_parse_whole (OaiCall *call, const char *text_member, OaiFormat format, GBytes *body, gsize *used, GError **error);
/* Whether it may be a result: an object, and no error that came with status 200. */
gboolean oai_reply_check (OaiCall *call, OaiJsonDoc *doc, const char *secret, GError **error);
/* Whether it is no whole reply but a piece of one. */
gboolean oai_reply_is_chunk (OaiJsonDoc *doc);
GError *oai_reply_new_no_object_error (OaiCall *call);
/* That the reply is of another type than anything that was asked for. */
GError *oai_reply_new_foreign_error (OaiCall *call);
/* Sound or pictures are asked for: whether the head of the reply says that it is
 * something else, and the error that it is then.  body is taken, and NULL where there is none. */
gboolean oai_reply_is_no_media (OaiCall *call);
GError *oai_reply_new_media_error (OaiCall *call, GBytes *body, const char *secret);

/* A document over the bytes of a reply, which are taken; errors that came with
 * status 200 are errors, and so is anything behind the value. */
OaiJsonDoc *oai_reply_parse (OaiCall *call, GBytes *body, const char *secret, GError **error);

G_END_DECLS
