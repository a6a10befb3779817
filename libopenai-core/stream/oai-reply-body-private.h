/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the body of a reply that is read as a whole. */

#pragma once

#include "oai-call.h"
#include "oai-json-doc-private.h"
#include "oai-request-private.h"

G_BEGIN_DECLS

/* Parses a JSON reply.  An error that came with status 200 is reported as an error, and so is
 * anything after the value.  Takes the body. */
OaiJsonDoc *oai_reply_body_parse (OaiCall *call, GBytes *body, const char *secret, GError **error);
/* Parses the first value of a reply to a request for a stream: JSON, or text that becomes
 * text_member (nullable).  Sets used to its length.  Does not look for errors in it.  Takes the
 * body. */
OaiJsonDoc *oai_reply_body_parse_first (OaiCall *call, const char *text_member, OaiFormat format, GBytes *body, gsize *used, GError **error);
/* Whether it may be a result: an object, and no error that came with status 200. */
gboolean oai_reply_body_check (OaiCall *call, OaiJsonDoc *doc, const char *secret, GError **error);
/* The text of a JSON reply, after a check for errors that came with status 200; NULL with no
 * error for an empty one. */
char *oai_reply_body_dup_text (OaiCall *call, GBytes *body, const char *secret, GError **error);

/* Whether the body is an event stream, even if the request did not request one. */
gboolean oai_reply_body_is_event_stream (OaiCall *call, GBytes *body);
/* Whether the body is the HTML page of a proxy or of a login. */
gboolean oai_reply_body_is_page (OaiCall *call, GBytes *body);
/* Whether the body is the text of text_member, plain or as a JSON string, and not JSON that has
 * it. */
gboolean oai_reply_body_is_text (OaiCall *call, const char *text_member, OaiFormat format, GBytes *body);
/* A document that has the text as its only member.  Takes the body. */
OaiJsonDoc *oai_reply_body_new_text_doc (const char *text_member, GBytes *body);
/* Whether the head of a reply to a request for audio or images says that it is neither. */
gboolean oai_reply_body_is_no_media (OaiCall *call);

GError *oai_reply_body_new_no_object_error (OaiCall *call);
/* The reply is of another type than was requested. */
GError *oai_reply_body_new_foreign_error (OaiCall *call);
/* The same for a request for audio or images; the error that the body is, if it is one.  Takes the
 * body. */
GError *oai_reply_body_new_media_error (OaiCall *call, GBytes *body, const char *secret);

G_END_DECLS
