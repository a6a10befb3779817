/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-redirect-private.h"

#include "oai-content-decoder-private.h"
#include "oai-i18n-private.h"
#include "oai-url-private.h"

gboolean
oai_redirect_is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

gboolean
oai_redirect_becomes_get (guint status, const char *method)
{
  return status == 303 || ((status == 301 || status == 302) && g_strcmp0 (method, "POST") == 0);
}

static gboolean
is_http (GUri *uri)
{
  const char *scheme = g_uri_get_scheme (uri);
  const char *host = g_uri_get_host (uri);

  return (g_strcmp0 (scheme, "http") == 0 || g_strcmp0 (scheme, "https") == 0) && host != NULL && oai_url_host_is_valid (host);
}

GUri *
oai_redirect_parse_url (const char *url, GError **error)
{
  g_autoptr(GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);

  if (uri == NULL)
    oai_url_refuse_text (error, url);
  else if (oai_url_check_http (uri, url, error))
    return g_steal_pointer (&uri);

  return NULL;
}

GUri *
oai_redirect_resolve_location (GUri *from, const char *location)
{
  g_autoptr(GUri) target = location != NULL ? g_uri_parse_relative (from, location, SOUP_HTTP_URI_FLAGS, NULL) : NULL;

  return target != NULL && is_http (target) ? g_steal_pointer (&target) : NULL;
}

/* The length of a body, if the server tells one; libsoup reads as a number what is none. */
static gboolean
has_good_length (SoupMessageHeaders *headers)
{
  const char *length = soup_message_headers_get_one (headers, "Content-Length");

  return length == NULL || g_ascii_isdigit (*length);
}

GInputStream *
oai_content_decoder_wrap (GInputStream *body, SoupMessageHeaders *headers)
{
  const char *encoding = soup_message_headers_get_list (headers, "Content-Encoding");
  g_autoptr(GInputStream) encoded = body;
  g_autoptr(GConverter) decoder = NULL;

  if (!has_good_length (headers))
    decoder = oai_content_decoder_new_failing (_("The server tells a length of the reply that is no number"));
  else if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    decoder = oai_content_decoder_new (encoding);
  if (decoder == NULL)
    return g_steal_pointer (&encoded);

  return g_converter_input_stream_new (encoded, decoder);
}
