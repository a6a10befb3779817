/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What lies somewhere on the web, such as a picture that a server has made. */

#pragma once

#include "oai-client.h"

G_BEGIN_DECLS

/* Gets the address with nothing of the client but its connections and time-outs:
 * no credentials and none of the headers of its settings.  client: nullable. */
_OAI_INTERNAL
void oai_plain_open_async (OaiClient *client, const char *url, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
_OAI_INTERNAL
GInputStream *oai_plain_open_finish (GAsyncResult *result, GError **error);

/* All that a stream has, and closes it; fails where it is more than limit. */
_OAI_INTERNAL
void oai_plain_read_async (GInputStream *stream, gsize limit, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
_OAI_INTERNAL
GBytes *oai_plain_read_finish (GAsyncResult *result, GError **error);

G_END_DECLS
