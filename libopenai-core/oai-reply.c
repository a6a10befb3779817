/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-reply-private.h"

#include <libsoup/soup.h>
#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"

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

static gboolean
is_http (GUri *uri)
{
  const char *scheme = g_uri_get_scheme (uri);
  const char *host = g_uri_get_host (uri);

  return (g_strcmp0 (scheme, "http") == 0 || g_strcmp0 (scheme, "https") == 0) && host != NULL && *host != '\0';
}

GUri *
oai_reply_parse_url (const char *url, GError **error)
{
  g_autoptr(GError) cause = NULL;
  g_autoptr(GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, &cause);
  g_autofree char *shown = NULL;

  if (uri != NULL && is_http (uri))
    return g_steal_pointer (&uri);

  shown = g_strndup (url, strcspn (url, "?#"));
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is not the address of a server: %s"), shown,
               cause != NULL ? cause->message : _("The address of the server is empty"));

  return NULL;
}

GUri *
oai_reply_resolve_location (GUri *from, const char *location)
{
  g_autoptr(GUri) target = location != NULL ? g_uri_parse_relative (from, location, SOUP_HTTP_URI_FLAGS, NULL) : NULL;

  return target != NULL && is_http (target) ? g_steal_pointer (&target) : NULL;
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
