/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The properties and records of the service that a test can access while it runs. */

#include "oai-mock-server-private.h"

/**
 * oai_mock_server_is_running:
 * @self: the service
 *
 * Checks whether the service is running.
 *
 * Returns: whether it is running
 * Since: 1.0
 */
gboolean
oai_mock_server_is_running (OaiMockServer *self)
{
  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), FALSE);

  return self->server != NULL;
}

/**
 * oai_mock_server_get_port:
 * @self: the service
 *
 * Gets the TCP port.
 *
 * Returns: the port, or 0 before the service was started
 * Since: 1.0
 */
guint
oai_mock_server_get_port (OaiMockServer *self)
{
  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), 0);

  return self->port;
}

/**
 * oai_mock_server_get_base_url:
 * @self: the service
 *
 * Gets the base URL, such as `http://127.0.0.1:40000/v1`.
 *
 * Returns: (nullable): the URL, %NULL before the service was started
 * Since: 1.0
 */
const char *
oai_mock_server_get_base_url (OaiMockServer *self)
{
  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), NULL);

  return self->base_url;
}

/**
 * oai_mock_server_set_api_key:
 * @self: the service
 * @api_key: (nullable): the key that requests must contain, or %NULL for any key or none
 *
 * Sets the key that requests must contain.
 *
 * Since: 1.0
 */
void
oai_mock_server_set_api_key (OaiMockServer *self, const char *api_key)
{
  g_object_set (self, "api-key", api_key, NULL);
}

/**
 * oai_mock_server_dup_api_key:
 * @self: the service
 *
 * Gets the key that requests must contain.
 *
 * Returns: (transfer full) (nullable): the key
 * Since: 1.0
 */
char *
oai_mock_server_dup_api_key (OaiMockServer *self)
{
  char *api_key;

  g_object_get (self, "api-key", &api_key, NULL);
  return api_key;
}

/**
 * oai_mock_server_set_delta_delay:
 * @self: the service
 * @milliseconds: the delay
 *
 * Sets the delay before each chunk of a stream.
 *
 * Since: 1.0
 */
void
oai_mock_server_set_delta_delay (OaiMockServer *self, guint milliseconds)
{
  g_object_set (self, "delta-delay", milliseconds, NULL);
}

/**
 * oai_mock_server_get_delta_delay:
 * @self: the service
 *
 * Gets the delay before each chunk of a stream.
 *
 * Returns: milliseconds
 * Since: 1.0
 */
guint
oai_mock_server_get_delta_delay (OaiMockServer *self)
{
  guint milliseconds;

  g_object_get (self, "delta-delay", &milliseconds, NULL);
  return milliseconds;
}

/**
 * oai_mock_server_set_chunk_size:
 * @self: the service
 * @bytes: the size, or 0 to send each event separately
 *
 * Sets how many bytes a stream sends at once.
 *
 * Since: 1.0
 */
void
oai_mock_server_set_chunk_size (OaiMockServer *self, guint bytes)
{
  g_object_set (self, "chunk-size", bytes, NULL);
}

/**
 * oai_mock_server_get_chunk_size:
 * @self: the service
 *
 * Gets how many bytes a stream sends at once.
 *
 * Returns: the size, or 0 to send each event separately
 * Since: 1.0
 */
guint
oai_mock_server_get_chunk_size (OaiMockServer *self)
{
  guint bytes;

  g_object_get (self, "chunk-size", &bytes, NULL);
  return bytes;
}

/**
 * oai_mock_server_push_reply:
 * @self: the service
 * @reply: the reply
 *
 * Queues a reply for the next request to any route.
 *
 * Since: 1.0
 */
void
oai_mock_server_push_reply (OaiMockServer *self, OaiMockReply *reply)
{
  oai_mock_server_push_reply_for (self, NULL, NULL, reply);
}

/**
 * oai_mock_server_push_reply_for:
 * @self: the service
 * @method: (nullable): an HTTP method, or `WEBSOCKET` for messages on a WebSocket connection, %NULL for any
 * @path: (nullable): a path below the base URL, such as `/files/{file_id}`, %NULL for any
 * @reply: the reply
 *
 * Queues a reply for the next request to this route. The oldest matching reply is used first.
 *
 * Since: 1.0
 */
void
oai_mock_server_push_reply_for (OaiMockServer *self, const char *method, const char *path, OaiMockReply *reply)
{
  g_return_if_fail (OAI_MOCK_IS_SERVER (self));
  g_return_if_fail (OAI_MOCK_IS_REPLY (reply));

  g_mutex_lock (&self->lock);
  _oai_mock_script_push (self->script, method, path, reply);
  g_mutex_unlock (&self->lock);
}

/**
 * oai_mock_server_get_n_pending_replies:
 * @self: the service
 *
 * Counts the queued replies that have not been sent, except those for all requests.
 *
 * Returns: the number
 * Since: 1.0
 */
guint
oai_mock_server_get_n_pending_replies (OaiMockServer *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), 0);

  locker = g_mutex_locker_new (&self->lock);
  return _oai_mock_script_get_n_pending (self->script);
}

/**
 * oai_mock_server_get_n_requests:
 * @self: the service
 *
 * Gets the number of received requests.
 *
 * Returns: the number
 * Since: 1.0
 */
