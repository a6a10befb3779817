/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The event-stream parser of the WHATWG HTML specification, incremental. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef struct
{
  const char *event;  /* NUL-terminated; NULL when there was no event field */
  char *data;         /* NUL-terminated and writable: parse it in place */
  gsize length;
  const char *id;     /* last event id, or NULL */
  gint64 retry;       /* last requested delay in milliseconds, or -1 */
} OaiSseEvent;

typedef struct _OaiSseParser OaiSseParser;

OaiSseParser *oai_sse_parser_new (void);
void oai_sse_parser_free (OaiSseParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiSseParser, oai_sse_parser_free)
/* An event larger than this fails the stream; 64 MiB unless set, 0 for no limit. */
void oai_sse_parser_set_max_event (OaiSseParser *parser, gsize bytes);
/* Room to read the next bytes into: at least size bytes. */
char *oai_sse_parser_reserve (OaiSseParser *parser, gsize size);
/* That many bytes were written into the room. */
void oai_sse_parser_commit (OaiSseParser *parser, gsize size);
/* The next whole event; its strings stay until the next call of reserve or next.
 * FALSE with no error: more bytes are wanted. */
gboolean oai_sse_parser_next (OaiSseParser *parser, OaiSseEvent *event, GError **error);
/* The source ended: TRUE when bytes of an undispatched event are left over
 * (a comment is none). */
gboolean oai_sse_parser_has_remainder (OaiSseParser *parser);
/* The source ended: the event that no blank line came after, with an unterminated
 * line counted as ended.  The specification drops it; servers that forget the
 * last line end after "data: [DONE]" do not mean that.  Once. */
gboolean oai_sse_parser_take_remainder (OaiSseParser *parser, OaiSseEvent *event);

G_END_DECLS
