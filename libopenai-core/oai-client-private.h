/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-call.h"
#include "oai-client.h"
#include "oai-request-private.h"

G_BEGIN_DECLS

/* The session to use in the thread-default main context; a connection never
 * moves between contexts. */
SoupSession *oai_client_ref_session (OaiClient *self);
/* The credentials to use: NULL with an error where none are found and the server
 * needs some; NULL without one where it may do without. */
OaiAuth *oai_client_ref_auth (OaiClient *self, GError **error);
void oai_client_announce (OaiClient *self, OaiCall *call);
void oai_client_remember_failure (OaiClient *self, OaiCall *call);

/* The limits that hold for a call. */
guint oai_client_get_limit (guint of_settings, int of_options);

G_END_DECLS
