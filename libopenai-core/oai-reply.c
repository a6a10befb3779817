/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-reply-private.h"

#include <libsoup/soup.h>

gboolean
oai_reply_is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

gboolean
oai_reply_becomes_get (guint status, const char *method)
{
  return status == 303 || ((status == 301 || status == 302) && g_strcmp0 (method, "POST") == 0);
}

GUri *
oai_reply_resolve_location (GUri *from, const char *location)
{
  g_autoptr(GUri) target = NULL;
  const char *scheme;
  const char *host;

  if (location == NULL)
    return NULL;
  target = g_uri_parse_relative (from, location, SOUP_HTTP_URI_FLAGS, NULL);
  if (target == NULL)
    return NULL;

  scheme = g_uri_get_scheme (target);
  host = g_uri_get_host (target);
  if ((g_strcmp0 (scheme, "http") != 0 && g_strcmp0 (scheme, "https") != 0) || host == NULL || *host == '\0')
    return NULL;

  return g_steal_pointer (&target);
}

GInputStream *
oai_reply_decode (GInputStream *body, const char *encoding)
{
  GZlibCompressorFormat format = G_ZLIB_COMPRESSOR_FORMAT_GZIP;
  g_autoptr(GZlibDecompressor) decompressor = NULL;
  g_autoptr(GInputStream) encoded = body;

  if (encoding == NULL || g_ascii_strcasecmp (encoding, "identity") == 0)
    return g_steal_pointer (&encoded);
  if (g_ascii_strcasecmp (encoding, "deflate") == 0)
    format = G_ZLIB_COMPRESSOR_FORMAT_ZLIB;

  decompressor = g_zlib_decompressor_new (format);

  return g_converter_input_stream_new (encoded, G_CONVERTER (decompressor));
}
