/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Events in the reply to an HTTP request: server-sent events, JSON Lines, or one whole reply. */

#pragma once

#include "oai-event-source-private.h"
#include "oai-request-private.h"

G_BEGIN_DECLS

/* Takes ownership of the request, which is sent when the source starts. */
OaiEventSource *oai_http_event_source_new (OaiClient *client, OaiRequest *request);
/* Creates a source for a body that has arrived; it is ready when it starts.  Takes ownership of the
 * body. */
OaiEventSource *oai_http_event_source_new_for_body (OaiCall *call, GBytes *body, const char *secret);

G_END_DECLS
