/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What G_MESSAGES_DEBUG=Oai shows: one line an event of an exchange.  No header,
 * no value of a query and no body ever gets there. */

#pragma once

#include "oai-call.h"
#include "oai-redact-private.h"

G_BEGIN_DECLS

/* The URL without user, password, URL fragment and the values of its query. */
char *oai_log_dup_url (GUri *uri);
void oai_log_head (OaiCall *call);
void oai_log_retry (OaiCall *call, double delay);
/* secrets: what was sent, and is not shown where the server names it; one a line, or NULL. */
void oai_log_redirect (OaiCall *call, GUri *target, const char *secrets);
void oai_log_end (OaiCall *call, const GError *error);

G_END_DECLS
