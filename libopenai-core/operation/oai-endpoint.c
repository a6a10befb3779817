/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-endpoint.h"

#include <string.h>

#include "oai-blocking-call-private.h"
#include "oai-body-input-stream-private.h"
#include "oai-buffer-private.h"
#include "oai-call-private.h"
#include "oai-error.h"
#include "oai-http-event-source-private.h"
#include "oai-i18n-private.h"
#include "oai-operation.h"
#include "oai-paged-list-private.h"
#include "oai-redact-private.h"
#include "oai-reply-body-private.h"
#include "oai-reply-collector-private.h"
#include "oai-reply-private.h"
#include "oai-request-builder-private.h"
#include "oai-socket-schema.h"
#include "oai-stream-private.h"
#include "oai-web-socket-private.h"

/**
 * OaiEndpoint:
 *
 * A group of operations of the API, such as chat or files.
 *
 * Modules contain the endpoint classes. Each class has a method for each operation, such as
 * [method@Oai.ChatEndpoint.create]. Create an endpoint with the constructor of its class or with
 * [method@Oai.Client.get_endpoint]. An endpoint needs little memory, and holds no connection.
 *
 * To use a shorter time-out, an additional header or an additional member of the body for some
 * calls, create a second endpoint with [method@Oai.Endpoint.with_options].
 *
 * [method@Oai.Endpoint.invoke_by_name] calls an operation by its name, with the arguments and the
 * reply as JSON.
 *
 * Operations fail with the errors of [error@Oai.Error], with %G_IO_ERROR_CANCELLED, or with
 * %G_IO_ERROR_TIMED_OUT. [method@Oai.Client.find_call_for_error] returns the call of an error.
 *
 * An endpoint can be used from any thread.
 *
 * Since: 1.0
 */

typedef struct
{
  OaiClient *client;
  OaiCallOptions *options;
} OaiEndpointPrivate;

enum
{
  PROP_0,
  PROP_CLIENT,
  PROP_OPTIONS,
  PROP_NAME,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (OaiEndpoint, oai_endpoint, G_TYPE_OBJECT)

static OaiEndpointPrivate *
get_private (OaiEndpoint *self)
{
  return oai_endpoint_get_instance_private (self);
}

static void
oai_endpoint_finalize (GObject *object)
{
  OaiEndpointPrivate *priv = get_private (OAI_ENDPOINT (object));

  g_clear_object (&priv->client);
  g_clear_object (&priv->options);

  G_OBJECT_CLASS (oai_endpoint_parent_class)->finalize (object);
}

static void
oai_endpoint_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiEndpointPrivate *priv = get_private (OAI_ENDPOINT (object));

