/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-buffer-private.h"

#include "oai-large-pages-private.h"

#define FIRST_SIZE (8 * 1024)
/* libsoup reads the end of a chunked body only if there is room for the last chunk line. */
#define MIN_ROOM 512
/* The length that a server announces is only trusted up to this size. */
#define MAX_HINT (128 * 1024 * 1024)
/* Smaller buffers do not use large pages, since the time that is saved does not justify the memory
 * that may be unused. */
#define MIN_LARGE (32 * 1024 * 1024)

char *
oai_buffer_reserve (OaiBuffer *self, gsize hint, gsize *size)
{
  if (self->size - self->length < MIN_ROOM)
    {
      self->size = self->size > 0 ? self->size * 2 : MAX (FIRST_SIZE, MIN (hint, MAX_HINT) + MIN_ROOM);
      self->data = g_realloc (self->data, self->size);
      if (self->size >= MIN_LARGE)
        oai_large_pages_advise (self->data, self->size);
    }
  *size = self->size - self->length;

  return self->data + self->length;
}

GBytes *
oai_buffer_steal_bytes (OaiBuffer *self)
{
  GBytes *bytes = g_bytes_new_take (g_steal_pointer (&self->data), self->length);

  self->length = self->size = 0;

  return bytes;
}

void
oai_buffer_clear (OaiBuffer *self)
{
  g_clear_pointer (&self->data, g_free);
  self->length = self->size = 0;
}
