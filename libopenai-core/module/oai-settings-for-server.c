/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-settings-for-server.h"

#include "oai-operation-lookup-private.h"
#include "oai-server-address-private.h"

static gboolean
is_operation (const char *path)
{
  return oai_operation_lookup (NULL, path) != NULL;
}

/**
 * oai_settings_new_for_server:
 * @address: the address as a person writes it, such as `localhost:11434` or
 *   `https://host/v1/chat/completions`
 * @error: return location for an error
 *
 * Creates settings for the address of a server as a person types or pastes it.
 *
 * Missing parts are added: `http://` for this machine and its network, `https://` for others, and
 * `/v1` if there is no path. A query, slashes at the end, and the path of an operation of an
 * installed module, such as `/chat/completions`, are removed, and typing errors such as `http//` are
 * corrected. For example, `localhost:11434` becomes `http://localhost:11434/v1`. An absolute path
 * is that of a UNIX socket: see [method@Oai.Settings.set_base_url]. The environment is not read.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_server (const char *address, GError **error)
{
  g_autofree char *base_url = oai_server_address_repair (address, is_operation, error);

  return base_url != NULL ? oai_settings_new_for_base_url (base_url, error) : NULL;
}
