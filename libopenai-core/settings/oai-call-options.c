/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-call-options-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"

/* The settings of the client are used. */
#define UNSET -1

/**
 * OaiCallOptions:
 *
 * Options of single calls, which override the settings of the client: time-outs, retries, and
 * headers, query and body members that the library does not know.
 *
 * Pass them to [method@Oai.Endpoint.with_options]: all calls of the endpoint object that it returns
 * use them. Options that are not set have the values of [class@Oai.Settings].
 *
 * Several threads may make calls with the same options at the same time. Meanwhile, the options must
 * not be changed.
 *
 * Since: 1.0
 */
struct _OaiCallOptions
{
  GObject parent_instance;

  int timeout;
  int connect_timeout;
  int idle_timeout;
  int max_retries;
  gboolean follow_redirects;
  gboolean use_admin_key;
  OaiNameValues *headers;
  OaiNameValues *query;
  OaiNameValues *body_members;
};

G_DEFINE_FINAL_TYPE (OaiCallOptions, oai_call_options, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_TIMEOUT,
  PROP_CONNECT_TIMEOUT,
  PROP_IDLE_TIMEOUT,
  PROP_MAX_RETRIES,
  PROP_FOLLOW_REDIRECTS,
  PROP_USE_ADMIN_KEY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
oai_call_options_finalize (GObject *object)
{
  OaiCallOptions *self = OAI_CALL_OPTIONS (object);

  oai_name_values_unref (self->headers);
  oai_name_values_unref (self->query);
  oai_name_values_unref (self->body_members);

  G_OBJECT_CLASS (oai_call_options_parent_class)->finalize (object);
}

static void
oai_call_options_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  OaiCallOptions *self = OAI_CALL_OPTIONS (object);

  switch (property_id)
    {
    case PROP_TIMEOUT:
      g_value_set_int (value, self->timeout);
      break;
    case PROP_CONNECT_TIMEOUT:
      g_value_set_int (value, self->connect_timeout);
      break;
    case PROP_IDLE_TIMEOUT:
      g_value_set_int (value, self->idle_timeout);
      break;
    case PROP_MAX_RETRIES:
      g_value_set_int (value, self->max_retries);
      break;
    case PROP_FOLLOW_REDIRECTS:
      g_value_set_boolean (value, self->follow_redirects);
      break;
    case PROP_USE_ADMIN_KEY:
      g_value_set_boolean (value, self->use_admin_key);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
oai_call_options_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  OaiCallOptions *self = OAI_CALL_OPTIONS (object);

  switch (property_id)
    {
    case PROP_TIMEOUT:
      oai_call_options_set_timeout_ms (self, g_value_get_int (value));
      break;
    case PROP_CONNECT_TIMEOUT:
      oai_call_options_set_connect_timeout_ms (self, g_value_get_int (value));
      break;
    case PROP_IDLE_TIMEOUT:
      oai_call_options_set_idle_timeout_ms (self, g_value_get_int (value));
      break;
    case PROP_MAX_RETRIES:
      oai_call_options_set_max_retries (self, g_value_get_int (value));
      break;
    case PROP_FOLLOW_REDIRECTS:
      oai_call_options_set_follow_redirects (self, g_value_get_boolean (value));
      break;
    case PROP_USE_ADMIN_KEY:
      oai_call_options_set_use_admin_key (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static GParamSpec *
limit_spec (const char *name)
{
  return g_param_spec_int (name, NULL, NULL, UNSET, G_MAXINT, UNSET,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
oai_call_options_class_init (OaiCallOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_call_options_finalize;
  object_class->get_property = oai_call_options_get_property;
  object_class->set_property = oai_call_options_set_property;

  /**
   * OaiCallOptions:timeout-ms:
   *
   * Time limit for one attempt of a call in milliseconds; for a stream, until its reply starts; 0 for
   * no limit, -1 for the value of the client.
   *
   * See [property@Oai.Settings:timeout-ms].
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] = limit_spec ("timeout-ms");

  /**
   * OaiCallOptions:connect-timeout-ms:
   *
   * Time limit for connecting to the server in milliseconds, including name resolution and TLS; 0 for
   * no limit, -1 for the value of the client.
   *
   * Since: 1.0
   */
  properties[PROP_CONNECT_TIMEOUT] = limit_spec ("connect-timeout-ms");

  /**
   * OaiCallOptions:idle-timeout-ms:
   *
   * Maximum time in milliseconds without a byte from the server; 0 for no limit, -1 for the value
   * of the client.
   *
   * Since: 1.0
   */
  properties[PROP_IDLE_TIMEOUT] = limit_spec ("idle-timeout-ms");

  /**
   * OaiCallOptions:max-retries:
   *
   * Maximum number of retries of a call after a temporary failure; 0 for none, -1 for the value of the
   * client.
   *
   * See [property@Oai.Settings:max-retries].
   *
   * Since: 1.0
   */
  properties[PROP_MAX_RETRIES] = limit_spec ("max-retries");

  /**
   * OaiCallOptions:follow-redirects:
   *
   * Whether redirects are followed; otherwise they are errors. Credentials are never sent to another
   * origin.
   *
   * Since: 1.0
   */
  properties[PROP_FOLLOW_REDIRECTS] = g_param_spec_boolean ("follow-redirects", NULL, NULL, TRUE,
                                                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * OaiCallOptions:use-admin-key:
   *
   * Whether the admin key is sent instead of the API key, as for the administration of an
   * organization. Without an admin key, calls fail with %OAI_ERROR_AUTHENTICATION.
   *
   * Operations of administration always send the admin key.
   *
   * Since: 1.0
   */
  properties[PROP_USE_ADMIN_KEY] = g_param_spec_boolean ("use-admin-key", NULL, NULL, FALSE,
                                                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_call_options_init (OaiCallOptions *self)
{
  self->timeout = UNSET;
  self->connect_timeout = UNSET;
  self->idle_timeout = UNSET;
  self->max_retries = UNSET;
  self->follow_redirects = TRUE;
  self->headers = oai_name_values_new (TRUE);
  self->query = oai_name_values_new (FALSE);
  self->body_members = oai_name_values_new (FALSE);
}

/**
 * oai_call_options_new:
 *
 * Creates options that change nothing until they are set.
 *
 * Returns: (transfer full): the options
 *
 * Since: 1.0
 */
OaiCallOptions *
oai_call_options_new (void)
{
  return g_object_new (OAI_TYPE_CALL_OPTIONS, NULL);
}

static void
replace_pairs (OaiNameValues **pairs, OaiNameValues *source)
{
  oai_name_values_unref (*pairs);
  *pairs = oai_name_values_copy (source);
}

/**
 * oai_call_options_copy:
 * @self: the options
 *
 * Copies the options, to change some of them for other calls.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 1.0
 */
OaiCallOptions *
oai_call_options_copy (OaiCallOptions *self)
{
  OaiCallOptions *copy;

  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), NULL);

  copy = oai_call_options_new ();
  copy->timeout = self->timeout;
  copy->connect_timeout = self->connect_timeout;
  copy->idle_timeout = self->idle_timeout;
  copy->max_retries = self->max_retries;
  copy->follow_redirects = self->follow_redirects;
  copy->use_admin_key = self->use_admin_key;
  replace_pairs (&copy->headers, self->headers);
  replace_pairs (&copy->query, self->query);
  replace_pairs (&copy->body_members, self->body_members);

  return copy;
}

static void
set_limit (OaiCallOptions *self, int *location, int value, guint property)
{
  value = MAX (value, UNSET);
  if (*location == value)
    return;

  *location = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/**
 * oai_call_options_get_timeout_ms:
 * @self: the options
 *
 * Gets the time limit for one attempt of a call.
 *
 * Returns: milliseconds; 0 for no limit, -1 for the value of the client
 *
 * Since: 1.0
 */
int
oai_call_options_get_timeout_ms (OaiCallOptions *self)
{
  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), UNSET);

  return self->timeout;
}

/**
 * oai_call_options_set_timeout_ms:
 * @self: the options
 * @timeout_ms: milliseconds; 0 for no limit, -1 for the value of the client
 *
 * Sets the time limit for one attempt of a call. The default is -1.
 *
 * Since: 1.0
 */
void
oai_call_options_set_timeout_ms (OaiCallOptions *self, int timeout_ms)
{
  g_return_if_fail (OAI_IS_CALL_OPTIONS (self));

  set_limit (self, &self->timeout, timeout_ms, PROP_TIMEOUT);
}

/**
 * oai_call_options_get_connect_timeout_ms:
 * @self: the options
 *
 * Gets the time limit for connecting.
 *
 * Returns: milliseconds; 0 for no limit, -1 for the value of the client
 *
 * Since: 1.0
 */
int
oai_call_options_get_connect_timeout_ms (OaiCallOptions *self)
{
  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), UNSET);

  return self->connect_timeout;
}

/**
 * oai_call_options_set_connect_timeout_ms:
 * @self: the options
 * @connect_timeout_ms: milliseconds; 0 for no limit, -1 for the value of the client
 *
 * Sets the time limit for connecting. The default is -1.
 *
 * Since: 1.0
 */
void
oai_call_options_set_connect_timeout_ms (OaiCallOptions *self, int connect_timeout_ms)
{
  g_return_if_fail (OAI_IS_CALL_OPTIONS (self));

  set_limit (self, &self->connect_timeout, connect_timeout_ms, PROP_CONNECT_TIMEOUT);
}

/**
 * oai_call_options_get_idle_timeout_ms:
 * @self: the options
 *
 * Gets the maximum time without a byte from the server.
 *
 * Returns: milliseconds; 0 for no limit, -1 for the value of the client
 *
 * Since: 1.0
 */
int
oai_call_options_get_idle_timeout_ms (OaiCallOptions *self)
{
  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), UNSET);

  return self->idle_timeout;
}

/**
 * oai_call_options_set_idle_timeout_ms:
 * @self: the options
 * @idle_timeout_ms: milliseconds; 0 for no limit, -1 for the value of the client
 *
 * Sets the maximum time without a byte from the server. The default is -1.
 *
 * Since: 1.0
 */
void
oai_call_options_set_idle_timeout_ms (OaiCallOptions *self, int idle_timeout_ms)
{
  g_return_if_fail (OAI_IS_CALL_OPTIONS (self));

  set_limit (self, &self->idle_timeout, idle_timeout_ms, PROP_IDLE_TIMEOUT);
}

/**
 * oai_call_options_get_max_retries:
 * @self: the options
 *
 * Gets the maximum number of retries.
 *
 * Returns: the number; 0 for none, -1 for the value of the client
 *
 * Since: 1.0
 */
int
oai_call_options_get_max_retries (OaiCallOptions *self)
{
  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), UNSET);

  return self->max_retries;
}

