/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Key files: an error repeats nothing of them, and what is read can be stored and
 * read again. */

#include "fuzz.h"

#include "oai-auth-file-private.h"

#include <string.h>

static gboolean
parse (const char *text, gsize length, OaiCredentials *credentials, GError **error)
{
  g_autofree char *copy = g_malloc (length + 1);

  memcpy (copy, text, length);
  copy[length] = '\0';

  return oai_auth_file_parse (copy, length, credentials, error);
}

static void
check_credentials (const OaiCredentials *credentials)
{
  g_assert_true (oai_credentials_have_key (credentials));
  fuzz_assert_text (credentials->organization);
  fuzz_assert_text (credentials->project);
}

/* Quotes and comments mean something in a line. */
static gboolean
is_plain (const char *value)
{
  for (const char *p = value; p != NULL && *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-._~+/", *p) == NULL)
      return FALSE;

  return TRUE;
}

/* What is stored is what was read: the key alone, or lines. */
static void
check_stored (OaiCredentials *credentials)
{
  g_autoptr(OaiAuth) auth = NULL;
  oai_autosecret char *text = NULL;
  g_auto(OaiCredentials) again = { NULL };
  g_autofree char *api_key = g_strdup (credentials->api_key);
  g_autofree char *organization = g_strdup (credentials->organization);
  g_autofree char *project = g_strdup (credentials->project);

  if (api_key == NULL || !is_plain (api_key))
    return;

  auth = oai_auth_new_take (credentials, g_strdup ("test"), FALSE);
  text = oai_auth_to_text (auth);
  if (strchr (text, '\n') == NULL)
    {
      g_assert_cmpstr (text, ==, api_key);
      return;
    }

  g_assert_true (parse (text, strlen (text), &again, NULL));
  g_assert_cmpstr (again.api_key, ==, api_key);
  if (is_plain (organization))
    g_assert_cmpstr (again.organization, ==, organization);
  if (is_plain (project))
    g_assert_cmpstr (again.project, ==, project);
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
