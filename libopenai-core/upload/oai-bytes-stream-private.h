/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A body of a request that is in memory. */

#pragma once

#include "oai-immediate-stream-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_BYTES_STREAM (oai_bytes_stream_get_type ())
G_DECLARE_FINAL_TYPE (OaiBytesStream, oai_bytes_stream, OAI, BYTES_STREAM, OaiImmediateStream)

GInputStream *oai_bytes_stream_new (GBytes *bytes);

G_END_DECLS
