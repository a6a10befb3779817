/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory that grows while bytes are read into it. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Empty when all its bytes are 0. */
typedef struct
{
  char *data;
  gsize length; /* bytes that were committed */
  gsize size;   /* bytes that are allocated */
} OaiBuffer;

/* Returns the end of the data, with room for at least 512 bytes; *size is set to the room.
 * After writing there, add the number of bytes to length.  hint: the expected total size, or 0. */
char *oai_buffer_reserve (OaiBuffer *self, gsize hint, gsize *size);
/* Returns the bytes, and leaves the buffer empty. */
GBytes *oai_buffer_steal_bytes (OaiBuffer *self);
void oai_buffer_clear (OaiBuffer *self);

G_END_DECLS
