/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates the SoupMessage of one attempt of a request. */

#pragma once

#include "oai-client-private.h"
#include "oai-name-values-private.h"

G_BEGIN_DECLS

typedef struct
{
  OaiRequest *request;
  OaiSettings *settings;
  OaiAuth *auth;        /* or NULL */
  const char *token;    /* or NULL; empty for a server that requires none */
  const char *method;   /* of the request, unless a redirect changed it */
  GUri *uri;
  guint attempt;        /* from 1 */
  gboolean with_body;
  gboolean with_credentials;
  gboolean repaired;    /* the server refused another body of this request */
  gboolean streamed;    /* the body is read as it arrives */
} OaiMessageSpec;

/* Returns the secrets to redact in text of the server, one on each line: the token, the values of
 * headers of the program that contain credentials, and the values of its query parameters.  Free
 * with oai_secret_free().  NULL if there are no secrets. */
char *oai_message_builder_dup_secrets (const OaiMessageSpec *spec);

/* Whether the program sets an Authorization or api-key header.  options: nullable */
gboolean oai_message_builder_has_own_credentials (OaiSettings *settings, OaiCallOptions *options);

/* Whether the program sets any header or parameter of the query with credentials.  options: nullable */
gboolean oai_message_builder_has_any_credentials (OaiSettings *settings, OaiCallOptions *options);

/* Whether a header is only sent to the origin that the program specified. */
gboolean oai_message_builder_is_credential (const char *name);
/* Calls func with the headers that replace those of a request that is passed through: without a value for those that are
 * removed. */
void oai_message_builder_foreach_own_header (const OaiMessageSpec *spec, OaiNameValueFunc func, gpointer user_data);
/* Whether credentials may be sent to the server.  has_header: whether a header contains some. */
gboolean oai_message_builder_check_secure (const OaiMessageSpec *spec, gboolean has_header, GError **error);

SoupMessage *oai_message_builder_new (const OaiMessageSpec *spec, GError **error);
/* Sets the body again, which libsoup drops when it sends a message again: after authentication,
 * or if the connection was closed.  On error, the message cannot be sent, not even without a
 * body. */
gboolean oai_message_builder_renew_body (SoupMessage *message, OaiRequest *request, GError **error);
/* Makes a message that was abandoned fail if libsoup sends it again, instead of sending it
 * without its body. */
void oai_message_builder_break_body (SoupMessage *message);

G_END_DECLS