/**
 * oai_call_options_set_max_retries:
 * @self: the options
 * @max_retries: the number; 0 for none, -1 for the value of the client
 *
 * Sets the maximum number of retries. The default is -1.
 *
 * Since: 1.0
 */
void
oai_call_options_set_max_retries (OaiCallOptions *self, int max_retries)
{
  g_return_if_fail (OAI_IS_CALL_OPTIONS (self));

  set_limit (self, &self->max_retries, max_retries, PROP_MAX_RETRIES);
}

/**
 * oai_call_options_get_follow_redirects:
 * @self: the options
 *
 * Gets whether redirects are followed.
 *
 * Returns: %TRUE if they are followed, %FALSE if they are errors
 *
 * Since: 1.0
 */
gboolean
oai_call_options_get_follow_redirects (OaiCallOptions *self)
{
  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), TRUE);

  return self->follow_redirects;
}

/**
 * oai_call_options_set_follow_redirects:
 * @self: the options
 * @follow_redirects: whether to follow redirects
 *
 * Sets whether redirects are followed. The default is %TRUE. Credentials are never sent to another origin.
 *
 * Since: 1.0
 */
void
oai_call_options_set_follow_redirects (OaiCallOptions *self, gboolean follow_redirects)
{
  g_return_if_fail (OAI_IS_CALL_OPTIONS (self));

  follow_redirects = !!follow_redirects;
  if (self->follow_redirects == follow_redirects)
    return;

  self->follow_redirects = follow_redirects;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOW_REDIRECTS]);
}

