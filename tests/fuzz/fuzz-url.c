/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* URLs and their parts: requests are sent to an accepted base URL exactly as it was checked,
 * and parameters never leave their segment. */

#include "fuzz.h"

#include "oai-request-url-private.h"
#include "oai-settings-private.h"
#include "oai-path-template-private.h"
#include "oai-query-private.h"
#include "oai-server-address-private.h"
#include "oai-base-url-private.h"
#include "oai-url-private.h"

#include <libsoup/soup.h>
#include <string.h>

typedef char *(*Normalize) (const char *text, GError **error);

/* The checked URL is the one that is used, although libsoup has another parser. */
static void
check_base_url (const char *url)
{
  g_autoptr(GUri) checked = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  g_autoptr(GUri) used = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);

  fuzz_assert_text (url);
  g_assert_nonnull (checked);
  g_assert_nonnull (used);
  g_assert_true (g_str_equal (g_uri_get_scheme (used), "http") || g_str_equal (g_uri_get_scheme (used), "https"));
  g_assert_cmpstr (g_uri_get_host (used), !=, "");
  g_assert_null (g_uri_get_userinfo (used));
  g_assert_null (g_uri_get_fragment (used));
  g_assert_null (g_uri_get_query (used));
  g_assert_null (strpbrk (g_uri_get_host (used), "@/?#%\\ \t\r\n"));
  g_assert_cmpint (g_ascii_strcasecmp (g_uri_get_host (used), g_uri_get_host (checked)), ==, 0);
  g_assert_true (oai_url_same_origin (used, used));
  g_assert_null (strpbrk (url, " \t\r\n"));
}

/* The same for the address of a UNIX socket, whose parts give the same address. */
static void
check_socket (const char *address)
{
  g_autofree char *path = NULL;
  g_autofree char *url = NULL;
  g_autofree char *joined = NULL;

  fuzz_assert_text (address);
  oai_base_url_split_socket (address, &path, &url);
  g_assert_true (path[0] == '/' && path[1] != '\0');
  g_assert_cmpuint (strlen (path), <, 104);
  g_assert_true (g_str_has_prefix (url, "http://localhost"));
  check_base_url (url);
  joined = oai_base_url_join_socket (path, url);
  g_assert_cmpstr (joined, ==, address);
}

static gboolean
is_operation (const char *path)
{
  return strcmp (path, "chat/completions") == 0 || strcmp (path, "models") == 0;
}

static char *
repair (const char *text, GError **error)
{
  return oai_server_address_repair (text, is_operation, error);
}

static void
check_normalized (const char *text, Normalize normalize)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *url = normalize (text, &error);
  g_autofree char *again = NULL;

  fuzz_assert_error (url != NULL, error);
  if (url == NULL)
    return;

  if (oai_base_url_is_socket (url))
    check_socket (url);
  else
    check_base_url (url);
  again = oai_base_url_normalize (url, NULL);
  g_assert_cmpstr (url, ==, again);
}

/* A parameter is one segment, and is decoded to the original. */
static void
check_segment (const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *segment = oai_path_segment ("a", text, &error);
  g_autofree char *decoded = NULL;

  fuzz_assert_error (segment != NULL, error);
  if (segment == NULL)
    return;

  g_assert_null (strpbrk (segment, "/?#\\ \r\n"));
  g_assert_false (g_str_equal (segment, ".") || g_str_equal (segment, "..") || *segment == '\0');
  decoded = g_uri_unescape_string (segment, NULL);
  if (g_utf8_validate (text, -1, NULL))
    g_assert_cmpstr (decoded, ==, text);
}

static void
check_expanded (const char *text)
{
  const char *const arguments[] = { text, text, NULL };
  g_autoptr(GError) error = NULL;
  g_autofree char *path = oai_path_expand ("a/{b}/c/{d}", arguments, &error);
  g_auto(GStrv) segments = NULL;

  fuzz_assert_error (path != NULL, error);
  if (path == NULL)
    return;

  segments = g_strsplit (path, "/", -1);
  g_assert_cmpuint (g_strv_length (segments), ==, 4);
  g_assert_true (oai_path_check (path, NULL));
}

static void
check_merged (const char *text)
{
  const char *half = text + strlen (text) / 2;
  g_autofree char *under = g_strndup (text, half - text);
  g_autofree char *merged = oai_query_merge (under, half);

  g_assert_cmpstr (merged, !=, "");
}

/* The path of a program: the resulting URL has the same server, unless the path is a complete URL. */
static void
check_built (const char *text)
{
  g_autoptr(OaiSettings) settings = oai_settings_new_for_base_url ("https://example.org/v1", NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *url = oai_request_url_build (settings, text, FALSE, NULL, "q=1", &error);
  g_autoptr(GUri) uri = NULL;

  fuzz_assert_error (url != NULL, error);
  if (url == NULL || oai_request_url_is_absolute (text) || !oai_path_check (text, NULL))
    return;

  uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);

  /* An invalid URL gives no request. */
  if (uri == NULL)
    return;

  g_assert_cmpstr (g_uri_get_host (uri), ==, "example.org");
  g_assert_true (g_str_has_prefix (g_uri_get_path (uri), "/v1/") || g_str_equal (g_uri_get_path (uri), "/v1"));
  g_assert_null (strstr (g_uri_get_path (uri), "/../"));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  g_autofree char *text = fuzz_dup_text (data, size);

  switch (choice % 6)
    {
    case 0:
      check_normalized (text, oai_base_url_normalize);
      break;
    case 1:
      check_normalized (text, repair);
      break;
    case 2:
      check_segment (text);
      break;
    case 3:
      check_expanded (text);
      break;
    case 4:
      check_merged (text);
      break;
    default:
      check_built (text);
      break;
    }

  return 0;
}