guint
oai_mock_server_get_n_requests (OaiMockServer *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), 0);

  locker = g_mutex_locker_new (&self->lock);
  return self->requests->len;
}

/**
 * oai_mock_server_dup_request:
 * @self: the service
 * @index: the index; -1 is the last request, -2 the one before it
 *
 * Gets a received request.
 *
 * Returns: (transfer full) (nullable): the request
 * Since: 1.0
 */
OaiMockRequest *
oai_mock_server_dup_request (OaiMockServer *self, int index)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = NULL;
  int length;

  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), NULL);

  locker = g_mutex_locker_new (&self->lock);
  length = (int) self->requests->len;
  if (index < 0)
    index += length;

  return index >= 0 && index < length ? g_object_ref (g_ptr_array_index (self->requests, index)) : NULL;
}

/**
 * oai_mock_server_dup_requests:
 * @self: the service
 *
 * Gets the received requests, oldest first.
 *
 * Returns: (transfer container) (element-type OaiMockRequest): the requests
 * Since: 1.0
 */
GPtrArray *
oai_mock_server_dup_requests (OaiMockServer *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = NULL;
  GPtrArray *copy;

  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), NULL);

  locker = g_mutex_locker_new (&self->lock);
  copy = g_ptr_array_new_full (self->requests->len, g_object_unref);
  for (guint i = 0; i < self->requests->len; i++)
    g_ptr_array_add (copy, g_object_ref (g_ptr_array_index (self->requests, i)));

  return copy;
}

/**
 * oai_mock_server_get_n_connections:
 * @self: the service
 *
 * Gets the number of connections that were used for a request.
 *
 * Returns: the number
 * Since: 1.0
 */
guint
oai_mock_server_get_n_connections (OaiMockServer *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), 0);

  locker = g_mutex_locker_new (&self->lock);
  return self->n_connections;
}

/**
 * oai_mock_server_get_n_aborted:
 * @self: the service
 *
 * Gets the number of replies whose connection the client closed before their end.
 *
 * Returns: the number
 * Since: 1.0
 */
guint
oai_mock_server_get_n_aborted (OaiMockServer *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), 0);

  locker = g_mutex_locker_new (&self->lock);
  return self->n_aborted;
}

/**
 * oai_mock_server_set_validating:
 * @self: the service
 * @validating: whether to check requests
 *
 * Disables the validation of requests, or enables it again if the API's document is available.
 *
 * Since: 1.0
 */
void
oai_mock_server_set_validating (OaiMockServer *self, gboolean validating)
{
  g_return_if_fail (OAI_MOCK_IS_SERVER (self));

  g_mutex_lock (&self->lock);
  self->service.schema = validating ? self->schema : NULL;
  g_mutex_unlock (&self->lock);
}

/**
 * oai_mock_server_is_validating:
 * @self: the service
 *
 * Checks whether requests are validated with the API's document.
 *
 * Returns: whether they are validated
 * Since: 1.0
 */
gboolean
oai_mock_server_is_validating (OaiMockServer *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), FALSE);

  locker = g_mutex_locker_new (&self->lock);
  return self->service.schema != NULL;
}

/**
 * oai_mock_server_allow_member:
 * @self: the service
 * @name: a name
 *
 * Allows members and query parameters of this name, although the API's document does not contain them.
 *
 * Since: 1.0
 */
void
oai_mock_server_allow_member (OaiMockServer *self, const char *name)
{
  g_return_if_fail (OAI_MOCK_IS_SERVER (self));
  g_return_if_fail (name != NULL);

  g_mutex_lock (&self->lock);
  g_hash_table_add (self->service.allowed, g_strdup (name));
  g_mutex_unlock (&self->lock);
}

/**
 * oai_mock_server_get_n_violations:
 * @self: the service
 *
 * Gets the number of violations of the API's document in requests. A request can contain several.
 *
 * Returns: the number
 * Since: 1.0
 */
guint
oai_mock_server_get_n_violations (OaiMockServer *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), 0);

  locker = g_mutex_locker_new (&self->lock);
  return self->service.violations->len;
}

static char **
dup_texts (OaiMockServer *self, GPtrArray *texts)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  for (guint i = 0; i < texts->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (texts, i));

  return g_strv_builder_end (builder);
}

/**
 * oai_mock_server_dup_violations:
 * @self: the service
 *
 * Gets the violations of the API's document in requests.
 *
 * Returns: (transfer full) (array zero-terminated=1): one sentence for each, with HTTP method and path
 * Since: 1.0
 */
char **
oai_mock_server_dup_violations (OaiMockServer *self)
{
  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), NULL);

  return dup_texts (self, self->service.violations);
}

/**
 * oai_mock_server_dup_reply_violations:
 * @self: the service
 *
 * Gets the violations of the API's document in replies of the service. Scripted replies are not checked.
 *
 * Returns: (transfer full) (array zero-terminated=1): one sentence for each, with HTTP method and path
 * Since: 1.0
 */
char **
oai_mock_server_dup_reply_violations (OaiMockServer *self)
{
  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), NULL);

  return dup_texts (self, self->service.reply_violations);
}
