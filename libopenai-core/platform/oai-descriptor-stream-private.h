/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Input streams that read from a file descriptor. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether the stream reads a regular file, which never blocks for long. */
gboolean oai_descriptor_stream_is_regular (GInputStream *stream);
/* The size of the regular file that the stream reads; -1 for other streams. */
gint64 oai_descriptor_stream_get_size (GInputStream *stream);

G_END_DECLS
