/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-call-private.h"
#include "oai-error.h"
#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* Reads any shape of error that servers answer with; message stays NULL when the
 * body says nothing that a person could read. */
void oai_error_details_read (OaiErrorDetails *details, const char *body, gsize length, const char *secrets);
/* The same of JSON that was parsed; FALSE when the value is no error. flat: the
 * value itself is the error object, not a holder of one. */
gboolean oai_error_details_read_node (OaiErrorDetails *details, OaiJsonDoc *doc, OaiJsonNode node, gboolean flat);

int oai_error_code_for (guint status, const OaiErrorDetails *details);

/* Stores the details in the call, and creates the error with the text of the server and the
 * request id.  secret: values to redact, one per line, or NULL. */
GError *oai_error_new_for_reply (OaiCall *call, GBytes *body, const char *secret);
GError *oai_error_new_for_details (OaiCall *call, const OaiErrorDetails *details, const char *secret);
/* The error that an event of a stream is, or NULL: one called "error" of any shape,
 * or one that holds an error. */
GError *oai_error_find_in_event (OaiCall *call, const char *event, OaiJsonDoc *doc, OaiJsonNode node, const char *secret);
/* An event that is no JSON.  Nothing of it is quoted. */
GError *oai_error_new_malformed (OaiCall *call);
/* The same, unless the name of the event is "error", in which case its text is reported. */
GError *oai_error_new_for_event (OaiCall *call, const char *event, const char *data, gsize length, const char *secret);
/* A truncated reply. */
GError *oai_error_new_incomplete (OaiCall *call, const char *reason);
/* A failure of the connection: in the library's domain, unless it is cancellation or a time-out.
 * url: where no reply came from; NULL when one had begun. */
GError *oai_error_new_for_transport (const GError *cause, const char *url);
GError *oai_error_new_cancelled (void);
/* A reply is larger than the setting max-reply-size. */
GError *oai_error_new_too_large (guint limit);
/* A redirect leads to another server, and wants the body. */
GError *oai_error_new_untrusted_redirect (GUri *target);
GError *oai_error_new_for_certificate (const char *host, GTlsCertificateFlags errors, const GError *cause);
GError *oai_error_new_timed_out (void);

G_END_DECLS
