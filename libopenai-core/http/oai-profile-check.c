/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-profile-check-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-server-profile-private.h"

GError *
oai_profile_check_key (OaiSettings *settings, GUri *uri)
{
  g_autoptr(OaiServerProfile) profile = oai_settings_dup_server_profile (settings);
  const OaiKnownServer *known = profile == NULL ? oai_known_server_find_host (g_uri_get_host (uri)) : NULL;
  OaiKeyRequirement key = known != NULL ? known->key : OAI_KEY_REQUIREMENT_UNKNOWN;

  if (profile != NULL)
    key = oai_server_profile_get_key_requirement (profile);
  if (key != OAI_KEY_REQUIREMENT_REQUIRED)
    return NULL;

  /* Translators: %s is the name of a server. */
  return g_error_new (OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("“%s” requires an API key, and there is none"), g_uri_get_host (uri));
}

GError *
oai_profile_check_operation (OaiSettings *settings, GUri *uri, const char *operation)
{
  g_autoptr(OaiServerProfile) profile = oai_settings_dup_server_profile (settings);
  const OaiKnownServer *known = profile == NULL ? oai_known_server_find_host (g_uri_get_host (uri)) : NULL;

  if (profile != NULL ? oai_server_profile_has_operation (profile, operation)
                      : known == NULL || !oai_server_profile_matches (known->lacks, operation))
    return NULL;

  /* Translators: the first %s is the name of a server, the second that of an operation, such as embeddings.create. */
  return g_error_new (OAI_ERROR, OAI_ERROR_NOT_FOUND, _("The server “%s” does not have the operation “%s”"),
                      profile != NULL ? oai_server_profile_get_name (profile) : known->name, operation);
}
