/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The body of a reply that refuses a WebSocket connection.  libsoup reads and discards it; a
 * SoupLogger of the session is the only public interface that sees it. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _OaiRefusedUpgrade OaiRefusedUpgrade;

/* To be called before the message is sent. */
OaiRefusedUpgrade *oai_refused_upgrade_new (SoupSession *session, SoupMessage *message);
void oai_refused_upgrade_free (OaiRefusedUpgrade *self);
/* Returns the text that has arrived. */
GInputStream *oai_refused_upgrade_open_body (OaiRefusedUpgrade *self);

G_END_DECLS
