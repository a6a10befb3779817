/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds the main thread, whose main context is the global one. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether this is the first thread of the process.  Without a call for this, TRUE for each thread. */
gboolean oai_is_main_thread (void);

G_END_DECLS
