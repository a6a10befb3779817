/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-client-private.h"

G_BEGIN_DECLS

typedef struct
{
  OaiRequest *request;
  OaiSettings *settings;
  OaiAuth *auth;        /* or NULL */
  const char *token;    /* or NULL; empty for a server that wants none */
  const char *method;   /* that of the request, unless a redirect changed it */
  GUri *uri;
  guint attempt;        /* from 1 */
  gboolean with_body;
  gboolean with_credentials;
  gboolean streamed;    /* the body is wanted as it arrives */
} OaiMessageSpec;

/* The values to redact in replies, one per line: the token, and the values of the program's
 * headers with credentials and of its query parameters.  Free it with oai_secret_free();
 * NULL if there are none. */
char *oai_message_builder_dup_secrets (const OaiMessageSpec *spec);

/* Whether the program sends an Authorization or api-key header of its own. options: or NULL. */
gboolean oai_message_builder_has_own_credentials (OaiSettings *settings, OaiCallOptions *options);

SoupMessage *oai_message_builder_new (const OaiMessageSpec *spec, GError **error);
/* libsoup drops the body when it sends a message again: after authentication, or over
 * another connection when the first was closed.  This sets it again, from its start.
 * On error, the message cannot be sent, not even without a body. */
gboolean oai_message_builder_renew_body (SoupMessage *message, OaiRequest *request, GError **error);
/* A message that is sent again after it was abandoned fails, instead of being sent empty. */
void oai_message_builder_break_body (SoupMessage *message);

G_END_DECLS
