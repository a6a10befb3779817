/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Between the files of core only. */

#pragma once

#include "oai-request-private.h"
#include "oai-stream-private.h"

G_BEGIN_DECLS

/* Takes request and error, of which one is NULL; without a request the client may be, too. */
OaiStream *oai_stream_new (GType type, OaiClient *client, OaiRequest *request, GType chunk_type, GError *error);
/* Reads to the end, and then ends the task with the result. */
void oai_stream_push (OaiStream *self, GTask *task);
/* Ends the task with a GPtrArray of what has arrived, max at most and one at least
 * unless the stream is over. */
void oai_stream_pull (OaiStream *self, GTask *task, guint max);

/* The events of a whole body at once, folded; takes the body. */
OaiRecord *oai_stream_fold_body (GType type, OaiClient *client, OaiCall *call, GType chunk_type, GBytes *body, const char *secret, GError **error);

G_END_DECLS
