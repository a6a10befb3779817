/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-descriptor-stream-private.h"

#include "oai-platform-private.h"

#ifdef OAI_HAVE_GIO_UNIX

#include <gio/gfiledescriptorbased.h>
#include <sys/stat.h>

gint64
oai_descriptor_stream_get_size (GInputStream *stream)
{
  struct stat info;

  if (!G_IS_FILE_DESCRIPTOR_BASED (stream)
      || fstat (g_file_descriptor_based_get_fd (G_FILE_DESCRIPTOR_BASED (stream)), &info) != 0
      || !S_ISREG (info.st_mode))
    return -1;

  return info.st_size;
}

#else

/* A local file is the only GIO stream that shows its size without waiting. */
gint64
oai_descriptor_stream_get_size (GInputStream *stream)
{
  g_autoptr(GFileInfo) info = NULL;

  if (g_strcmp0 (G_OBJECT_TYPE_NAME (stream), "GLocalFileInputStream") != 0)
    return -1;

  info = g_file_input_stream_query_info (G_FILE_INPUT_STREAM (stream), G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE, NULL, NULL);

  return info != NULL && g_file_info_get_file_type (info) == G_FILE_TYPE_REGULAR ? g_file_info_get_size (info) : -1;
}

#endif

gboolean
oai_descriptor_stream_is_regular (GInputStream *stream)
{
  return oai_descriptor_stream_get_size (stream) >= 0;
}
