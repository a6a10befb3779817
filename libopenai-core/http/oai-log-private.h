/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The log that G_MESSAGES_DEBUG=Oai shows, one line for each event of an exchange.  It contains
 * no headers, no values of a query and no bodies. */

#pragma once

#include "oai-call.h"

G_BEGIN_DECLS

/* The URL without user, password, URL fragment and the values of its query. */
char *oai_log_dup_url (GUri *uri);
/* These also record marks for Sysprof. */
void oai_log_head (OaiCall *call);
void oai_log_retry (OaiCall *call, double delay);
/* The request was adapted to the server. */
void oai_log_adaptations (OaiCall *call);
void oai_log_redirect (OaiCall *call);
void oai_log_end (OaiCall *call, const GError *error);

G_END_DECLS
