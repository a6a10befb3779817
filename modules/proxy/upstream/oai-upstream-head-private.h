/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the heads of replies by RFC 9112: what two readers could understand differently is refused. */

#pragma once

#include "oai-http-head-private.h"

G_BEGIN_DECLS

typedef struct
{
  guint status;          /* 100 to 599 */
  guint minor_version;
  OaiHttpFields *fields; /* Values can have bytes that are not UTF-8. */
  gint64 content_length; /* -1 if there is none */
  gboolean chunked;
  gboolean keep_alive;
} OaiUpstreamHead;

/* Returns the size of the head at the beginning of data, or 0 if more bytes are needed, or if it is refused.  Call it
 * again with the same scan after more bytes were appended. */
gsize oai_upstream_head_find_end (OaiHttpScan *scan, const char *data, gsize length, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal);
/* Returns NULL if the head, of this length, is refused.  settings: complete ones. */
OaiUpstreamHead *oai_upstream_head_parse (const char *data, gsize length, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal);
void oai_upstream_head_free (OaiUpstreamHead *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiUpstreamHead, oai_upstream_head_free)

G_END_DECLS
