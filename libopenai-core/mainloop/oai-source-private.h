/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Destroys a source and drops the reference to it. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

static inline void
oai_drop_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

G_END_DECLS
