/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mock-private.h"

#include <string.h>

/**
 * OaiMockRequest:
 *
 * One request as the service received it.
 *
 * Since: 1.0
 */
struct _OaiMockRequest {
  GObject parent_instance;

  char *method;
  char *path;
  char *query;
  SoupMessageHeaders *headers;
  GBytes *body;
  OaiMockForm *form;
  guint connection;
  int aborted;
};

G_DEFINE_FINAL_TYPE (OaiMockRequest, oai_mock_request, G_TYPE_OBJECT)

static void
oai_mock_request_finalize (GObject *object)
{
  OaiMockRequest *self = OAI_MOCK_REQUEST (object);

  g_free (self->method);
  g_free (self->path);
  g_free (self->query);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->form, _oai_mock_form_free);

  G_OBJECT_CLASS (oai_mock_request_parent_class)->finalize (object);
}

static void
oai_mock_request_class_init (OaiMockRequestClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_mock_request_finalize;
}

static void
oai_mock_request_init (OaiMockRequest *self)
{
}

OaiMockRequest *
_oai_mock_request_new (SoupServerMessage *message, guint connection)
{
  OaiMockRequest *self = g_object_new (OAI_MOCK_TYPE_REQUEST, NULL);
  GUri *uri = soup_server_message_get_uri (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  const char *content_type;

  self->method = g_strdup (soup_server_message_get_method (message));
  self->path = g_strdup (g_uri_get_path (uri));
  self->query = g_strdup (g_uri_get_query (uri));
  self->headers = soup_message_headers_ref (soup_server_message_get_request_headers (message));
  self->body = soup_message_body_flatten (body);
  self->connection = connection;

  content_type = soup_message_headers_get_one (self->headers, "Content-Type");
  if (content_type != NULL && g_ascii_strncasecmp (content_type, "multipart/", 10) == 0)
    self->form = _oai_mock_form_parse (content_type, self->body, NULL);

  return self;
}

/* A message on the WebSocket connection that began with that request. */
OaiMockRequest *
_oai_mock_request_new_message (OaiMockRequest *handshake, GBytes *message)
{
  OaiMockRequest *self = g_object_new (OAI_MOCK_TYPE_REQUEST, NULL);

  self->method = g_strdup ("WEBSOCKET");
  self->path = g_strdup (handshake->path);
  self->query = g_strdup (handshake->query);
  self->headers = soup_message_headers_ref (handshake->headers);
  self->body = g_bytes_ref (message);
  self->connection = handshake->connection;

  return self;
}

OaiMockForm *
_oai_mock_request_get_form (OaiMockRequest *self)
{
  return self->form;
}

void
_oai_mock_request_set_aborted (OaiMockRequest *self)
{
  g_atomic_int_set (&self->aborted, TRUE);
}

/**
 * oai_mock_request_get_method:
 * @self: the request
 *
 * Gets the HTTP method.
 *
 * Returns: the value, for example `POST`; `WEBSOCKET` for a message on a WebSocket connection
 * Since: 1.0
 */
const char *
oai_mock_request_get_method (OaiMockRequest *self)
{
  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);

  return self->method;
}

/**
 * oai_mock_request_get_path:
 * @self: the request
 *
 * Gets the path as it was sent, with its percent-encoding.
 *
 * Returns: the value, for example `/v1/files/file-1`
 * Since: 1.0
 */
const char *
oai_mock_request_get_path (OaiMockRequest *self)
{
  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);

  return self->path;
}

/**
 * oai_mock_request_get_query:
 * @self: the request
 *
 * Gets the query as it was sent.
 *
 * Returns: (nullable): the value, for example `limit=2&order=asc`
 * Since: 1.0
 */
const char *
oai_mock_request_get_query (OaiMockRequest *self)
{
  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);

  return self->query;
}

/**
 * oai_mock_request_dup_query_value:
 * @self: the request
 * @name: the name of a parameter
 *
 * Gets the decoded value of a query parameter. If it occurs several times, the last one is returned.
 *
 * Returns: (transfer full) (nullable): the value
 * Since: 1.0
 */
char *
oai_mock_request_dup_query_value (OaiMockRequest *self, const char *name)
{
  g_autoptr (GHashTable) values = NULL;

  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  if (self->query == NULL)
    return NULL;
  values = soup_form_decode (self->query);

  return g_strdup (g_hash_table_lookup (values, name));
}

/**
 * oai_mock_request_get_header:
 * @self: the request
 * @name: the name of a header; upper and lower case are equivalent
 *
 * Gets the value of a header; several values are joined by commas.
 *
 * Returns: (nullable): the value
 * Since: 1.0
 */
