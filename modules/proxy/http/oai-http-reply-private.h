/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writes the heads of replies. */

#pragma once

#include "oai-http-head-private.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_HTTP_FRAMING_NONE,    /* no body, or one that ends with the connection */
  OAI_HTTP_FRAMING_LENGTH,
  OAI_HTTP_FRAMING_CHUNKED,
} OaiHttpFraming;

typedef struct
{
  guint status;
  OaiHttpFraming framing;
  gint64 length;
  const char *connection; /* value of Connection, or NULL */
  const char *date;       /* value of Date, if the fields contain none; NULL for interim replies */
} OaiHttpReplyHead;

/* Appends the head.  fields: may be NULL; those that concern the connection or the framing, and
 * those that are invalid, are ignored. */
void oai_http_reply_head_write (const OaiHttpReplyHead *self, OaiHttpFields *fields, GString *text);
/* Whether replies with the status never have a body. */
gboolean oai_http_status_has_no_body (guint status);

G_END_DECLS
