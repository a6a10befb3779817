/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-limits.h"

#include "oai-emit-private.h"
#include "oai-proxy-pattern-private.h"

/**
 * OaiProxyLimits:
 *
 * What an identity may use of a proxy. Several identities can share an object of limits; each of them has its own counters.
 *
 * Tokens and costs are known only after a reply, so a request is admitted as long as the previous ones have not exhausted
 * the limit. Changes apply to later requests.
 *
 * Since: 1.0
 */
struct _OaiProxyLimits
{
  GObject parent_instance;

  guint requests_per_minute;
  guint requests_per_day;
  gint64 tokens_per_minute;
  gint64 tokens_per_day;
  double cost_per_day;
  double cost_per_month;
  guint max_streams;
  guint64 max_body_size;
  char **allowed_models;
  char **allowed_operations;
};

G_DEFINE_FINAL_TYPE (OaiProxyLimits, oai_proxy_limits, G_TYPE_OBJECT)

enum
{
  PROP_REQUESTS_PER_MINUTE = 1,
  PROP_REQUESTS_PER_DAY,
  PROP_TOKENS_PER_MINUTE,
  PROP_TOKENS_PER_DAY,
  PROP_COST_PER_DAY,
  PROP_COST_PER_MONTH,
  PROP_MAX_STREAMS,
  PROP_MAX_BODY_SIZE,
  PROP_ALLOWED_MODELS,
  PROP_ALLOWED_OPERATIONS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
oai_proxy_limits_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiProxyLimits *self = OAI_PROXY_LIMITS (object);