  switch (prop_id)
    {
    case PROP_CLIENT:
      g_value_set_object (value, priv->client);
      break;
    case PROP_OPTIONS:
      g_value_set_object (value, priv->options);
      break;
    case PROP_NAME:
      g_value_set_string (value, oai_endpoint_get_name (OAI_ENDPOINT (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_endpoint_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  OaiEndpointPrivate *priv = get_private (OAI_ENDPOINT (object));

  switch (prop_id)
    {
    case PROP_CLIENT:
      priv->client = g_value_dup_object (value);
      break;
    case PROP_OPTIONS:
      priv->options = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_endpoint_constructed (GObject *object)
{
  OaiEndpointPrivate *priv = get_private (OAI_ENDPOINT (object));

  G_OBJECT_CLASS (oai_endpoint_parent_class)->constructed (object);

  if (priv->client == NULL)
    priv->client = oai_client_new (NULL, NULL);
}

static void
oai_endpoint_class_init (OaiEndpointClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = oai_endpoint_constructed;
  object_class->finalize = oai_endpoint_finalize;
  object_class->get_property = oai_endpoint_get_property;
  object_class->set_property = oai_endpoint_set_property;

  /**
   * OaiEndpoint:client: (getter get_client)
   *
   * The client that sends the requests.
   *
   * Since: 1.0
   */
  properties[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, OAI_TYPE_CLIENT, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiEndpoint:options: (getter get_options)
   *
   * The options of all calls of this endpoint object; %NULL for the settings of the client.
   *
   * Since: 1.0
   */
  properties[PROP_OPTIONS] = g_param_spec_object ("options", NULL, NULL, OAI_TYPE_CALL_OPTIONS,
                                                  G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiEndpoint:name: (getter get_name)
   *
   * The name of the endpoint, such as `chat`.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_endpoint_init (OaiEndpoint *self)
{
}

/* Copies a table that may be shorter or longer than the one that core knows. */
static void
read_table (gpointer dest, gsize dest_size, gconstpointer source, gsize source_size)
{
  memset (dest, 0, dest_size);
  memcpy (dest, source, MIN (dest_size, source_size));
}

static const OaiPaging *
read_paging (const OaiPaging *source)
{
  OaiPaging *paging;

  if (source == NULL || source->size == sizeof (OaiPaging))
    return source;

  paging = g_new (OaiPaging, 1);
  read_table (paging, sizeof (OaiPaging), source, source->size);

  return paging;
}

/* Endpoint types are static, so the copies are never freed. */
static const OaiOperation *
read_operations (const OaiEndpointTable *table)
{
  OaiOperation *operations;

  if (table->operation_size == sizeof (OaiOperation))
    return table->operations;

  operations = g_new (OaiOperation, table->n_operations);
  for (guint i = 0; i < table->n_operations; i++)
    {
      const char *row = (const char *) table->operations + i * table->operation_size;

      read_table (&operations[i], sizeof (OaiOperation), row, table->operation_size);
      operations[i].paging = read_paging (operations[i].paging);
    }

  return operations;
}

/**
 * oai_endpoint_class_set_table: (skip)
 * @klass: the class of an endpoint
 * @table: the name and the operations of the endpoint; static
 *
 * Sets the operations of an endpoint. Generated code calls it when the class is
 * initialized.
 *
 * Since: 1.0
 */
void
oai_endpoint_class_set_table (OaiEndpointClass *klass, const OaiEndpointTable *table)
{
  OaiEndpointTable known;

  read_table (&known, sizeof (known), table, table->size);
  klass->name = known.name;
  klass->operations = read_operations (&known);
  klass->n_operations = known.n_operations;
}

/**
 * oai_endpoint_get_client:
 * @self: an endpoint
 *
 * Gets the client that sends the requests.
 *
 * Returns: (transfer none): the client
 *
 * Since: 1.0
 */
OaiClient *
oai_endpoint_get_client (OaiEndpoint *self)
{
  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);

  return get_private (self)->client;
}

/**
 * oai_endpoint_get_name:
 * @self: an endpoint
 *
 * Gets the name of the endpoint, such as `chat`.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
oai_endpoint_get_name (OaiEndpoint *self)
{
  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);

  return OAI_ENDPOINT_GET_CLASS (self)->name;
}

/**
 * oai_endpoint_get_options:
 * @self: an endpoint
 *
 * Gets the options of all calls of this endpoint object. They take precedence over the settings of
 * the client.
 *
 * Returns: (nullable) (transfer none): the options, or %NULL if there are none
 *
 * Since: 1.0
 */
OaiCallOptions *
oai_endpoint_get_options (OaiEndpoint *self)
{
  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);

  return get_private (self)->options;
}

/**
 * oai_endpoint_with_options:
 * @self: an endpoint
 * @options: (nullable): options for the calls of the new endpoint
 *
 * Creates an endpoint of the same type with the same client, whose calls use @options. @self is not
 * changed.
 *
 * Returns: (transfer full): the new endpoint, of the type of @self
 *
 * Since: 1.0
 */
OaiEndpoint *
oai_endpoint_with_options (OaiEndpoint *self, OaiCallOptions *options)
{
  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);
  g_return_val_if_fail (options == NULL || OAI_IS_CALL_OPTIONS (options), NULL);

  return g_object_new (G_OBJECT_TYPE (self), "client", get_private (self)->client, "options", options, NULL);
}

/**
 * oai_endpoint_list_operations:
 * @self: an endpoint
 *
 * Lists the operations of the endpoint, for [method@Oai.Endpoint.invoke_by_name].
 *
 * Returns: (transfer full): the names of the operations
 *
 * Since: 1.0
 */
GStrv
oai_endpoint_list_operations (OaiEndpoint *self)
{
  OaiEndpointClass *klass;
  GStrvBuilder *builder;
  GStrv names;

  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);

  klass = OAI_ENDPOINT_GET_CLASS (self);
  builder = g_strv_builder_new ();
  for (guint i = 0; i < klass->n_operations; i++)
    g_strv_builder_add (builder, klass->operations[i].name);
  names = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);

  return names;
}

static const OaiOperation *
find_operation (OaiEndpoint *self, const char *name, GError **error)
{
  OaiEndpointClass *klass = OAI_ENDPOINT_GET_CLASS (self);

  for (guint i = 0; i < klass->n_operations; i++)
    if (strcmp (klass->operations[i].name, name) == 0)
      return &klass->operations[i];

  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The endpoint “%s” has no operation “%s”"), klass->name, name);

  return NULL;
}

/**
 * oai_endpoint_find_operation: (skip)
 * @endpoint_type: the type of an endpoint
 * @name: the name of an operation, which must be one of the endpoint
 *
 * Finds an operation in the table of an endpoint.
 *
 * Returns: the index of the operation, for oai_endpoint_invoke_async()
 *
 * Since: 1.0
 */
guint
oai_endpoint_find_operation (GType endpoint_type, const char *name)
{
  OaiEndpointClass *klass = g_type_class_ref (endpoint_type);
  guint i = 0;

  while (i < klass->n_operations && strcmp (klass->operations[i].name, name) != 0)
    i++;
  g_assert (i < klass->n_operations);
  g_type_class_unref (klass);

  return i;
}

/* Invoking operations by their index */

typedef struct
{
  const OaiOperation *operation;
  OaiFormat format;
  GStrv path_arguments;
  OaiRecord *query;
} Invocation;

static void
invocation_free (Invocation *self)
{
  g_strfreev (self->path_arguments);
  g_clear_object (&self->query);
  g_free (self);
}

static OaiRequestBuilder
get_builder (OaiEndpoint *self, const OaiOperation *operation)
{
  OaiEndpointPrivate *priv = get_private (self);

  return (OaiRequestBuilder) { priv->client, priv->options, oai_endpoint_get_name (self), operation };
}

static gpointer
new_result (GTask *task, OaiExchange *exchange, GBytes *body, GError **error)
{
  Invocation *invocation = g_task_get_task_data (task);
  OaiEndpoint *self = g_task_get_source_object (task);
  OaiCall *call = oai_exchange_get_call (exchange);
  const char *secret = oai_exchange_get_secret (exchange);
  OaiRequestBuilder builder = get_builder (self, invocation->operation);

  if (invocation->operation->result == OAI_RESULT_LIST)
    return oai_paged_list_new (&builder, (const char *const *) invocation->path_arguments, invocation->query, call, body, secret, error);

  return oai_reply_new (builder.client, builder.operation, invocation->format, call, body, secret, error);
}

static void
fetched_cb (OaiExchange *exchange, GBytes *body, GError *error, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Invocation *invocation = g_task_get_task_data (task);
  gpointer result;

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  result = new_result (task, exchange, body, &error);
  if (error != NULL)
    {
      oai_exchange_fail_reply (exchange, error);
      g_task_return_error (task, error);
    }
  else
    {
      g_task_return_pointer (task, result, oai_reply_get_destroy (invocation->operation));
    }
}

/**
 * oai_endpoint_invoke_async: (skip)
 * @self: an endpoint
 * @operation: the index of an operation in the table of the endpoint
 * @path_arguments: (nullable) (array zero-terminated=1): the values of the parameters of the path, in their order
 * @query: (nullable): the query
 * @request: (nullable): the body of the request
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the operation is complete
 * @user_data: data for @callback
 * @source_tag: the source tag of the task
 *
 * Sends the request of an operation and converts the reply to its result.
 *
 * Since: 1.0
 */
void
oai_endpoint_invoke_async (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  Invocation *invocation;
  OaiRequestBuilder builder;
  OaiRequest *built;
  GError *error = NULL;
  GTask *task;

  g_return_if_fail (OAI_IS_ENDPOINT (self));
  g_return_if_fail (operation < OAI_ENDPOINT_GET_CLASS (self)->n_operations);

  invocation = g_new0 (Invocation, 1);
  invocation->operation = &OAI_ENDPOINT_GET_CLASS (self)->operations[operation];
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, source_tag);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, invocation, (GDestroyNotify) invocation_free);
  if (invocation->operation->result == OAI_RESULT_LIST)
    {
      invocation->path_arguments = g_strdupv ((char **) path_arguments);
      invocation->query = query != NULL ? oai_record_copy (query) : NULL;
    }

  builder = get_builder (self, invocation->operation);
  built = oai_request_builder_build (&builder, path_arguments, query, request, FALSE, &error);
  if (built != NULL)
    {
      invocation->format = built->format;
      oai_reply_collect (builder.client, built, cancellable, task, fetched_cb, task);
      return;
    }

  g_task_return_error (task, error);
  g_object_unref (task);
}

/**
 * oai_endpoint_invoke_finish: (skip)
 * @self: an endpoint
 * @result: the result
 * @error: return location for an error
 *
 * Finishes oai_endpoint_invoke_async().
 *
 * Returns: (transfer full): the result, of the type that the table gives the operation, or %NULL on error
 *
 * Since: 1.0
 */
gpointer
oai_endpoint_invoke_finish (OaiEndpoint *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_endpoint_invoke: (skip)
 * @self: an endpoint
 * @operation: the index of an operation in the table of the endpoint
 * @path_arguments: (nullable) (array zero-terminated=1): the values of the parameters of the path, in their order
 * @query: (nullable): the query
 * @request: (nullable): the body of the request
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Does the same as oai_endpoint_invoke_async(), and blocks until it is done.
 *
 * Returns: (transfer full): the result, of the type that the table gives the operation, or %NULL on error
 *
 * Since: 1.0
 */
gpointer
oai_endpoint_invoke (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gpointer result;

  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);
  g_return_val_if_fail (operation < OAI_ENDPOINT_GET_CLASS (self)->n_operations, NULL);

  oai_blocking_call_begin (&sync);
  oai_endpoint_invoke_async (self, operation, path_arguments, query, request, cancellable, oai_blocking_call_ready, &sync, oai_endpoint_invoke);
  result = oai_endpoint_invoke_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return result;
}

/* Opening bodies as streams */

/* Bytes that are read at most of a reply of the wrong type. */
#define MAX_REFUSED (64 * 1024)

typedef struct
{
  GTask *task;
  OaiExchange *exchange;
  OaiBuffer refused;   /* a reply that is not audio or image data */
  gboolean media;
} Opening;

static void
opening_free (Opening *self)
{
  oai_exchange_free (self->exchange);
  oai_buffer_clear (&self->refused);
  g_object_unref (self->task);
  g_free (self);
}

static void
opened_cb (OaiExchange *exchange, gpointer user_data)
{
  Opening *opening = user_data;
  OaiCall *call = oai_exchange_get_call (exchange);
  goffset length;
  guint idle_timeout;
  g_autoptr(GInputStream) body = NULL;
  GInputStream *stream;

  if (opening->media && oai_reply_body_is_no_media (call))
    return;

  body = oai_exchange_detach_body (exchange, &length, &idle_timeout);
  stream = oai_body_input_stream_new (body, G_OBJECT (call), length, idle_timeout);
  g_task_return_pointer (opening->task, stream, g_object_unref);
  opening_free (opening);
}

/* The reply is not audio or image data. It may contain an error of the server. */
static void
refuse (Opening *opening)
{
  GBytes *body = g_bytes_new (opening->refused.data, opening->refused.length);
  const char *secret = oai_exchange_get_secret (opening->exchange);
  GError *error = oai_reply_body_new_media_error (oai_exchange_get_call (opening->exchange), body, secret);

  oai_redact_error (error, secret);
  if (opening->refused.length < MAX_REFUSED)
    oai_exchange_fail_reply (opening->exchange, error);
  else
    oai_exchange_finish_early (opening->exchange, g_error_copy (error));
  g_task_return_error (opening->task, error);
  opening_free (opening);
}

static void
open_done_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  Opening *opening = user_data;

  if (error == NULL)
    {
      refuse (opening);
      return;
    }
  g_task_return_error (opening->task, error);
  opening_free (opening);
}

static char *
open_reserve_cb (gsize *size, gpointer user_data)
{
  return oai_buffer_reserve (&((Opening *) user_data)->refused, 0, size);
}

static gboolean
open_commit_cb (gsize size, gpointer user_data)
{
  Opening *opening = user_data;

  opening->refused.length += size;
  if (opening->refused.length < MAX_REFUSED)
    return TRUE;

  refuse (opening);
  return FALSE;
}

static const OaiExchangeSink open_sink = { opened_cb, open_reserve_cb, open_commit_cb, open_done_cb };

/**
 * oai_endpoint_open_async: (skip)
 * @self: an endpoint
 * @operation: the index of an operation in the table of the endpoint
 * @path_arguments: (nullable) (array zero-terminated=1): the values of the parameters of the path, in their order
 * @query: (nullable): the query
 * @request: (nullable): the body of the request
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the operation is complete
 * @user_data: data for @callback
 * @source_tag: the source tag of the task
 *
 * Sends the request of an operation whose result is bytes, and returns the body as a
 * stream once it begins.
 *
 * Since: 1.0
 */
void
oai_endpoint_open_async (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  const OaiOperation *table;
  OaiRequestBuilder builder;
  OaiRequest *built;
  Opening *opening;
  GError *error = NULL;
  GTask *task;

  g_return_if_fail (OAI_IS_ENDPOINT (self));
  g_return_if_fail (operation < OAI_ENDPOINT_GET_CLASS (self)->n_operations);

  table = &OAI_ENDPOINT_GET_CLASS (self)->operations[operation];
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, source_tag);
  g_task_set_check_cancellable (task, FALSE);
  builder = get_builder (self, table);
  built = oai_request_builder_build (&builder, path_arguments, query, request, FALSE, &error);
  if (built == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  opening = g_new0 (Opening, 1);
  opening->task = task;
  opening->media = (table->flags & OAI_OPERATION_MEDIA) != 0;
  opening->exchange = oai_exchange_new (get_private (self)->client, built, TRUE, &open_sink, opening);
  oai_call_attach (oai_exchange_get_call (opening->exchange), task);
  oai_exchange_start (opening->exchange, cancellable);
}

/**
 * oai_endpoint_open_finish: (skip)
 * @self: an endpoint
 * @result: the result
 * @error: return location for an error
 *
 * Finishes oai_endpoint_open_async().
 *
 * Returns: (transfer full): the body as it arrives, or %NULL on error
 *
 * Since: 1.0
 */
GInputStream *
oai_endpoint_open_finish (OaiEndpoint *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_endpoint_open: (skip)
 * @self: an endpoint
 * @operation: the index of an operation in the table of the endpoint
 * @path_arguments: (nullable) (array zero-terminated=1): the values of the parameters of the path, in their order
 * @query: (nullable): the query
 * @request: (nullable): the body of the request
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Does the same as oai_endpoint_open_async(), and blocks until the body begins.
 *
 * Returns: (transfer full): the body as it arrives, or %NULL on error
 *
 * Since: 1.0
 */
GInputStream *
oai_endpoint_open (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  GInputStream *stream;

  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);
  g_return_val_if_fail (operation < OAI_ENDPOINT_GET_CLASS (self)->n_operations, NULL);

  oai_blocking_call_begin (&sync);
  oai_endpoint_open_async (self, operation, path_arguments, query, request, cancellable, oai_blocking_call_ready, &sync, oai_endpoint_open);
  stream = oai_endpoint_open_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return stream;
}

/**
 * oai_endpoint_stream: (skip)
 * @self: an endpoint
 * @operation: the index of an operation in the table of the endpoint
 * @path_arguments: (nullable) (array zero-terminated=1): the values of the parameters of the path, in their order
 * @query: (nullable): the query
 * @request: (nullable): the body of the request
 *
 * Creates a stream of the reply of an operation. The request is sent when the stream is run or
 * read. It contains the member that requests a stream.
 *
 * Returns: (transfer full): a stream of the type that the table gives the operation
 *
 * Since: 1.0
 */
gpointer
oai_endpoint_stream (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request)
{
  const OaiOperation *table;
  OaiRequestBuilder builder;
  OaiRequest *built;
  OaiEventSource *source = NULL;
  GError *error = NULL;

  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);
  g_return_val_if_fail (operation < OAI_ENDPOINT_GET_CLASS (self)->n_operations, NULL);

