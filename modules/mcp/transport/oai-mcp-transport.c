/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-transport-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-secret-private.h"

typedef struct
{
  const OaiMcpTransportListener *listener; /* NULL if no callback may follow */
  gpointer user_data;
  char *version; /* NULL before it is negotiated */
  gboolean stateless;
  guint max_message_size;
  char *secrets;
} OaiMcpTransportPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (OaiMcpTransport, oai_mcp_transport, G_TYPE_OBJECT)

static OaiMcpTransportPrivate *
get_private (OaiMcpTransport *self)
{
  return oai_mcp_transport_get_instance_private (self);
}

static void
oai_mcp_transport_finalize (GObject *object)
{
  OaiMcpTransportPrivate *priv = get_private (OAI_MCP_TRANSPORT (object));

  g_free (priv->version);
  oai_secret_free (priv->secrets);

  G_OBJECT_CLASS (oai_mcp_transport_parent_class)->finalize (object);
}

static void
oai_mcp_transport_class_init (OaiMcpTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_mcp_transport_finalize;
}

static void
oai_mcp_transport_init (OaiMcpTransport *self)
{
}

void
oai_mcp_transport_set_listener (OaiMcpTransport *self, const OaiMcpTransportListener *listener, gpointer user_data)
{
  OaiMcpTransportPrivate *priv = get_private (self);

  priv->listener = listener;
  priv->user_data = user_data;
}

gboolean
oai_mcp_transport_start (OaiMcpTransport *self, GError **error)
{
  return OAI_MCP_TRANSPORT_GET_CLASS (self)->start (self, error);
}

void
oai_mcp_transport_send (OaiMcpTransport *self, const OaiMcpMessage *message)
{
  OAI_MCP_TRANSPORT_GET_CLASS (self)->send (self, message);
}

void
oai_mcp_transport_forget (OaiMcpTransport *self, gint64 id, gboolean answered)
{
  if (OAI_MCP_TRANSPORT_GET_CLASS (self)->forget != NULL)
    OAI_MCP_TRANSPORT_GET_CLASS (self)->forget (self, id, answered);
}

void
oai_mcp_transport_listen (OaiMcpTransport *self)
{
  if (OAI_MCP_TRANSPORT_GET_CLASS (self)->listen != NULL)
    OAI_MCP_TRANSPORT_GET_CLASS (self)->listen (self);
}

void
oai_mcp_transport_close_async (OaiMcpTransport *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, oai_mcp_transport_close_async);
  g_task_set_check_cancellable (task, FALSE);
  get_private (self)->listener = NULL;
  OAI_MCP_TRANSPORT_GET_CLASS (self)->close (self, task);
}

gboolean
oai_mcp_transport_close_finish (OaiMcpTransport *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
oai_mcp_transport_abandon (OaiMcpTransport *self)
{
  get_private (self)->listener = NULL;
  OAI_MCP_TRANSPORT_GET_CLASS (self)->abandon (self);
}

void
oai_mcp_transport_set_version (OaiMcpTransport *self, const char *version, gboolean stateless)
{
  OaiMcpTransportPrivate *priv = get_private (self);

  g_free (priv->version);
  priv->version = g_strdup (version);
  priv->stateless = stateless;
}

const char *
oai_mcp_transport_get_version (OaiMcpTransport *self)
{
  return get_private (self)->version;
}

gboolean
oai_mcp_transport_is_stateless (OaiMcpTransport *self)
{
  return get_private (self)->stateless;
}

void
oai_mcp_transport_set_max_message_size (OaiMcpTransport *self, guint bytes)
{
  get_private (self)->max_message_size = bytes;
}

guint
oai_mcp_transport_get_max_message_size (OaiMcpTransport *self)
{
  return get_private (self)->max_message_size;
}

const char *
oai_mcp_transport_get_secrets (OaiMcpTransport *self)
{
  return get_private (self)->secrets;
}

void
oai_mcp_transport_set_secrets (OaiMcpTransport *self, const char *secrets)
{
  OaiMcpTransportPrivate *priv = get_private (self);

  if (g_strcmp0 (priv->secrets, secrets) == 0)
    return;

  oai_secret_free (priv->secrets);
  priv->secrets = g_strdup (secrets);
}

gboolean
oai_mcp_transport_has_listener (OaiMcpTransport *self)
{
  return get_private (self)->listener != NULL;
}

void
oai_mcp_transport_receive (OaiMcpTransport *self, const char *text, gsize length, gint64 id)
{
  OaiMcpTransportPrivate *priv = get_private (self);

  if (priv->listener != NULL)
    priv->listener->received (self, text, length, id, priv->user_data);
}

void
oai_mcp_transport_fail (OaiMcpTransport *self, gint64 id, GError *error)
{
  OaiMcpTransportPrivate *priv = get_private (self);

  if (priv->listener != NULL)
    priv->listener->failed (self, id, error, priv->user_data);
  else
    g_error_free (error);
}

void
oai_mcp_transport_lose (OaiMcpTransport *self, GError *error)
{
  OaiMcpTransportPrivate *priv = get_private (self);
  const OaiMcpTransportListener *listener = g_steal_pointer (&priv->listener);

  if (listener != NULL)
    listener->lost (self, error, priv->user_data);
  else
    g_error_free (error);
}

GError *
oai_mcp_transport_new_too_large_error (OaiMcpTransport *self)
{
  return g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("A message of the MCP server is larger than %u bytes"),
                      get_private (self)->max_message_size);
}
