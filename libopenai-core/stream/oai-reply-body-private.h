/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the body of a reply that is not a stream. */

#pragma once

#include "oai-call.h"
#include "oai-json-doc-private.h"
#include "oai-request-private.h"

G_BEGIN_DECLS

/* type is the record type of the result, by which a result is distinguished from an error that was
 * sent with status 200; G_TYPE_INVALID if it is unknown or not a record. */

/* Parses a JSON reply.  Fails for an error that was sent with status 200, and for data after the
 * value.  Takes ownership of the body. */
OaiJsonDoc *oai_reply_body_parse (OaiCall *call, GBytes *body, GType type, const char *secret, GError **error);
/* Parses the first value of a reply to a request for a stream: JSON, or text that becomes
 * text_member (nullable).  Sets used to its length.  Does not check it for errors.  Takes ownership
 * of the body. */
OaiJsonDoc *oai_reply_body_parse_first (OaiCall *call, const char *text_member, OaiFormat format, GBytes *body, gsize *used, const char *secret, GError **error);
/* Returns whether doc can be a result: an object that is not an error sent with status 200. */
gboolean oai_reply_body_check (OaiCall *call, OaiJsonDoc *doc, GType type, const char *secret, GError **error);
/* Returns the text of a JSON reply, after a check for errors that were sent with status 200; NULL
 * without error for an empty reply. */
char *oai_reply_body_dup_text (OaiCall *call, GBytes *body, const char *secret, GError **error);

/* Returns whether the body is an event stream, even if none was requested. */
gboolean oai_reply_body_is_event_stream (OaiCall *call, GBytes *body);
/* Returns whether the body is an HTML page, for example of a proxy or of a login. */
gboolean oai_reply_body_is_page (OaiCall *call, GBytes *body);
/* Returns whether the body is the value of text_member, as plain text or a JSON string, and not an
 * object with that member. */
gboolean oai_reply_body_is_text (OaiCall *call, const char *text_member, OaiFormat format, GBytes *body);
/* Creates an object whose only member is the text.  Takes ownership of the body. */
OaiJsonDoc *oai_reply_body_new_text_doc (const char *text_member, GBytes *body);
/* Returns whether the headers of a reply show that it is neither audio nor an image. */
gboolean oai_reply_body_is_no_media (OaiCall *call);

GError *oai_reply_body_new_no_object_error (void);
/* Creates the error for an object that is not the result of the request. */
GError *oai_reply_body_new_other_error (void);
/* Creates the error for a reply of another type than was requested, such as a web page.  data: the body or its
 * beginning. */
GError *oai_reply_body_new_foreign_error (OaiCall *call, const char *data, gsize length, const char *secret);
/* The same for a request for audio or images; if the body is an error, returns that error.  Takes
 * ownership of the body. */
GError *oai_reply_body_new_media_error (OaiCall *call, GBytes *body, const char *secret);

G_END_DECLS