  switch (id)
    {
    case PROP_REQUESTS_PER_MINUTE:
      g_value_set_uint (value, self->requests_per_minute);
      break;
    case PROP_REQUESTS_PER_DAY:
      g_value_set_uint (value, self->requests_per_day);
      break;
    case PROP_TOKENS_PER_MINUTE:
      g_value_set_int64 (value, self->tokens_per_minute);
      break;
    case PROP_TOKENS_PER_DAY:
      g_value_set_int64 (value, self->tokens_per_day);
      break;
    case PROP_COST_PER_DAY:
      g_value_set_double (value, self->cost_per_day);
      break;
    case PROP_COST_PER_MONTH:
      g_value_set_double (value, self->cost_per_month);
      break;
    case PROP_MAX_STREAMS:
      g_value_set_uint (value, self->max_streams);
      break;
    case PROP_MAX_BODY_SIZE:
      g_value_set_uint64 (value, self->max_body_size);
      break;
    case PROP_ALLOWED_MODELS:
      g_value_set_boxed (value, self->allowed_models);
      break;
    case PROP_ALLOWED_OPERATIONS:
      g_value_set_boxed (value, self->allowed_operations);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_proxy_limits_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OaiProxyLimits *self = OAI_PROXY_LIMITS (object);

  switch (id)
    {
    case PROP_REQUESTS_PER_MINUTE:
      oai_proxy_limits_set_requests_per_minute (self, g_value_get_uint (value));
      break;
    case PROP_REQUESTS_PER_DAY:
      oai_proxy_limits_set_requests_per_day (self, g_value_get_uint (value));
      break;
    case PROP_TOKENS_PER_MINUTE:
      oai_proxy_limits_set_tokens_per_minute (self, g_value_get_int64 (value));
      break;
    case PROP_TOKENS_PER_DAY:
      oai_proxy_limits_set_tokens_per_day (self, g_value_get_int64 (value));
      break;
    case PROP_COST_PER_DAY:
      oai_proxy_limits_set_cost_per_day (self, g_value_get_double (value));
      break;
    case PROP_COST_PER_MONTH:
      oai_proxy_limits_set_cost_per_month (self, g_value_get_double (value));
      break;
    case PROP_MAX_STREAMS:
      oai_proxy_limits_set_max_streams (self, g_value_get_uint (value));
      break;
    case PROP_MAX_BODY_SIZE:
      oai_proxy_limits_set_max_body_size (self, g_value_get_uint64 (value));
      break;
    case PROP_ALLOWED_MODELS:
      oai_proxy_limits_set_allowed_models (self, g_value_get_boxed (value));
      break;
    case PROP_ALLOWED_OPERATIONS:
      oai_proxy_limits_set_allowed_operations (self, g_value_get_boxed (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_proxy_limits_finalize (GObject *object)
{
  OaiProxyLimits *self = OAI_PROXY_LIMITS (object);

  g_strfreev (self->allowed_models);
  g_strfreev (self->allowed_operations);

  G_OBJECT_CLASS (oai_proxy_limits_parent_class)->finalize (object);
}

static void
oai_proxy_limits_class_init (OaiProxyLimitsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oai_proxy_limits_get_property;
  object_class->set_property = oai_proxy_limits_set_property;
  object_class->finalize = oai_proxy_limits_finalize;

  /**
   * OaiProxyLimits:requests-per-minute:
   *
   * The number of requests in any minute; 0 for no limit.
   *
   * Since: 1.0
   */
  props[PROP_REQUESTS_PER_MINUTE] = g_param_spec_uint ("requests-per-minute", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyLimits:requests-per-day:
   *
   * The number of requests in any day; 0 for no limit.
   *
   * Since: 1.0
   */
  props[PROP_REQUESTS_PER_DAY] = g_param_spec_uint ("requests-per-day", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyLimits:tokens-per-minute:
   *
   * The number of tokens, of input and output together, in any minute; 0 for no limit.
   *
   * Since: 1.0
   */
  props[PROP_TOKENS_PER_MINUTE] = g_param_spec_int64 ("tokens-per-minute", NULL, NULL, 0, G_MAXINT64, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyLimits:tokens-per-day:
   *
   * The number of tokens, of input and output together, in any day; 0 for no limit.
   *
   * Since: 1.0
   */
  props[PROP_TOKENS_PER_DAY] = g_param_spec_int64 ("tokens-per-day", NULL, NULL, 0, G_MAXINT64, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyLimits:cost-per-day:
   *
   * The cost in any day, in US dollars, by the price table of the proxy; 0 for no limit.
   *
   * Since: 1.0
   */
  props[PROP_COST_PER_DAY] = g_param_spec_double ("cost-per-day", NULL, NULL, 0, G_MAXDOUBLE, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyLimits:cost-per-month:
   *
   * The cost in a calendar month of UTC, in US dollars, by the price table of the proxy; 0 for no limit.
   *
   * Since: 1.0
   */
  props[PROP_COST_PER_MONTH] = g_param_spec_double ("cost-per-month", NULL, NULL, 0, G_MAXDOUBLE, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyLimits:max-streams:
   *
   * The number of requests and WebSocket connections at the same time; 0 for no limit.
   *
   * Since: 1.0
   */
  props[PROP_MAX_STREAMS] = g_param_spec_uint ("max-streams", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyLimits:max-body-size:
   *
   * The size of the body of a request, in bytes; 0 for no limit.
   *
   * Since: 1.0
   */
  props[PROP_MAX_BODY_SIZE] = g_param_spec_uint64 ("max-body-size", NULL, NULL, 0, G_MAXUINT64, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyLimits:allowed-models:
   *
   * The models that requests may name, as patterns in which `*` stands for any text: `gpt-5*`. %NULL for all.
   *
   * Since: 1.0
   */
  props[PROP_ALLOWED_MODELS] = g_param_spec_boxed ("allowed-models", NULL, NULL, G_TYPE_STRV, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyLimits:allowed-operations:
   *
   * The operations that are allowed, as patterns: `chat.create`, `responses.*`. Requests to paths that are no operation of the API that this version knows are allowed only if the list is %NULL or contains `*`. %NULL for all.
   *
   * Since: 1.0
   */
  props[PROP_ALLOWED_OPERATIONS] = g_param_spec_boxed ("allowed-operations", NULL, NULL, G_TYPE_STRV, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
oai_proxy_limits_init (OaiProxyLimits *self)
{
}

/**
 * oai_proxy_limits_new:
 *
 * Creates an object without limits.
 *
 * Returns: (transfer full): a new object
 *
 * Since: 1.0
 */
OaiProxyLimits *
oai_proxy_limits_new (void)
{
  return g_object_new (OAI_TYPE_PROXY_LIMITS, NULL);
}

/**
 * oai_proxy_limits_get_requests_per_minute:
 * @self: the limits
 *
 * Gets the number of requests in any minute.
 *
 * Returns: the limit; 0 for none
 *
 * Since: 1.0
 */
guint
oai_proxy_limits_get_requests_per_minute (OaiProxyLimits *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), 0);

  return self->requests_per_minute;
}

/**
 * oai_proxy_limits_set_requests_per_minute:
 * @self: the limits
 * @requests: the limit; 0 for none
 *
 * Sets the number of requests in any minute.
 *
 * Since: 1.0
 */
void
oai_proxy_limits_set_requests_per_minute (OaiProxyLimits *self, guint requests)
{
  g_return_if_fail (OAI_IS_PROXY_LIMITS (self));

  if (self->requests_per_minute == requests)
    return;

  self->requests_per_minute = requests;
  oai_emit_notify (self, props[PROP_REQUESTS_PER_MINUTE]);
}

/**
 * oai_proxy_limits_get_requests_per_day:
 * @self: the limits
 *
 * Gets the number of requests in any day.
 *
 * Returns: the limit; 0 for none
 *
 * Since: 1.0
 */
guint
oai_proxy_limits_get_requests_per_day (OaiProxyLimits *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), 0);

  return self->requests_per_day;
}

/**
 * oai_proxy_limits_set_requests_per_day:
 * @self: the limits
 * @requests: the limit; 0 for none
 *
 * Sets the number of requests in any day.
 *
 * Since: 1.0
 */
void
oai_proxy_limits_set_requests_per_day (OaiProxyLimits *self, guint requests)
{
  g_return_if_fail (OAI_IS_PROXY_LIMITS (self));

  if (self->requests_per_day == requests)
    return;

  self->requests_per_day = requests;
  oai_emit_notify (self, props[PROP_REQUESTS_PER_DAY]);
}

/**
 * oai_proxy_limits_get_tokens_per_minute:
 * @self: the limits
 *
 * Gets the number of tokens, of input and output together, in any minute.
 *
 * Returns: the limit; 0 for none
 *
 * Since: 1.0
 */
gint64
oai_proxy_limits_get_tokens_per_minute (OaiProxyLimits *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), 0);

  return self->tokens_per_minute;
}

/**
 * oai_proxy_limits_set_tokens_per_minute:
 * @self: the limits
 * @tokens: the limit; 0 for none
 *
 * Sets the number of tokens, of input and output together, in any minute.
 *
 * Since: 1.0
 */
void
oai_proxy_limits_set_tokens_per_minute (OaiProxyLimits *self, gint64 tokens)
{
  g_return_if_fail (OAI_IS_PROXY_LIMITS (self));
  g_return_if_fail (tokens >= 0);

  if (self->tokens_per_minute == tokens)
    return;

  self->tokens_per_minute = tokens;
  oai_emit_notify (self, props[PROP_TOKENS_PER_MINUTE]);
}

/**
 * oai_proxy_limits_get_tokens_per_day:
 * @self: the limits
 *
 * Gets the number of tokens, of input and output together, in any day.
 *
 * Returns: the limit; 0 for none
 *
 * Since: 1.0
 */
gint64
oai_proxy_limits_get_tokens_per_day (OaiProxyLimits *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), 0);

  return self->tokens_per_day;
}

/**
 * oai_proxy_limits_set_tokens_per_day:
 * @self: the limits
 * @tokens: the limit; 0 for none
 *
 * Sets the number of tokens, of input and output together, in any day.
 *
 * Since: 1.0
 */
void
oai_proxy_limits_set_tokens_per_day (OaiProxyLimits *self, gint64 tokens)
{
  g_return_if_fail (OAI_IS_PROXY_LIMITS (self));
  g_return_if_fail (tokens >= 0);

  if (self->tokens_per_day == tokens)
    return;

  self->tokens_per_day = tokens;
  oai_emit_notify (self, props[PROP_TOKENS_PER_DAY]);
}

/**
 * oai_proxy_limits_get_cost_per_day:
 * @self: the limits
 *
 * Gets the cost in any day, in US dollars, by the price table of the proxy.
 *
 * Returns: the limit; 0 for none
 *
 * Since: 1.0
 */
double
oai_proxy_limits_get_cost_per_day (OaiProxyLimits *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), 0);

  return self->cost_per_day;
}

/**
 * oai_proxy_limits_set_cost_per_day:
 * @self: the limits
 * @cost: the limit; 0 for none
 *
 * Sets the cost in any day, in US dollars, by the price table of the proxy.
 *
 * Since: 1.0
 */
void
oai_proxy_limits_set_cost_per_day (OaiProxyLimits *self, double cost)
{
  g_return_if_fail (OAI_IS_PROXY_LIMITS (self));
  g_return_if_fail (cost >= 0);

  if (self->cost_per_day == cost)
    return;

  self->cost_per_day = cost;
  oai_emit_notify (self, props[PROP_COST_PER_DAY]);
}

/**
 * oai_proxy_limits_get_cost_per_month:
 * @self: the limits
 *
 * Gets the cost in a calendar month of UTC, in US dollars, by the price table of the proxy.
 *
 * Returns: the limit; 0 for none
 *
 * Since: 1.0
 */
double
oai_proxy_limits_get_cost_per_month (OaiProxyLimits *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), 0);

  return self->cost_per_month;
}

/**
 * oai_proxy_limits_set_cost_per_month:
 * @self: the limits
 * @cost: the limit; 0 for none
 *
 * Sets the cost in a calendar month of UTC, in US dollars, by the price table of the proxy.
 *
 * Since: 1.0
 */
void
oai_proxy_limits_set_cost_per_month (OaiProxyLimits *self, double cost)
{
  g_return_if_fail (OAI_IS_PROXY_LIMITS (self));
  g_return_if_fail (cost >= 0);

  if (self->cost_per_month == cost)
    return;

  self->cost_per_month = cost;
  oai_emit_notify (self, props[PROP_COST_PER_MONTH]);
}

/**
 * oai_proxy_limits_get_max_streams:
 * @self: the limits
 *
 * Gets the number of requests and WebSocket connections at the same time.
 *
 * Returns: the limit; 0 for none
 *
 * Since: 1.0
 */
guint
oai_proxy_limits_get_max_streams (OaiProxyLimits *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), 0);

  return self->max_streams;
}

/**
 * oai_proxy_limits_set_max_streams:
 * @self: the limits
 * @requests: the limit; 0 for none
 *
 * Sets the number of requests and WebSocket connections at the same time.
 *
 * Since: 1.0
 */
void
oai_proxy_limits_set_max_streams (OaiProxyLimits *self, guint requests)
{
  g_return_if_fail (OAI_IS_PROXY_LIMITS (self));

  if (self->max_streams == requests)
    return;

  self->max_streams = requests;
  oai_emit_notify (self, props[PROP_MAX_STREAMS]);
}

/**
 * oai_proxy_limits_get_max_body_size:
 * @self: the limits
 *
 * Gets the size of the body of a request, in bytes.
 *
 * Returns: the limit; 0 for none
 *
 * Since: 1.0
 */
guint64
oai_proxy_limits_get_max_body_size (OaiProxyLimits *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), 0);