  table = &OAI_ENDPOINT_GET_CLASS (self)->operations[operation];
  g_return_val_if_fail (table->stream_type != NULL, NULL);

  builder = get_builder (self, table);
  built = oai_request_builder_build (&builder, path_arguments, query, request, TRUE, &error);
  if (built != NULL)
    source = oai_http_event_source_new (get_private (self)->client, built);

  return oai_stream_new (table->stream_type (), get_private (self)->client, source, table->chunk_type (), error);
}

/* Sockets */

/**
 * oai_endpoint_create_socket: (skip)
 * @self: an endpoint
 * @operation: the socket endpoint of the API; static
 * @path_arguments: (nullable): the values of the parameters of the path
 * @query: (nullable): the query
 *
 * Creates a socket that is not connected yet. For generated code.
 *
 * Returns: (transfer full): the socket
 *
 * Since: 1.0
 */
gpointer
oai_endpoint_create_socket (OaiEndpoint *self, const struct _OaiSocketOperation *operation, const char *const *path_arguments, OaiRecord *query)
{
  OaiOperation handshake = { .method = "GET" };
  OaiSocketOperation known;
  OaiRequestBuilder builder;
  OaiRequest *request;
  GError *error = NULL;

  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);

  read_table (&known, sizeof (known), operation, operation->size);
  handshake.name = known.name;
  handshake.path = known.path;
  handshake.result = OAI_RESULT_NONE;
  handshake.query_type = known.query_type;
  handshake.beta = known.beta;
  handshake.beta_version = known.beta_version;
  builder = get_builder (self, &handshake);
  request = oai_request_builder_build (&builder, path_arguments, query, NULL, FALSE, &error);

  return oai_web_socket_new (known.socket_type (), get_private (self)->client, request, known.client_event_type (), known.server_event_type (), error);
}

