/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The body of a reply that refuses a WebSocket connection.  libsoup reads and discards it; a
 * SoupLogger of the session is the only public interface that sees it. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* To be called before the session sends a message: libsoup releases a feature that was added later once
 * for each message that was queued before. */
void oai_refused_upgrade_watch_session (SoupSession *session);
/* Collects the body of the reply to the message, which must not be queued yet. */
void oai_refused_upgrade_watch_message (SoupMessage *message);
/* Returns the text that has arrived. */
GInputStream *oai_refused_upgrade_open_body (SoupMessage *message);

G_END_DECLS
