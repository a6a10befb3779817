/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-call.h"
#include "oai-client.h"
#include "oai-request-private.h"

G_BEGIN_DECLS

/* The session for one request, in the thread-default main context.
 * may_block: reading the body may have to wait for its source. */
SoupSession *oai_client_acquire_session (OaiClient *self, GUri *uri, gboolean may_block);
/* Which version of HTTP the server answered with. */
void oai_client_note_version (OaiClient *self, SoupSession *session, SoupHTTPVersion version);
/* The request is over.  Takes the session. */
void oai_client_release_session (OaiClient *self, SoupSession *session);
/* The credentials to use: NULL with an error where none are found and the server
 * needs some; NULL without one where it may do without. */
OaiAuth *oai_client_ref_auth (OaiClient *self, GError **error);
void oai_client_announce (OaiClient *self, OaiCall *call);
void oai_client_remember_failure (OaiClient *self, OaiCall *call);

/* The limits that hold for a call. */
guint oai_client_get_limit (guint of_settings, int of_options);

G_END_DECLS
