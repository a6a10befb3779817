/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Between the files of core only. */

#pragma once

#include "oai-request-private.h"
#include "oai-stream-private.h"

G_BEGIN_DECLS

/* Takes request and error, of which one is NULL. */
OaiStream *oai_stream_new (GType type, OaiClient *client, OaiRequest *request, GType chunk_type, GError *error);
/* The events of a whole body at once, folded; takes the body. */
OaiRecord *oai_stream_fold_body (GType type, OaiClient *client, OaiCall *call, GType chunk_type, GBytes *body, const char *secret, GError **error);

G_END_DECLS
