/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-link-file-private.h"

#include "oai-platform-private.h"

#ifdef OAI_HAVE_UNIX

#include <errno.h>
#include <unistd.h>

/* rename() would replace a file that was created meanwhile; link() does not. */
gboolean
oai_link_file (GFile *from, GFile *to, GError **error)
{
  g_autofree char *from_path = g_file_get_path (from);
  g_autofree char *to_path = g_file_get_path (to);

  if (!g_file_is_native (to) || from_path == NULL || to_path == NULL)
    return FALSE;
  if (link (from_path, to_path) == 0)
    {
      unlink (from_path);
      return TRUE;
    }
  if (errno == EEXIST)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS, g_strerror (EEXIST));

  return FALSE;
}

#else

gboolean
oai_link_file (GFile *from, GFile *to, GError **error)
{
  return FALSE;
}

#endif
