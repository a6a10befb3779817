/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-call-options-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"

#define AS_THE_CLIENT_SAYS -1

/**
 * OaiCallOptions:
 *
 * What differs from the settings of the client for some calls: time-outs,
 * retries, and headers, query and body members that the library does not know.
 *
 * Give them to [method@Oai.Endpoint.with_options]: all calls of the endpoint
 * object that it returns use them. Everything that is not set stays as
 * [class@Oai.Settings] says.
 *
 * Any number of threads may make calls with the same options; while they do, the options
 * must not be changed.
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
      oai_call_options_set_timeout (self, g_value_get_int (value));
      break;
    case PROP_CONNECT_TIMEOUT:
      oai_call_options_set_connect_timeout (self, g_value_get_int (value));
      break;
    case PROP_IDLE_TIMEOUT:
      oai_call_options_set_idle_timeout (self, g_value_get_int (value));
      break;
    case PROP_MAX_RETRIES:
      oai_call_options_set_max_retries (self, g_value_get_int (value));
      break;
    case PROP_FOLLOW_REDIRECTS:
      oai_call_options_set_follow_redirects (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static GParamSpec *
limit_spec (const char *name)
{
  return g_param_spec_int (name, NULL, NULL, AS_THE_CLIENT_SAYS, G_MAXINT, AS_THE_CLIENT_SAYS,
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
   * OaiCallOptions:timeout:
   *
   * Milliseconds for one attempt of a call, or for a stream until its reply begins; 0 for no limit, -1 for what the client says.
   *
   * See [property@Oai.Settings:timeout].
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] = limit_spec ("timeout");

  /**
   * OaiCallOptions:connect-timeout:
   *
   * Milliseconds for connecting to the server; 0 for no limit, -1 for what the client says.
   *
   * Since: 1.0
   */
  properties[PROP_CONNECT_TIMEOUT] = limit_spec ("connect-timeout");

  /**
   * OaiCallOptions:idle-timeout:
   *
   * Milliseconds that may pass without a byte from the server; 0 for no limit, -1 for what the client says.
   *
   * Since: 1.0
   */
  properties[PROP_IDLE_TIMEOUT] = limit_spec ("idle-timeout");

  /**
   * OaiCallOptions:max-retries:
   *
   * How often a failed call is tried again; -1 for what the client says.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_RETRIES] = limit_spec ("max-retries");
  /**
   * OaiCallOptions:follow-redirects: (getter get_follow_redirects) (setter set_follow_redirects)
   *
   * Whether redirects are followed; otherwise they are errors. Credentials
   * never go to another origin.
   *
   * Since: 1.0
   */
  properties[PROP_FOLLOW_REDIRECTS] = g_param_spec_boolean ("follow-redirects", NULL, NULL, TRUE,
                                                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_call_options_init (OaiCallOptions *self)
{
  self->timeout = AS_THE_CLIENT_SAYS;
  self->connect_timeout = AS_THE_CLIENT_SAYS;
  self->idle_timeout = AS_THE_CLIENT_SAYS;
  self->max_retries = AS_THE_CLIENT_SAYS;
  self->follow_redirects = TRUE;
  self->headers = oai_name_values_new (TRUE);
  self->query = oai_name_values_new (FALSE);
  self->body_members = oai_name_values_new (FALSE);
}

/**
 * oai_call_options_new:
 *
 * Creates options that change nothing yet.
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
  replace_pairs (&copy->headers, self->headers);
  replace_pairs (&copy->query, self->query);
  replace_pairs (&copy->body_members, self->body_members);

  return copy;
}

static void
set_limit (OaiCallOptions *self, int *place, int value, guint property)
{
  value = MAX (value, AS_THE_CLIENT_SAYS);
  if (*place == value)
    return;

  *place = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/**
 * oai_call_options_get_timeout:
 * @self: the options
 *
 * Gets the time for one attempt of a call; -1 when the client decides.
 *
 * Returns: milliseconds, 0 or -1
 *
 * Since: 1.0
 */
int
oai_call_options_get_timeout (OaiCallOptions *self)
{
  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), AS_THE_CLIENT_SAYS);

  return self->timeout;
}