/**
 * oai_call_options_get_use_admin_key:
 * @self: the options
 *
 * Gets whether the admin key is sent instead of the API key.
 *
 * Returns: %TRUE for the admin key
 *
 * Since: 1.0
 */
gboolean
oai_call_options_get_use_admin_key (OaiCallOptions *self)
{
  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), FALSE);

  return self->use_admin_key;
}

/**
 * oai_call_options_set_use_admin_key:
 * @self: the options
 * @use_admin_key: whether to send the admin key
 *
 * Sets whether the admin key is sent instead of the API key: see
 * [property@Oai.CallOptions:use-admin-key].
 *
 * Since: 1.0
 */
void
oai_call_options_set_use_admin_key (OaiCallOptions *self, gboolean use_admin_key)
{
  g_return_if_fail (OAI_IS_CALL_OPTIONS (self));

  use_admin_key = !!use_admin_key;
  if (self->use_admin_key == use_admin_key)
    return;

  self->use_admin_key = use_admin_key;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_USE_ADMIN_KEY]);
}

/**
 * oai_call_options_set_header:
 * @self: the options
 * @name: name of the header
 * @value: (nullable): its value; %NULL removes the header, even if the library would send it
 *
 * Sets a header of the requests, such as another `Authorization`. It overrides a header of the same
 * name in the settings of the client. It is a programming error if @name or @value contains
 * characters that HTTP does not permit.
 *
 * Since: 1.0
 */
