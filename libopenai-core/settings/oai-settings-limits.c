/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limits of time and number that settings hold. */

#include "oai-settings-private.h"

/**
 * oai_settings_get_connect_timeout:
 * @self: the settings
 *
 * Gets the time for connecting.
 *
 * Returns: milliseconds; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_connect_timeout (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return oai_settings_get_limit (self, OAI_LIMIT_CONNECT_TIMEOUT);
}

/**
 * oai_settings_set_connect_timeout:
 * @self: the settings
 * @milliseconds: the time; 0 for no limit
 *
 * Sets the time for connecting. The default is 10000.
 *
 * Since: 1.0
 */
void
oai_settings_set_connect_timeout (OaiSettings *self, guint milliseconds)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  oai_settings_set_limit (self, OAI_LIMIT_CONNECT_TIMEOUT, milliseconds);
}

/**
 * oai_settings_get_idle_timeout:
 * @self: the settings
 *
 * Gets the time without a byte from the server.
 *
 * Returns: milliseconds; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_idle_timeout (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return oai_settings_get_limit (self, OAI_LIMIT_IDLE_TIMEOUT);
}

/**
 * oai_settings_set_idle_timeout:
 * @self: the settings
 * @milliseconds: the time; 0 for no limit
 *
 * Sets the time without a byte from the server. The default is 600000.
 *
 * Since: 1.0
 */
void
oai_settings_set_idle_timeout (OaiSettings *self, guint milliseconds)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  oai_settings_set_limit (self, OAI_LIMIT_IDLE_TIMEOUT, milliseconds);
}

/**
 * oai_settings_get_timeout:
 * @self: the settings
 *
 * Gets the time for one attempt of a call.
 *
 * Returns: milliseconds; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_timeout (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return oai_settings_get_limit (self, OAI_LIMIT_TIMEOUT);
}

/**
 * oai_settings_set_timeout:
 * @self: the settings
 * @milliseconds: the time; 0 for no limit
 *
 * Sets the time for one attempt of a call. The default is 600000.
 *
 * Since: 1.0
 */
void
oai_settings_set_timeout (OaiSettings *self, guint milliseconds)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  oai_settings_set_limit (self, OAI_LIMIT_TIMEOUT, milliseconds);
}

/**
 * oai_settings_get_max_retries:
 * @self: the settings
 *
 * Gets the number of retries.
 *
 * Returns: the number; 0 for none
 *
 * Since: 1.0
 */
guint
oai_settings_get_max_retries (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return oai_settings_get_limit (self, OAI_LIMIT_MAX_RETRIES);
}

/**
 * oai_settings_set_max_retries:
 * @self: the settings
 * @max_retries: the number; 0 for none
 *
 * Sets the number of retries. The default is 2.
 *
 * Since: 1.0
 */
void
oai_settings_set_max_retries (OaiSettings *self, guint max_retries)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  oai_settings_set_limit (self, OAI_LIMIT_MAX_RETRIES, max_retries);
}

/**
 * oai_settings_get_max_retry_delay:
 * @self: the settings
 *
 * Gets the longest wait before a retry.
 *
 * Returns: milliseconds; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_max_retry_delay (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return oai_settings_get_limit (self, OAI_LIMIT_MAX_RETRY_DELAY);
}

/**
 * oai_settings_set_max_retry_delay:
 * @self: the settings
 * @milliseconds: the time; 0 for no limit
 *
 * Sets the longest wait before a retry. The default is 120000.
 *
 * Since: 1.0
 */
void
oai_settings_set_max_retry_delay (OaiSettings *self, guint milliseconds)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  oai_settings_set_limit (self, OAI_LIMIT_MAX_RETRY_DELAY, milliseconds);
}

/**
 * oai_settings_get_max_event_size:
 * @self: the settings
 *
 * Gets how large one event of a stream may be.
 *
 * Returns: bytes; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_max_event_size (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return oai_settings_get_limit (self, OAI_LIMIT_MAX_EVENT_SIZE);
}

/**
 * oai_settings_set_max_event_size:
 * @self: the settings
 * @bytes: the size; 0 for no limit
 *
 * Sets how large one event of a stream may be. A larger one fails its stream with
 * %OAI_ERROR_PROTOCOL. The default is 67108864, which is 64 MiB.
 *
 * Since: 1.0
 */
void
oai_settings_set_max_event_size (OaiSettings *self, guint bytes)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  oai_settings_set_limit (self, OAI_LIMIT_MAX_EVENT_SIZE, bytes);
}

/**
 * oai_settings_get_max_reply_size:
 * @self: the settings
 *
 * Gets how large a reply may be that is read into memory.
 *
 * Returns: bytes; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_max_reply_size (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return oai_settings_get_limit (self, OAI_LIMIT_MAX_REPLY_SIZE);
}

/**
 * oai_settings_set_max_reply_size:
 * @self: the settings
 * @bytes: the size; 0 for no limit
 *
 * Sets how large a reply may be that is read into memory: see
 * [property@Oai.Settings:max-reply-size]. The default is 104857600 (100 MiB).
 *
 * Since: 1.0
 */
void
oai_settings_set_max_reply_size (OaiSettings *self, guint bytes)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  oai_settings_set_limit (self, OAI_LIMIT_MAX_REPLY_SIZE, bytes);
}