/* Invoking operations by name */

static void
called_cb (OaiExchange *exchange, GBytes *body, GError *error, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  const OaiOperation *operation = g_task_get_task_data (task);
  OaiCall *call = oai_exchange_get_call (exchange);
  const char *secret = oai_exchange_get_secret (exchange);
  char *text = NULL;

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  if (operation->result == OAI_RESULT_BYTES)
    body = oai_reply_new (get_private (g_task_get_source_object (task))->client, operation, OAI_FORMAT_ANY, call, body, secret, &error);
  else
    text = oai_reply_body_dup_text (call, body, secret, &error);
  if (error != NULL)
    {
      oai_exchange_fail_reply (exchange, error);
      g_task_return_error (task, error);
      return;
    }
  if (operation->result == OAI_RESULT_BYTES)
    {
      text = g_base64_encode (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
      g_bytes_unref (body);
    }

  g_task_return_pointer (task, text, g_free);
}

/**
 * oai_endpoint_invoke_by_name_async:
 * @self: an endpoint
 * @operation: the name of an operation, such as `create`
 * @arguments_json: (nullable): a JSON object with all arguments by the names that the API gives them:
 *   parameters of the path and of the query, and members of the body; files of an upload are given
 *   as paths
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the operation is complete
 * @user_data: data for @callback
 *
 * Starts [method@Oai.Endpoint.invoke_by_name].
 *
 * Since: 1.0
 */
void
oai_endpoint_invoke_by_name_async (OaiEndpoint *self, const char *operation, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  const OaiOperation *table;
  OaiRequestBuilder builder;
  OaiRequest *built = NULL;
  GError *error = NULL;
  GTask *task;

  g_return_if_fail (OAI_IS_ENDPOINT (self));
  g_return_if_fail (operation != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_endpoint_invoke_by_name_async);
  g_task_set_check_cancellable (task, FALSE);
  table = find_operation (self, operation, &error);
  builder = get_builder (self, table);
  if (table != NULL)
    built = oai_request_builder_build_from_json (&builder, arguments_json, &error);
  if (built == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  g_task_set_task_data (task, (gpointer) table, NULL);
  oai_reply_collect (get_private (self)->client, built, cancellable, task, called_cb, task);
}

/**
 * oai_endpoint_invoke_by_name_finish:
 * @self: an endpoint
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.Endpoint.invoke_by_name_async].
 *
 * Returns: (nullable) (transfer full): the reply as text, or %NULL on error or if the reply is
 *   empty
 *
 * Since: 1.0
 */
char *
oai_endpoint_invoke_by_name_finish (OaiEndpoint *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_endpoint_invoke_by_name:
 * @self: an endpoint
 * @operation: the name of an operation, such as `create`
 * @arguments_json: (nullable): a JSON object with all arguments by the names that the API gives them:
 *   parameters of the path and of the query, and members of the body; files of an upload are given
 *   as paths
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Calls an operation by its name. Arguments and reply are JSON text. A program can use endpoints
 * in this way that are only known when it runs, and members that this library does not know.
 *
 * A binary reply is returned as Base64 text, and a streamed reply as the text that was sent. The
 * method blocks until the reply has arrived; see [method@Oai.Endpoint.invoke_by_name_async].
 *
 * Returns: (nullable) (transfer full): the reply as text, or %NULL on error or if the reply is
 *   empty
 *
 * Since: 1.0
 */
char *
oai_endpoint_invoke_by_name (OaiEndpoint *self, const char *operation, const char *arguments_json, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  char *reply;

  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);
  g_return_val_if_fail (operation != NULL, NULL);

  oai_blocking_call_begin (&sync);
  oai_endpoint_invoke_by_name_async (self, operation, arguments_json, cancellable, oai_blocking_call_ready, &sync);
  reply = oai_endpoint_invoke_by_name_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return reply;
}