  return self->max_body_size;
}

/**
 * oai_proxy_limits_set_max_body_size:
 * @self: the limits
 * @bytes: the limit; 0 for none
 *
 * Sets the size of the body of a request, in bytes.
 *
 * Since: 1.0
 */
void
oai_proxy_limits_set_max_body_size (OaiProxyLimits *self, guint64 bytes)
{
  g_return_if_fail (OAI_IS_PROXY_LIMITS (self));

  if (self->max_body_size == bytes)
    return;

  self->max_body_size = bytes;
  oai_emit_notify (self, props[PROP_MAX_BODY_SIZE]);
}

static void
set_patterns (OaiProxyLimits *self, char ***location, const char *const *patterns, GParamSpec *pspec)
{
  if (*location == NULL && patterns == NULL)
    return;
  if (*location != NULL && patterns != NULL && g_strv_equal ((const char *const *) *location, patterns))
    return;

  g_strfreev (*location);
  *location = g_strdupv ((char **) patterns);
  oai_emit_notify (self, pspec);
}

/**
 * oai_proxy_limits_get_allowed_models:
 * @self: the limits
 *
 * Gets the patterns of the allowed models; see [property@Oai.ProxyLimits:allowed-models].
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): the patterns, or %NULL if all models are allowed
 *
 * Since: 1.0
 */
