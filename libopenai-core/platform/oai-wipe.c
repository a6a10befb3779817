/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-wipe-private.h"

#include "oai-platform-private.h"

#include <string.h>

#ifdef OAI_HAVE_EXPLICIT_BZERO

void
oai_wipe (gpointer data, gsize size)
{
  explicit_bzero (data, size);
}

#else

void
oai_wipe (gpointer data, gsize size)
{
  volatile guint8 *bytes = data;

  for (gsize i = 0; i < size; i++)
    bytes[i] = 0;
}

#endif
