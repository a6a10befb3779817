/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-upstream-private.h"

#include "oai-emit-private.h"
#include "oai-proxy-pattern-private.h"

/**
 * OaiProxyUpstream:
 *
 * A server that a proxy forwards requests to, with the credentials of a client.
 *
 * A request that names a model is sent to one of the upstreams that have the model: of those with the smallest
 * [property@Oai.ProxyUpstream:priority], in proportion to their [property@Oai.ProxyUpstream:weight]. If the connection
 * fails, or the reply is a failure of the server, and no byte was sent to the client, then the next upstream is used.
 *
 * An upstream that fails repeatedly, or requests a delay, is avoided for a time between 1 and 60 seconds. After it, one
 * request probes the upstream. If all upstreams for a request are unhealthy, one of them is used nevertheless.
 *
 * A request that names no model is sent to the upstream with the smallest priority that was added first, since the
 * objects of the API, such as files and batches, exist on one server only. For the same reason, programs that use
 * stored responses or conversations use one upstream for a model, or upstreams with different priorities.
 *
 * An upstream belongs to one proxy.
 *
 * Since: 1.0
 */
struct _OaiProxyUpstream
{
  GObject parent_instance;

  char *name;
  OaiClient *client;
  char **models;
  guint priority;
  guint weight;
  guint max_concurrent;

  guint n_active;
  OaiHealth health;
};

G_DEFINE_FINAL_TYPE (OaiProxyUpstream, oai_proxy_upstream, G_TYPE_OBJECT)

