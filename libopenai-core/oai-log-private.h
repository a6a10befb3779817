/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What G_MESSAGES_DEBUG=Oai shows: one line an event of an exchange.  No header,
 * no value of a query and no body ever gets there. */

#pragma once

#include "oai-call.h"

G_BEGIN_DECLS

/* The URL without user, password, fragment and the values of its query. */
char *oai_log_dup_url (GUri *uri);
/* secret: the token that was sent, which servers may echo, or NULL. */
void oai_log_head (OaiCall *call, const char *secret);
void oai_log_retry (OaiCall *call, double delay);
void oai_log_redirect (OaiCall *call, GUri *target);
void oai_log_end (OaiCall *call, const GError *error);

G_END_DECLS
