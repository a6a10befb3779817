/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An incremental parser for the event streams of the WHATWG HTML specification. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef struct
{
  const char *event;  /* NUL-terminated; NULL if there was no event field */
  char *data;         /* NUL-terminated; may be modified in place */
  gsize length;
  const char *id;     /* last event id, or NULL */
  gint64 retry;       /* last requested delay in milliseconds, or -1 */
} OaiSseEvent;

typedef struct _OaiSseParser OaiSseParser;

_OAI_INTERNAL
OaiSseParser *oai_sse_parser_new (void);
_OAI_INTERNAL
void oai_sse_parser_free (OaiSseParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiSseParser, oai_sse_parser_free)
/* Sets the size limit of an event; 0 for no limit.  The default is 64 MiB.  A larger event is an
 * error. */
_OAI_INTERNAL
void oai_sse_parser_set_max_event (OaiSseParser *parser, gsize bytes);
/* Returns a buffer of at least size bytes for the next bytes. */
_OAI_INTERNAL
char *oai_sse_parser_reserve (OaiSseParser *parser, gsize size);
/* Reports how many bytes were written to the buffer. */
_OAI_INTERNAL
void oai_sse_parser_commit (OaiSseParser *parser, gsize size);
/* Gets the next complete event; its strings are valid until the next call of reserve or next.
 * Returns FALSE without error if more bytes are needed. */
_OAI_INTERNAL
gboolean oai_sse_parser_next (OaiSseParser *parser, OaiSseEvent *event, GError **error);
/* Returns the last event id, also that of an event that is incomplete or has no data; NULL if there is none. */
_OAI_INTERNAL
const char *oai_sse_parser_get_last_id (OaiSseParser *parser);
/* After the last byte: returns whether an event is incomplete.  Comments do not count. */
gboolean oai_sse_parser_has_remainder (OaiSseParser *parser);
/* After the last byte: returns the incomplete event, once.  The specification drops it, but some
 * servers omit the line ends after "data: [DONE]". */
gboolean oai_sse_parser_take_remainder (OaiSseParser *parser, OaiSseEvent *event);

G_END_DECLS