/**
 * oai_call_options_set_timeout:
 * @self: the options
 * @milliseconds: the time; 0 for no limit, -1 for what the client says
 *
 * Sets the time for one attempt of a call.
 *
 * Since: 1.0
 */
void
oai_call_options_set_timeout (OaiCallOptions *self, int milliseconds)
{
  g_return_if_fail (OAI_IS_CALL_OPTIONS (self));

  set_limit (self, &self->timeout, milliseconds, PROP_TIMEOUT);
}

/**
 * oai_call_options_get_connect_timeout:
 * @self: the options
 *
 * Gets the time for connecting; -1 when the client decides.
 *
 * Returns: milliseconds, 0 or -1
 *
 * Since: 1.0
 */
int
oai_call_options_get_connect_timeout (OaiCallOptions *self)
{
  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), AS_THE_CLIENT_SAYS);

  return self->connect_timeout;
}

/**
 * oai_call_options_set_connect_timeout:
 * @self: the options
 * @milliseconds: the time; 0 for no limit, -1 for what the client says
 *
 * Sets the time for connecting.
 *
 * Since: 1.0
 */
void
oai_call_options_set_connect_timeout (OaiCallOptions *self, int milliseconds)
{
  g_return_if_fail (OAI_IS_CALL_OPTIONS (self));

  set_limit (self, &self->connect_timeout, milliseconds, PROP_CONNECT_TIMEOUT);
}

/**
 * oai_call_options_get_idle_timeout:
 * @self: the options
 *
 * Gets the time without a byte from the server; -1 when the client decides.
 *
 * Returns: milliseconds, 0 or -1
 *
 * Since: 1.0
 */
int
oai_call_options_get_idle_timeout (OaiCallOptions *self)
{
  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), AS_THE_CLIENT_SAYS);

  return self->idle_timeout;
}

/**
 * oai_call_options_set_idle_timeout:
 * @self: the options
 * @milliseconds: the time; 0 for no limit, -1 for what the client says
 *
 * Sets the time without a byte from the server.
 *
 * Since: 1.0
 */
void
oai_call_options_set_idle_timeout (OaiCallOptions *self, int milliseconds)
{
  g_return_if_fail (OAI_IS_CALL_OPTIONS (self));

  set_limit (self, &self->idle_timeout, milliseconds, PROP_IDLE_TIMEOUT);
}

/**
 * oai_call_options_get_max_retries:
 * @self: the options
 *
 * Gets the number of retries; -1 when the client decides.
 *
 * Returns: the number, or -1
 *
 * Since: 1.0
 */
int
oai_call_options_get_max_retries (OaiCallOptions *self)
{
  g_return_val_if_fail (OAI_IS_CALL_OPTIONS (self), AS_THE_CLIENT_SAYS);

  return self->max_retries;
}

/**
 * oai_call_options_set_max_retries:
 * @self: the options
 * @max_retries: how often to try again, or -1 for what the client says
 *
 * Sets the number of retries.
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
 * @self: options
 *
 * Tells whether redirects are followed.
 *
 * Returns: %TRUE if they are, %FALSE if they are errors
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
 * @self: options
 * @follow_redirects: whether to follow redirects
 *
 * Sets whether redirects are followed. Credentials never go to another origin.
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
 * oai_call_options_set_header:
 * @self: the options
 * @name: name of the header
 * @value: (nullable): its value; %NULL leaves the header out, even one that the library sends
 *
 * Sets a header of the requests. It wins over a header of the same name in the
 * settings of the client; so a caller can also bring an `Authorization` of his own.
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
 * oai_call_options_set_query:
 * @self: the options
 * @name: name of the query parameter, not encoded
 * @value: (nullable): its value, not encoded; %NULL to set none
 *
 * Sets a query parameter of the requests. It wins over one of the same name that
 * the call or the client sets.
 *
 * Since: 1.0
 */
void
oai_call_options_set_query (OaiCallOptions *self, const char *name, const char *value)
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
 * @json: (nullable): its value as JSON text, for example `"auto"` with its quotes, `3` or `null`; %NULL to set none
 * @error: return location for an error
 *
 * Sets a member of the body of the requests. It wins over what the request
 * object says, and serves for what a server knows and this library does not.
 *
 * Returns: %FALSE with %OAI_ERROR_INVALID_ARGUMENT when @json is not JSON
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
