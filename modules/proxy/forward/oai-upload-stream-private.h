/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The body of a client's request, as the stream that the upstream request reads: bytes are read from the client only
 * as fast as the server accepts them. */

#pragma once

#include "oai-http-connection-private.h"
#include "oai-immediate-stream-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_UPLOAD_STREAM (oai_upload_stream_get_type ())
G_DECLARE_FINAL_TYPE (OaiUploadStream, oai_upload_stream, OAI, UPLOAD_STREAM, OaiImmediateStream)

/* Called with bytes before they are passed on; returns FALSE with an error to fail the request. */
typedef gboolean (*OaiUploadTap) (const char *data, gsize size, gpointer user_data, GError **error);

OaiUploadStream *oai_upload_stream_new (OaiHttpConnection *connection, OaiUploadTap tap, gpointer user_data);
/* The connection has more bytes. */
void oai_upload_stream_wake (OaiUploadStream *self);
/* The connection and the user data are no longer used: reading fails. */
void oai_upload_stream_disconnect (OaiUploadStream *self);

G_END_DECLS