void
oai_call_options_set_header (OaiCallOptions *self, const char *name, const char *value)
{
  g_return_if_fail (OAI_IS_CALL_OPTIONS (self));
  g_return_if_fail (name != NULL && oai_header_name_is_valid (name));
  g_return_if_fail (value == NULL || oai_header_value_is_valid (value));

  oai_name_values_set (self->headers, name, value);
}

/**
 * oai_call_options_set_query_parameter:
 * @self: the options
 * @name: name of the query parameter, not encoded
 * @value: (nullable): its value, not encoded; %NULL removes it
 *
 * Sets a query parameter of the requests. It overrides one of the same name that the call or the
 * client sets.
 *
 * Since: 1.0
 */
void
oai_call_options_set_query_parameter (OaiCallOptions *self, const char *name, const char *value)
{
  g_return_if_fail (OAI_IS_CALL_OPTIONS (self));
  g_return_if_fail (name != NULL);

  if (value != NULL)
    oai_name_values_set (self->query, name, value);
  else
    oai_name_values_remove (self->query, name);
}

static gboolean
check_json (const char *member, const char *json, GError **error)
{
  g_autoptr (GError) parse_error = NULL;
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, &parse_error);

  if (doc != NULL)
    return TRUE;

  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The value of “%s” is not JSON: %s"), member, parse_error->message);
  return FALSE;
}

/**
 * oai_call_options_set_body_member:
 * @self: the options
 * @member: name of a member of the JSON body
 * @json: (nullable): its value as JSON text, for example `"auto"` with its quotes, `3` or `null`; %NULL removes it
 * @error: return location for an error
 *
 * Sets a member of the JSON body of the requests, for members that the library does not know. It
 * overrides the member of the request object.
 *
 * Returns: %FALSE with %OAI_ERROR_INVALID_ARGUMENT if @json is not JSON
 *
 * Since: 1.0
 */
gboolean
oai_call_options_set_body_member (OaiCallOptions *self, const char *member, const char *json, GError **error)
{
  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), FALSE);
  g_return_val_if_fail (member != NULL, FALSE);

  if (json == NULL)
    {
      oai_name_values_remove (self->body_members, member);
      return TRUE;
    }
  if (!check_json (member, json, error))
    return FALSE;

  oai_name_values_set (self->body_members, member, json);
  return TRUE;
}

void
oai_call_options_foreach_header (OaiCallOptions *self, OaiNameValueFunc func, gpointer user_data)
{
  oai_name_values_foreach (self->headers, func, user_data);
}

void
oai_call_options_foreach_query (OaiCallOptions *self, OaiNameValueFunc func, gpointer user_data)
{
  oai_name_values_foreach (self->query, func, user_data);
}

void
oai_call_options_foreach_body_member (OaiCallOptions *self, OaiNameValueFunc func, gpointer user_data)
{
  oai_name_values_foreach (self->body_members, func, user_data);
}