enum
{
  PROP_NAME = 1,
  PROP_CLIENT,
  PROP_MODELS,
  PROP_PRIORITY,
  PROP_WEIGHT,
  PROP_MAX_CONCURRENT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
oai_proxy_upstream_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiProxyUpstream *self = OAI_PROXY_UPSTREAM (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_CLIENT:
      g_value_set_object (value, self->client);
      break;
    case PROP_MODELS:
      g_value_set_boxed (value, self->models);
      break;
    case PROP_PRIORITY:
      g_value_set_uint (value, self->priority);
      break;
    case PROP_WEIGHT:
      g_value_set_uint (value, self->weight);
      break;
    case PROP_MAX_CONCURRENT:
      g_value_set_uint (value, self->max_concurrent);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_proxy_upstream_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OaiProxyUpstream *self = OAI_PROXY_UPSTREAM (object);

  switch (id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_CLIENT:
      self->client = g_value_dup_object (value);
      break;
    case PROP_MODELS:
      oai_proxy_upstream_set_models (self, g_value_get_boxed (value));
      break;
    case PROP_PRIORITY:
      oai_proxy_upstream_set_priority (self, g_value_get_uint (value));
      break;
    case PROP_WEIGHT:
      oai_proxy_upstream_set_weight (self, g_value_get_uint (value));
      break;
    case PROP_MAX_CONCURRENT:
      oai_proxy_upstream_set_max_concurrent (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_proxy_upstream_finalize (GObject *object)
{
  OaiProxyUpstream *self = OAI_PROXY_UPSTREAM (object);

  g_free (self->name);
  g_clear_object (&self->client);
  g_strfreev (self->models);

  G_OBJECT_CLASS (oai_proxy_upstream_parent_class)->finalize (object);
}

static void
oai_proxy_upstream_class_init (OaiProxyUpstreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oai_proxy_upstream_get_property;
  object_class->set_property = oai_proxy_upstream_set_property;
  object_class->finalize = oai_proxy_upstream_finalize;

  /**
   * OaiProxyUpstream:name:
   *
   * The name of the upstream in logs, records and metrics.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiProxyUpstream:client:
   *
   * The client, whose settings and credentials are used for the requests.
   *
   * Since: 1.0
   */
  props[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, OAI_TYPE_CLIENT, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiProxyUpstream:models:
   *
   * The models of the upstream, as patterns in which `*` stands for any text: `gpt-5*`. %NULL for all models.
   *
   * Since: 1.0
   */
  props[PROP_MODELS] = g_param_spec_boxed ("models", NULL, NULL, G_TYPE_STRV, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyUpstream:priority:
   *
   * The priority: upstreams with smaller numbers are used first. The others are used while those are unhealthy or busy, and for requests that failed there.
   *
   * Since: 1.0
   */
  props[PROP_PRIORITY] = g_param_spec_uint ("priority", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyUpstream:weight:
   *
   * The weight: the share of requests among the upstreams with the same model and priority.
   *
   * Since: 1.0
   */
  props[PROP_WEIGHT] = g_param_spec_uint ("weight", NULL, NULL, 1, G_MAXUINT, 1, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyUpstream:max-concurrent:
   *
   * The largest number of requests at the same time, including WebSocket connections; 0 for no limit. Further requests are sent to other upstreams, or refused.
   *
   * Since: 1.0
   */
  props[PROP_MAX_CONCURRENT] = g_param_spec_uint ("max-concurrent", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
oai_proxy_upstream_init (OaiProxyUpstream *self)
{
  self->weight = 1;
}

/**
 * oai_proxy_upstream_new:
 * @name: the name in logs, records and metrics
 * @client: the client, whose settings and credentials are used for the requests
 *
 * Creates an upstream for all models.
 *
 * Returns: (transfer full): a new upstream
 *
 * Since: 1.0
 */
OaiProxyUpstream *
oai_proxy_upstream_new (const char *name, OaiClient *client)
{
  g_return_val_if_fail (name != NULL && *name != '\0', NULL);
  g_return_val_if_fail (OAI_IS_CLIENT (client), NULL);

  return g_object_new (OAI_TYPE_PROXY_UPSTREAM, "name", name, "client", client, NULL);
}

/**
 * oai_proxy_upstream_get_name:
 * @self: an upstream
 *
 * Gets the name in logs, records and metrics.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
oai_proxy_upstream_get_name (OaiProxyUpstream *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_UPSTREAM (self), NULL);

  return self->name;
}

/**
 * oai_proxy_upstream_get_client:
 * @self: an upstream
 *
 * Gets the client.
 *
 * Returns: (transfer none): the client
 *
 * Since: 1.0
 */
OaiClient *
oai_proxy_upstream_get_client (OaiProxyUpstream *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_UPSTREAM (self), NULL);

  return self->client;
}

/**
 * oai_proxy_upstream_get_models:
 * @self: an upstream
 *
 * Gets the patterns of the models; see [property@Oai.ProxyUpstream:models].
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): the patterns, or %NULL if the upstream has all models
 *
 * Since: 1.0
 */
const char *const *
oai_proxy_upstream_get_models (OaiProxyUpstream *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_UPSTREAM (self), NULL);

  return (const char *const *) self->models;
}

/**
 * oai_proxy_upstream_set_models:
 * @self: an upstream
 * @patterns: (nullable) (array zero-terminated=1): the patterns, or %NULL for all models
 *
 * Sets the patterns of the models; see [property@Oai.ProxyUpstream:models].
 *
 * Since: 1.0
 */
void
oai_proxy_upstream_set_models (OaiProxyUpstream *self, const char *const *patterns)
{
  g_return_if_fail (OAI_IS_PROXY_UPSTREAM (self));

  if (self->models == NULL && patterns == NULL)
    return;
  if (self->models != NULL && patterns != NULL && g_strv_equal ((const char *const *) self->models, patterns))
    return;

  g_strfreev (self->models);
  self->models = g_strdupv ((char **) patterns);
  oai_emit_notify (self, props[PROP_MODELS]);
}

/**
 * oai_proxy_upstream_get_priority:
 * @self: an upstream
 *
 * Gets the priority: upstreams with smaller numbers are used first.
 *
 * Returns: the priority
 *
 * Since: 1.0
 */
guint
oai_proxy_upstream_get_priority (OaiProxyUpstream *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_UPSTREAM (self), 0);

  return self->priority;
}

/**
 * oai_proxy_upstream_set_priority:
 * @self: an upstream
 * @priority: the priority
 *
 * Sets the priority: upstreams with smaller numbers are used first. The others are used while those are unhealthy or busy, and for requests that failed there.
 *
 * Since: 1.0
 */
void
oai_proxy_upstream_set_priority (OaiProxyUpstream *self, guint priority)
{
  g_return_if_fail (OAI_IS_PROXY_UPSTREAM (self));

  if (self->priority == priority)
    return;

  self->priority = priority;
  oai_emit_notify (self, props[PROP_PRIORITY]);
}

/**
 * oai_proxy_upstream_get_weight:
 * @self: an upstream
 *
 * Gets the weight: the share of requests among the upstreams with the same model and priority.
 *
 * Returns: the weight, at least 1
 *
 * Since: 1.0
 */
guint
oai_proxy_upstream_get_weight (OaiProxyUpstream *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_UPSTREAM (self), 0);

  return self->weight;
}

/**
 * oai_proxy_upstream_set_weight:
 * @self: an upstream
 * @weight: the weight, at least 1
 *
 * Sets the weight: the share of requests among the upstreams with the same model and priority.
 *
 * Since: 1.0
 */
void
oai_proxy_upstream_set_weight (OaiProxyUpstream *self, guint weight)
{
  g_return_if_fail (OAI_IS_PROXY_UPSTREAM (self));
  g_return_if_fail (weight > 0);

  if (self->weight == weight)
    return;

  self->weight = weight;
  oai_emit_notify (self, props[PROP_WEIGHT]);
}

/**
 * oai_proxy_upstream_get_max_concurrent:
 * @self: an upstream
 *
 * Gets the largest number of requests at the same time, including WebSocket connections.
 *
 * Returns: the limit; 0 for none
 *
 * Since: 1.0
 */
guint
oai_proxy_upstream_get_max_concurrent (OaiProxyUpstream *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_UPSTREAM (self), 0);

  return self->max_concurrent;
}

/**
 * oai_proxy_upstream_set_max_concurrent:
 * @self: an upstream
 * @requests: the limit; 0 for none
 *
 * Sets the largest number of requests at the same time, including WebSocket connections. Further requests are sent to other upstreams, or refused.
 * Without a limit, up to 1600 requests are sent at the same time over HTTP/1.1, and further ones wait.
 *
 * Since: 1.0
 */
void
oai_proxy_upstream_set_max_concurrent (OaiProxyUpstream *self, guint requests)
{
  g_return_if_fail (OAI_IS_PROXY_UPSTREAM (self));

  if (self->max_concurrent == requests)
    return;

  self->max_concurrent = requests;
  oai_emit_notify (self, props[PROP_MAX_CONCURRENT]);
}

/**
 * oai_proxy_upstream_get_n_active:
 * @self: an upstream
 *
 * Gets the number of requests that the upstream serves now, including WebSocket connections.
 *
 * Returns: the number of requests
 *
 * Since: 1.0
 */
guint
oai_proxy_upstream_get_n_active (OaiProxyUpstream *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_UPSTREAM (self), 0);

  return self->n_active;
}

/**
 * oai_proxy_upstream_is_healthy:
 * @self: an upstream
 *
 * Checks whether the upstream replied to the latest requests. An unhealthy upstream is avoided if there are others.
 *
 * Returns: whether the upstream is healthy
 *
 * Since: 1.0
 */
gboolean
oai_proxy_upstream_is_healthy (OaiProxyUpstream *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_UPSTREAM (self), FALSE);

  return self->health.until == 0;
}

OaiHealth *
oai_proxy_upstream_get_health (OaiProxyUpstream *self)
{
  return &self->health;
}

gboolean
oai_proxy_upstream_has_model (OaiProxyUpstream *self, const char *model)
{
  return self->models == NULL || model == NULL || oai_proxy_pattern_any_matches ((const char *const *) self->models, model);
}

gboolean
oai_proxy_upstream_has_room (OaiProxyUpstream *self)
{
  return self->max_concurrent == 0 || self->n_active < self->max_concurrent;
}

void
oai_proxy_upstream_begin_request (OaiProxyUpstream *self)
{
  self->n_active++;
}

void
oai_proxy_upstream_end_request (OaiProxyUpstream *self)
{
  g_return_if_fail (self->n_active > 0);

  self->n_active--;
}
