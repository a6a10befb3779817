/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Search for bytes in memory, also on systems without memmem(). */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* As memmem(): the first occurrence of needle in data, or NULL. */
_OAI_INTERNAL
gpointer oai_find_bytes (gconstpointer data, gsize length, gconstpointer needle, gsize needle_length);

G_END_DECLS
