/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A source that runs the sources of another main context. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* While outer is iterated, the sources of inner run as well, with inner as the thread-default main
 * context.  The thread has acquired both.  Returns NULL if outer has such a source already. */
GSource *oai_context_source_attach (GMainContext *inner, GMainContext *outer);

G_END_DECLS
