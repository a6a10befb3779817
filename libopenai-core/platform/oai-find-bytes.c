/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-find-bytes-private.h"

#include <string.h>

#include "oai-platform-private.h"

#ifdef OAI_HAVE_UNIX

gpointer
oai_find_bytes (gconstpointer data, gsize length, gconstpointer needle, gsize needle_length)
{
  return memmem (data, length, needle, needle_length);
}

#else

gpointer
oai_find_bytes (gconstpointer data, gsize length, gconstpointer needle, gsize needle_length)
{
  const char *start = data;

  if (needle_length == 0)
    return (gpointer) data;

  for (; length >= needle_length; start++, length--)
    {
      const char *found = memchr (start, *(const char *) needle, length - needle_length + 1);

      if (found == NULL)
        return NULL;
      length -= found - start;
      start = found;
      if (memcmp (start, needle, needle_length) == 0)
        return (gpointer) start;
    }

  return NULL;
}

#endif
