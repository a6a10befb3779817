/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-large-pages-private.h"

#include "oai-platform-private.h"

#ifdef OAI_HAVE_LINUX

#include <sys/mman.h>

/* The largest size of normal pages. */
#define ALIGNMENT (64 * 1024)

void
oai_large_pages_advise (gpointer data, gsize size)
{
  guintptr start = ((guintptr) data + ALIGNMENT - 1) & ~(guintptr) (ALIGNMENT - 1);
  guintptr end = ((guintptr) data + size) & ~(guintptr) (ALIGNMENT - 1);

  if (start < end)
    madvise ((gpointer) start, end - start, MADV_HUGEPAGE);
}

#else

void
oai_large_pages_advise (gpointer data, gsize size)
{
}

#endif
