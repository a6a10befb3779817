/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-settings.h"

#define VERSION_KEY "oai-assistants-version"
#define DEFAULT_VERSION "v2"

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

/**
 * oai_settings_set_assistants_version:
 * @self: settings
 * @version: (nullable): the version, such as `v1`; %NULL for the default
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
  const char *interned = g_intern_string (version != NULL && *version != '\0' ? version : DEFAULT_VERSION);

  g_return_if_fail (OAI_IS_SETTINGS (self));

  if (g_str_equal (oai_settings_get_assistants_version (self), interned))
    return;

  g_object_set_data (G_OBJECT (self), VERSION_KEY, (gpointer) interned);
  g_object_notify (G_OBJECT (self), "assistants-version");
}
