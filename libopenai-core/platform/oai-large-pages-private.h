/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Large blocks of memory. */

#pragma once

#include <glib.h>
#include <sys/mman.h>

G_BEGIN_DECLS

/* Says of a block that will be filled from front to back that large pages suit
 * it: much of the time that a reply of many megabytes takes would else go
 * into the making of small ones. */
static inline void
oai_large_pages_advise (gpointer data, gsize size)
{
#ifdef MADV_HUGEPAGE
  const guintptr page = 64 * 1024; /* the largest of those that are called small */
  guintptr start = ((guintptr) data + page - 1) & ~(page - 1);
  guintptr end = ((guintptr) data + size) & ~(page - 1);

  if (start < end)
    madvise ((gpointer) start, end - start, MADV_HUGEPAGE);
#endif
}

G_END_DECLS
