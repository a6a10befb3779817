/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loads what a URL in a reply points to, such as an image, with an exchange that sends no
 * credentials. */

#pragma once

#include "oai-client.h"

G_BEGIN_DECLS

/* client (nullable): its sessions, time-outs and limits are used.  A URL that is not http or
 * https is OAI_ERROR_PROTOCOL, since it comes from a server. */

/* Opens the body as a stream. */
_OAI_INTERNAL
void oai_external_url_open_async (OaiClient *client, const char *url, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
_OAI_INTERNAL
GInputStream *oai_external_url_open_finish (GAsyncResult *result, GError **error);

/* Loads the body into memory, up to the setting max-reply-size. */
_OAI_INTERNAL
void oai_external_url_load_async (OaiClient *client, const char *url, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
_OAI_INTERNAL
GBytes *oai_external_url_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
