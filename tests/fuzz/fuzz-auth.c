/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Key files: errors contain no part of them, and the credentials can be stored and read
 * again. */

#include "fuzz.h"

#include "oai-key-file-private.h"

#include <string.h>

static gboolean
parse (const char *text, gsize length, OaiCredentials *credentials, GError **error)
{
  g_autofree char *copy = g_malloc (length + 1);

  memcpy (copy, text, length);
  copy[length] = '\0';

  return oai_key_file_parse (copy, length, credentials, error);
}

static void
check_credentials (const OaiCredentials *credentials)
{
  g_assert_true (oai_credentials_have_key (credentials));
  fuzz_assert_text (credentials->organization);
  fuzz_assert_text (credentials->project);
}

/* Whether the value contains no quotes and no comment. */
static gboolean
is_plain (const char *value)
{
  for (const char *p = value; p != NULL && *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-._~+/", *p) == NULL)
      return FALSE;

  return TRUE;
}

/* The stored text is only the key, or several lines. */
static void
check_stored (const OaiCredentials *credentials)
{
  oai_autosecret char *text = NULL;
  g_auto(OaiCredentials) again = { NULL };

  if (credentials->api_key == NULL || !is_plain (credentials->api_key))
    return;

  text = oai_credentials_to_text (credentials);
  if (strchr (text, '\n') == NULL)
    {
      g_assert_cmpstr (text, ==, credentials->api_key);
      return;
    }

  g_assert_true (parse (text, strlen (text), &again, NULL));
  g_assert_cmpstr (again.api_key, ==, credentials->api_key);
  if (is_plain (credentials->organization))
    g_assert_cmpstr (again.organization, ==, credentials->organization);
  if (is_plain (credentials->project))
    g_assert_cmpstr (again.project, ==, credentials->project);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr(GBytes) bytes = fuzz_echo_secret (data, size);
  g_auto(OaiCredentials) credentials = { NULL };
  g_autoptr(GError) error = NULL;
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  gboolean success = parse (length > 0 ? text : "", length, &credentials, &error);

  fuzz_assert_error (success, error);
  if (error != NULL)
    {
      fuzz_assert_redacted (error->message, data, size);
      return 0;
    }

  check_credentials (&credentials);
  check_stored (&credentials);

  return 0;
}
