/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-settings-private.h"

#include <string.h>

#define VERSION_KEY "oai-assistants-version"
#define DEFAULT_VERSION "v2"

/* It goes into a header, as "assistants=v2". */
static gboolean
version_is_valid (const char *version)
{
  const char *digits = version + 1;

  return *version == 'v' && *digits != '\0' && digits[strspn (digits, "0123456789")] == '\0';
}

/**
 * oai_settings_get_assistants_version:
 * @self: settings
 *
 * Gets the version of the Assistants API that is spoken.
 *
 * Returns: (transfer none): the version, `v2` by default
 *
 * Since: 1.0
 */
const char *
oai_settings_get_assistants_version (OaiSettings *self)
{
  const char *version = NULL;

  g_return_val_if_fail (OAI_IS_SETTINGS (self), NULL);

  version = g_object_get_data (G_OBJECT (self), VERSION_KEY);

  return version != NULL ? version : DEFAULT_VERSION;
}

const char *
oai_settings_get_beta_version (OaiSettings *self, const char *beta)
{
  return g_str_equal (beta, "assistants") ? oai_settings_get_assistants_version (self) : NULL;
}

/**
 * oai_settings_set_assistants_version:
 * @self: settings
 * @version: (nullable): the version, `v` and a number, such as `v1`; %NULL or empty for the default
 *
 * Sets the version of the Assistants API that is spoken: with assistants, threads
 * and runs the header `OpenAI-Beta` names it, and nowhere else.
 *
 * What exists in another version only fails with %OAI_ERROR_INVALID_ARGUMENT and
 * sends nothing. Version 1, in which files are attached to assistants and
 * messages themselves, is gone from OpenAI's own servers.
 *
 * Since: 1.0
 */
void
oai_settings_set_assistants_version (OaiSettings *self, const char *version)
{
  if (version == NULL || *version == '\0')
    version = DEFAULT_VERSION;

  g_return_if_fail (OAI_IS_SETTINGS (self));
  g_return_if_fail (version_is_valid (version));

  if (g_str_equal (oai_settings_get_assistants_version (self), version))
    return;

  g_object_set_data (G_OBJECT (self), VERSION_KEY, (gpointer) g_intern_string (version));
  g_object_notify (G_OBJECT (self), "assistants-version");
}