const char *const *
oai_proxy_limits_get_allowed_models (OaiProxyLimits *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), NULL);

  return (const char *const *) self->allowed_models;
}

/**
 * oai_proxy_limits_set_allowed_models:
 * @self: the limits
 * @patterns: (nullable) (array zero-terminated=1): the patterns, or %NULL to allow all models
 *
 * Sets the patterns of the allowed models; see [property@Oai.ProxyLimits:allowed-models].
 *
 * Since: 1.0
 */
void
oai_proxy_limits_set_allowed_models (OaiProxyLimits *self, const char *const *patterns)
{
  g_return_if_fail (OAI_IS_PROXY_LIMITS (self));

  set_patterns (self, &self->allowed_models, patterns, props[PROP_ALLOWED_MODELS]);
}

/**
 * oai_proxy_limits_get_allowed_operations:
 * @self: the limits
 *
 * Gets the patterns of the allowed operations; see [property@Oai.ProxyLimits:allowed-operations].
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): the patterns, or %NULL if all operations are allowed
 *
 * Since: 1.0
 */
const char *const *
oai_proxy_limits_get_allowed_operations (OaiProxyLimits *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), NULL);

  return (const char *const *) self->allowed_operations;
}

/**
 * oai_proxy_limits_set_allowed_operations:
 * @self: the limits
 * @patterns: (nullable) (array zero-terminated=1): the patterns, or %NULL to allow all operations
 *
 * Sets the patterns of the allowed operations; see [property@Oai.ProxyLimits:allowed-operations].
 *
 * Since: 1.0
 */
