/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Errors of servers, profiles, and the requests that they change: a changed request is JSON. */

#include "fuzz.h"

#include "oai-adaptation-private.h"
#include "oai-server-profile-private.h"

#include <string.h>

#define SEPARATOR "\n\n"

static void
check_body (GBytes *body)
{
  g_autofree char *text = NULL;
  gsize length;
  const char *data;

  if (body == NULL)
    return;

  data = g_bytes_get_data (body, &length);
  text = g_strndup (data, length);
  g_assert_cmpuint (strlen (text), ==, length);
  fuzz_assert_json (text);
}

static void
check_profile (const char *text, GBytes *body)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiServerProfile) profile = oai_server_profile_new_from_text (text, NULL, &error);
  g_autoptr(GBytes) edited = NULL;

  fuzz_assert_error (profile != NULL, error);
  if (profile == NULL)
    return;

  edited = oai_server_profile_edit (profile, body);
  check_body (edited);
}

/* The input is a profile or the error of a server, an empty line, and a request. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_dup_text (data, size);
  char *separator = strstr (text, SEPARATOR);
  const char *json = separator != NULL ? separator + strlen (SEPARATOR) : text;
  g_autoptr(GBytes) body = g_bytes_new (json, strlen (json));
  g_autoptr(GBytes) repaired = NULL;
  OaiAdaptations recognized, made;

  if (separator != NULL)
    *separator = '\0';
  check_profile (text, body);
  recognized = oai_adaptations_recognize (text);
  repaired = oai_adaptations_apply (recognized, body, &made);
  g_assert_cmpuint (made & ~recognized, ==, 0);
  g_assert_true ((repaired != NULL) == (made != 0));
  check_body (repaired);

  return 0;
}
