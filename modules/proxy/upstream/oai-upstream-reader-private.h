/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the reply to one request from bytes in chunks of any size: interim replies, the head, and the body. */

#pragma once

#include "oai-http-body-private.h"
#include "oai-upstream-head-private.h"

G_BEGIN_DECLS

/* The number of interim replies before the final one. */
#define OAI_UPSTREAM_MAX_INTERIM 100

typedef struct
{
  gboolean without_body; /* the request has the method HEAD */
  OaiHttpSettings settings;
  OaiHttpScan scan;
  guint n_interim;
  OaiUpstreamHead *head; /* the final one, when it has arrived */
  OaiHttpBody body;
  gboolean until_end;    /* the body ends with the connection */
} OaiUpstreamReader;

/* method: of the request.  settings: limits of the head and the trailers; NULL for the default values, which are larger
 * than those of requests. */
void oai_upstream_reader_init (OaiUpstreamReader *self, const char *method, const OaiHttpSettings *settings);
void oai_upstream_reader_clear (OaiUpstreamReader *self);

/* Reads the next head at the beginning of data.  Returns its size, which the caller removes from data; 0 if more bytes
 * are needed, or if it is refused.  If head is still NULL after a head, it was an interim one. */
gsize oai_upstream_reader_take_head (OaiUpstreamReader *self, const char *data, gsize length, const OaiHttpRefusal **refusal);
/* After the head: decodes the body in place.  Returns how many bytes of it are at the beginning of data now.  At the
 * end, the bytes from *used on do not belong to the reply. */
gsize oai_upstream_reader_decode (OaiUpstreamReader *self, char *data, gsize length, gsize *used, const OaiHttpRefusal **refusal);
/* Whether the reply has ended, by its framing. */
gboolean oai_upstream_reader_is_complete (const OaiUpstreamReader *self);
/* Whether the reply is complete if the connection has ended. */
gboolean oai_upstream_reader_may_end (const OaiUpstreamReader *self);
/* The length of the body that the client receives, or would receive; -1 if it is not known. */
gint64 oai_upstream_reader_get_length (const OaiUpstreamReader *self);

G_END_DECLS