void
oai_proxy_limits_set_allowed_operations (OaiProxyLimits *self, const char *const *patterns)
{
  g_return_if_fail (OAI_IS_PROXY_LIMITS (self));

  set_patterns (self, &self->allowed_operations, patterns, props[PROP_ALLOWED_OPERATIONS]);
}

/**
 * oai_proxy_limits_allows_model:
 * @self: the limits
 * @model: (nullable): a model; %NULL for a request that names none
 *
 * Checks whether requests may name a model. Requests without a model are allowed.
 *
 * Returns: whether the model is allowed
 *
 * Since: 1.0
 */
gboolean
oai_proxy_limits_allows_model (OaiProxyLimits *self, const char *model)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), FALSE);

  return self->allowed_models == NULL || model == NULL || oai_proxy_pattern_any_matches ((const char *const *) self->allowed_models, model);
}

/**
 * oai_proxy_limits_allows_operation:
 * @self: the limits
 * @operation: (nullable): the name of an operation, such as `chat.create`; %NULL for a request to another path
 *
 * Checks whether an operation is allowed.
 *
 * Returns: whether the operation is allowed
 *
 * Since: 1.0
 */
gboolean
oai_proxy_limits_allows_operation (OaiProxyLimits *self, const char *operation)
{
  g_return_val_if_fail (OAI_IS_PROXY_LIMITS (self), FALSE);

  return self->allowed_operations == NULL || oai_proxy_pattern_any_matches ((const char *const *) self->allowed_operations, operation != NULL ? operation : "");
}
