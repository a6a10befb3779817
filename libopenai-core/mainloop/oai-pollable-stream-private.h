/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The base class of the input streams of core.  They can be polled, and closing them does not
 * block.  A stream that always has bytes implements only read(). */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

#define OAI_TYPE_POLLABLE_STREAM (oai_pollable_stream_get_type ())
_OAI_INTERNAL
G_DECLARE_DERIVABLE_TYPE (OaiPollableStream, oai_pollable_stream, OAI, POLLABLE_STREAM, GInputStream)

struct _OaiPollableStreamClass
{
  GInputStreamClass parent_class;

  /* Fails with G_IO_ERROR_WOULD_BLOCK if blocking is FALSE and there are no bytes yet. */
  gssize (*read) (OaiPollableStream *self, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error);
  gboolean (*is_readable) (OaiPollableStream *self);
  /* Creates the source for which the next read waits.  NULL if it does not wait. */
  GSource *(*create_child) (OaiPollableStream *self);
  /* Must not block. */
  void (*close) (OaiPollableStream *self);
};

G_END_DECLS
