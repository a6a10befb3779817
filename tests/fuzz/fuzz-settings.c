/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Settings from the environment and from programs: a header value cannot add other headers,
 * and accepted server URLs can be used for requests. */

#include "fuzz.h"

#include "oai-request-url-private.h"
#include "oai-settings-for-server.h"
#include "oai-settings-private.h"

#include <string.h>

static void
check_header (const char *name, const char *value, gpointer user_data)
{
  guint *count = user_data;

  (*count)++;
  g_assert_true (oai_header_name_is_valid (name));
  g_assert_null (strpbrk (name, ": \t\r\n"));
  g_assert_true (value == NULL || oai_header_value_is_valid (value));
  g_assert_true (value == NULL || strpbrk (value, "\r\n") == NULL);
}

static void
check_settings (OaiSettings *settings)
{
  g_autoptr(OaiSettings) copy = oai_settings_copy (settings);
  g_autoptr(GError) error = NULL;
  g_autofree char *url = oai_request_url_build (copy, "models", FALSE, NULL, NULL, &error);
  guint n_headers = 0;

  fuzz_assert_error (url != NULL, error);
  oai_settings_foreach_header (copy, check_header, &n_headers);
  g_assert_cmpuint (n_headers, <=, 4096);
}

/* Headers are lines, "NAME: VALUE". */
static void
check_environment (const char *name, const char *text)
{
  g_autoptr(OaiSettings) settings = NULL;

  g_setenv (name, text, TRUE);
  settings = oai_settings_new ();
  g_unsetenv (name);
  check_settings (settings);
}

static void
check_made (OaiSettings *settings, GError *error)
{
  fuzz_assert_error (settings != NULL, error);
  if (settings != NULL)
    check_settings (settings);
  g_clear_object (&settings);
  g_clear_error (&error);
}

static void
check_azure (const char *text)
{
  const char *half = text + strlen (text) / 2;
  g_autofree char *first = g_strndup (text, half - text);
  GError *error = NULL;
  OaiSettings *settings = oai_settings_new_for_azure (first, half, "2024-02-01", FALSE, &error);

  check_made (settings, error);
  error = NULL;
  settings = oai_settings_new_for_azure_endpoint ("https://example.org", half, first, TRUE, &error);
  check_made (settings, error);
}

static void
check_server (guint8 choice, const char *text)
{
  GError *error = NULL;
  OaiSettings *settings = NULL;

  if (choice == 0)
    settings = oai_settings_new_for_base_url (text, &error);
  else if (choice == 1)
    settings = oai_settings_new_for_server (text, &error);
  else if (choice == 2)
    settings = oai_settings_new_for_domain (text, NULL, &error);
  else
    settings = oai_settings_new_for_region (text, &error);
  check_made (settings, error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size) % 8;
  g_autofree char *text = fuzz_dup_text (data, size);

  if (choice == 0)
    check_environment ("OPENAI_CUSTOM_HEADERS", text);
  else if (choice == 1)
    check_environment ("OPENAI_BASE_URL", text);
  else if (choice == 2)
    check_environment ("OPENAI_ORG_ID", text);
  else if (choice == 3)
    check_azure (text);
  else
    check_server (choice - 4, text);

  return 0;
}
