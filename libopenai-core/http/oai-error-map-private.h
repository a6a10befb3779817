/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates the errors of failed calls from replies, events and failures of the connection. */

#pragma once

#include "oai-call-private.h"
#include "oai-error.h"
#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* Reads an error in any of the formats that servers use.  message stays NULL if the body
 * contains no readable text. */
void oai_error_details_read (OaiErrorDetails *details, const char *body, gsize length, const char *secrets);
/* The same for parsed JSON.  Returns FALSE if the value is not an error.  flat: the value itself
 * is the error object, and does not contain one. */
gboolean oai_error_details_read_node (OaiErrorDetails *details, OaiJsonDoc *doc, OaiJsonNode node, gboolean flat);

int oai_error_code_for (guint status, const OaiErrorDetails *details);
/* The same for the name that a server gives to an error, such as "rate_limit_exceeded"; NULL if it
 * gives none. */
_OAI_INTERNAL
int oai_error_code_for_name (const char *name);

/* Sets the details of the call, and creates the error, which contains the message of the server.
 * secret: the text to redact, one secret on each line, or NULL. */
GError *oai_error_new_for_reply (OaiCall *call, GBytes *body, const char *secret);
/* For the status of a proxy that did not connect to a server. */
GError *oai_error_new_for_proxy (OaiCall *call, const char *host);
GError *oai_error_new_for_details (OaiCall *call, const OaiErrorDetails *details, const char *secret);
/* Returns the error of an event of a stream, or NULL: the event is called "error", or contains
 * an error. */
GError *oai_error_find_in_event (OaiCall *call, const char *event, OaiJsonDoc *doc, OaiJsonNode node, const char *secret);
/* The error for an event that is not JSON, with the message of the server if the event is called
 * "error".  Other events are not quoted. */
GError *oai_error_new_for_event (OaiCall *call, const char *event, const char *data, gsize length, const char *secret);
/* The error for a truncated reply. */
GError *oai_error_new_incomplete (const char *reason);
/* The error for a web page in place of JSON. */
GError *oai_error_new_for_page (OaiCall *call, const char *body, gsize length, const char *secret);
/* The error for a failure of the connection, in the domain of the library unless it is a
 * cancellation or a time-out.  call: NULL if a reply had begun.  socket_path: that of a UNIX socket, or
 * NULL. */
GError *oai_error_new_for_transport (const GError *cause, OaiCall *call, const char *socket_path);
GError *oai_error_new_cancelled (void);
/* The error for a reply that is larger than the setting max-reply-size. */
GError *oai_error_new_too_large (guint limit);
GError *oai_error_new_event_too_large (gsize limit);
/* The error for events that are larger in total than the setting max-stream-size. */
GError *oai_error_new_stream_too_large (guint limit);
/* The error for a redirect to another server that requires the body. */
GError *oai_error_new_untrusted_redirect (GUri *target);
/* The error for a redirect of a WebSocket connection to another server. */
GError *oai_error_new_foreign_socket (GUri *target);
/* The error for a redirect from a UNIX socket to another server. */
GError *oai_error_new_left_socket (GUri *target);
GError *oai_error_new_for_certificate (const char *host, GTlsCertificateFlags errors, const GError *cause);
GError *oai_error_new_timed_out (void);
/* The error for a time-out before the reply.  socket_path: of a UNIX socket; or NULL */
GError *oai_error_new_no_reply (OaiCall *call, const char *socket_path);
GError *oai_error_new_offline (OaiCall *call);

G_END_DECLS