const char *
oai_mock_request_get_header (OaiMockRequest *self, const char *name)
{
  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return soup_message_headers_get_list (self->headers, name);
}

/**
 * oai_mock_request_dup_header_names:
 * @self: the request
 *
 * Lists the names of the headers in the order in which they were sent.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 * Since: 1.0
 */
char **
oai_mock_request_dup_header_names (OaiMockRequest *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  SoupMessageHeadersIter iter;
  const char *name, *value;

  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);

  soup_message_headers_iter_init (&iter, self->headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    g_strv_builder_add (names, name);

  return g_strv_builder_end (names);
}

/**
 * oai_mock_request_get_body:
 * @self: the request
 *
 * Gets the body, byte for byte.
 *
 * Returns: (transfer none): the bytes, of length 0 if there was no body
 * Since: 1.0
 */
GBytes *
oai_mock_request_get_body (OaiMockRequest *self)
{
  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);

  return self->body;
}

/**
 * oai_mock_request_dup_body_text:
 * @self: the request
 *
 * Gets the body as text, with invalid UTF-8 replaced.
 *
 * Returns: (transfer full): the text
 * Since: 1.0
 */
char *
oai_mock_request_dup_body_text (OaiMockRequest *self)
{
  gsize length;
  const char *data;

  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);

  data = g_bytes_get_data (self->body, &length);
  return g_utf8_make_valid (data != NULL ? data : "", length);
}

static OaiMockPart *
find_part (OaiMockRequest *self, const char *name)
{
  return self->form != NULL ? _oai_mock_form_find (self->form, name) : NULL;
}

/**
 * oai_mock_request_dup_part_names:
 * @self: the request
 *
 * Lists the names of the parts of a multipart body in the order in which they were sent.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names, which are empty if the body is not multipart
 * Since: 1.0
 */
char **
oai_mock_request_dup_part_names (OaiMockRequest *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);

  for (guint i = 0; self->form != NULL && i < _oai_mock_form_get_n_parts (self->form); i++)
    g_strv_builder_add (names, _oai_mock_form_get_part (self->form, i)->name);

  return g_strv_builder_end (names);
}

/**
 * oai_mock_request_dup_part:
 * @self: the request
 * @name: the name of a part
 *
 * Gets the bytes of a part of a multipart body. If several parts have the name, the first one is returned.
 *
 * Returns: (transfer full) (nullable): the bytes
 * Since: 1.0
 */
GBytes *
oai_mock_request_dup_part (OaiMockRequest *self, const char *name)
{
  OaiMockPart *part;

  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  part = find_part (self, name);
  return part != NULL ? g_bytes_ref (part->bytes) : NULL;
}

/**
 * oai_mock_request_dup_part_file_name:
 * @self: the request
 * @name: the name of a part
 *
 * Gets the file name of a part of a multipart body.
 *
 * Returns: (transfer full) (nullable): the file name
 * Since: 1.0
 */
char *
oai_mock_request_dup_part_file_name (OaiMockRequest *self, const char *name)
{
  OaiMockPart *part;

  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  part = find_part (self, name);
  return part != NULL ? g_strdup (part->file_name) : NULL;
}

/**
 * oai_mock_request_dup_part_content_type:
 * @self: the request
 * @name: the name of a part
 *
 * Gets the content type of a part of a multipart body.
 *
 * Returns: (transfer full) (nullable): the type
 * Since: 1.0
 */
char *
oai_mock_request_dup_part_content_type (OaiMockRequest *self, const char *name)
{
  OaiMockPart *part;

  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  part = find_part (self, name);
  return part != NULL ? g_strdup (part->content_type) : NULL;
}

/**
 * oai_mock_request_get_connection:
 * @self: the request
 *
 * Gets the serial number of the connection that carried the request.
 *
 * Returns: the number; the first connection is 1
 * Since: 1.0
 */
guint
oai_mock_request_get_connection (OaiMockRequest *self)
{
  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), 0);

  return self->connection;
}

/**
 * oai_mock_request_is_aborted:
 * @self: the request
 *
 * Checks whether the client closed the connection before the end of the reply.
 *
 * Returns: whether it was aborted
 * Since: 1.0
 */
gboolean
oai_mock_request_is_aborted (OaiMockRequest *self)
{
  g_return_val_if_fail (OAI_MOCK_IS_REQUEST (self), FALSE);

  return g_atomic_int_get (&self->aborted);
}
