/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates the clients that fixtures describe. */

#include "driver.h"

#include "oai-auth-private.h"
#include "oai-secret-private.h"
#include "oai-call.h"
#include "oai-enum-types.h"
#include "oai-error.h"
#include "oai-request-url-private.h"
#include "oai-settings-private.h"

#define DEFAULT_KEY "My API Key"
/* Used for "small": long enough for a server on the same machine. */
#define SMALL_TIMEOUT 1000

/* Token requests */

typedef struct
{
  JsonArray *tokens;
  char *failure;
  guint next;
} Provider;

static void
provider_free (gpointer data, GClosure *closure)
{
  Provider *provider = data;

  g_clear_pointer (&provider->tokens, json_array_unref);
  g_free (provider->failure);
  g_free (provider);
}

static void
on_token_requested (OaiAuth *auth, OaiTokenRequest *request, Provider *provider)
{
  if (provider->failure != NULL)
    oai_token_request_fail (request, provider->failure);
  else
    oai_token_request_respond (request, json_array_get_string_element (provider->tokens, MIN (provider->next, json_array_get_length (provider->tokens) - 1)));
  provider->next++;
}

static OaiAuth *
new_provider (JsonObject *description)
{
  OaiAuth *auth = oai_auth_new (NULL);
  Provider *provider = g_new0 (Provider, 1);
  JsonArray *tokens = driver_get_array (description, "provider_returns");

  provider->tokens = tokens != NULL ? json_array_ref (tokens) : NULL;
  provider->failure = g_strdup (driver_get_string (description, "provider_error"));
  g_signal_connect_data (auth, "token-requested", G_CALLBACK (on_token_requested), provider, provider_free, 0);

  return auth;
}

/* Credentials */

static OaiAuth *
new_azure_auth (JsonObject *azure, GError **error)
{
  JsonObject *provider = driver_get_object (azure, "azure_ad_token_provider");
  const char *token = driver_get_string (azure, "azure_ad_token");
  const char *kind = driver_get_string (azure, "auth");
  const char *key = driver_get_string (azure, "api_key");

  if (provider != NULL)
    return new_provider (provider);
  if (token != NULL)
    return oai_auth_new (token);
  if (key != NULL)
    return oai_auth_new (key);
  if (kind != NULL)
    return oai_auth_new (g_str_equal (kind, "token_provider") ? "my token" : DEFAULT_KEY);
  if (json_object_has_member (azure, "enforce_credentials") && !json_object_get_boolean_member (azure, "enforce_credentials"))
    return oai_auth_new ("");

  return oai_auth_new_for_azure_from_environment (error);
}

static gboolean
uses_active_directory (JsonObject *azure)
{
  return driver_get_string (azure, "azure_ad_token") != NULL || driver_get_object (azure, "azure_ad_token_provider") != NULL
         || g_strcmp0 (driver_get_string (azure, "auth"), "token_provider") == 0;
}

static OaiAuth *
new_auth (DriverCase *self, JsonObject *options, GError **error)
{
  JsonObject *azure = driver_get_object (options, "azure");
  JsonObject *provider = driver_get_object (options, "api_key");
  const char *admin_key = driver_get_string (options, "admin_api_key");
  JsonObject *environment = driver_get_object (options, "env");
  OaiAuth *auth;

  if (azure != NULL)
    return new_azure_auth (azure, error);
  if (provider != NULL)
    return new_provider (provider);
  if (json_object_has_member (options, "api_key"))
    auth = oai_auth_new (driver_get_string (options, "api_key"));
  else if (environment != NULL && json_object_has_member (environment, "OPENAI_API_KEY"))
    return oai_auth_new_from_environment (error);
  else
    auth = oai_auth_new (DEFAULT_KEY);
  if (admin_key != NULL)
    oai_auth_set_admin_key (auth, admin_key);

  return auth;
}

/* Settings */

static OaiSettings *
new_azure_settings (DriverCase *self, JsonObject *azure, GError **error)
{
  const char *base_url = driver_get_string (azure, "base_url");
  const char *endpoint = driver_get_string (azure, "azure_endpoint");
  const char *deployment = driver_get_string (azure, "azure_deployment");
  g_autoptr(OaiSettings) settings = NULL;

  if (g_strcmp0 (endpoint, "{server}") == 0)
    endpoint = self->origin;
  if (deployment == NULL)
    deployment = driver_get_string (azure, "deployment");
  if (endpoint == NULL && base_url == NULL)
    endpoint = g_getenv ("AZURE_OPENAI_ENDPOINT");
  settings = oai_settings_new_for_azure_endpoint (endpoint != NULL ? endpoint : base_url != NULL ? base_url : "", deployment,
                                                  driver_get_string (azure, "api_version"), uses_active_directory (azure), error);
  if (settings == NULL || (base_url != NULL && !oai_settings_set_base_url (settings, base_url, error)))
    return NULL;

  return g_steal_pointer (&settings);
}

static OaiSettings *
new_plain_settings (DriverCase *self, JsonObject *options, GError **error)
{
  const char *base_url = driver_get_string (options, "base_url");
  g_autoptr(OaiSettings) settings = oai_settings_new ();
  g_autofree char *served = self->origin != NULL ? g_strconcat (self->origin, "/v1", NULL) : NULL;

  if (base_url == NULL)
    base_url = served;
  if (base_url != NULL && !oai_settings_set_base_url (settings, base_url, error))
    return NULL;

  return g_steal_pointer (&settings);
}

static void
set_header (JsonObject *object, const char *name, JsonNode *value, gpointer settings)
{
  oai_settings_set_header (settings, name, JSON_NODE_HOLDS_NULL (value) ? NULL : json_node_get_string (value));
}

static void
set_query (JsonObject *object, const char *name, JsonNode *value, gpointer settings)
{
  oai_settings_set_query_parameter (settings, name, json_node_get_string (value));
}

static void
set_beta (JsonObject *object, const char *name, JsonNode *value, gpointer settings)
{
  oai_settings_set_beta_version (settings, name, json_node_get_string (value));
}

static void
set_extras (OaiSettings *settings, JsonObject *options)
{
  JsonObject *betas = driver_get_object (options, "betas");
  JsonObject *headers = driver_get_object (options, "default_headers");
  JsonObject *query = driver_get_object (options, "default_query");

  if (headers != NULL)
    json_object_foreach_member (headers, set_header, settings);
  if (query != NULL)
    json_object_foreach_member (query, set_query, settings);
  if (betas != NULL)
    json_object_foreach_member (betas, set_beta, settings);
}

static void
set_limits (OaiSettings *settings, JsonObject *options)
{
  gint64 retries = driver_get_int (options, "max_retries", -1);
  gint64 longest = driver_get_int (options, "max_retry_delay_ms", -1);
  const char *organization = driver_get_string (options, "organization");
  const char *project = driver_get_string (options, "project");

  if (retries >= 0)
    oai_settings_set_max_retries (settings, retries);
  if (longest >= 0)
    oai_settings_set_max_retry_delay_ms (settings, longest);
  if (organization != NULL)
    oai_settings_set_organization (settings, organization);
  if (project != NULL)
    oai_settings_set_project (settings, project);
  if (json_object_has_member (options, "timeout_ms") || json_object_has_member (options, "timeout_s"))
    oai_settings_set_timeout_ms (settings, MAX (driver_get_int (options, "timeout_ms", 0), SMALL_TIMEOUT));
}

OaiSettings *
driver_new_settings (DriverCase *self, JsonObject *options, GError **error)
{
  JsonObject *azure = driver_get_object (options, "azure");
  const char *later = driver_get_string (options, "set_base_url");
  g_autoptr(OaiSettings) settings = NULL;

  settings = azure != NULL ? new_azure_settings (self, azure, error) : new_plain_settings (self, options, error);
  if (settings == NULL)
    return NULL;
  set_extras (settings, options);
  if (azure != NULL)
    set_extras (settings, azure);
  set_limits (settings, options);
  /* A proxy without TLS represents the hosts of the fixtures. */
  oai_settings_set_allow_insecure_http (settings, TRUE);
  if (later != NULL && !oai_settings_set_base_url (settings, later, error))
    return NULL;

  return g_steal_pointer (&settings);
}

/* Clients */

static void
on_call_started (OaiClient *client, OaiCall *call, DriverCase *self)
{
  g_set_object (&self->last_call, call);
}

static SoupSession *
new_session (DriverCase *self)
{
  g_autoptr(GProxyResolver) resolver = NULL;

  if (self->proxy == NULL)
    return NULL;

  resolver = g_simple_proxy_resolver_new (self->proxy, NULL);
  return soup_session_new_with_options ("proxy-resolver", resolver, NULL);
}

gboolean
driver_make_client_with (DriverCase *self, JsonObject *options, GError **error)
{
  g_autoptr(OaiSettings) settings = driver_new_settings (self, options, error);
  g_autoptr(OaiAuth) auth = settings != NULL ? new_auth (self, options, error) : NULL;
  g_autoptr(SoupSession) session = NULL;

  if (auth == NULL)
    return FALSE;

  session = new_session (self);
  g_clear_object (&self->client);
  self->client = oai_client_new_with_session (auth, settings, session);
  g_signal_connect (self->client, "call-started", G_CALLBACK (on_call_started), self);

  return TRUE;
}

gboolean
driver_make_client (DriverCase *self, GError **error)
{
  return driver_make_client_with (self, self->options, error);
}

/* Options of one call */

static void
set_call_header (JsonObject *object, const char *name, JsonNode *value, gpointer options)
{
  oai_call_options_set_header (options, name, JSON_NODE_HOLDS_NULL (value) ? NULL : json_node_get_string (value));
}

static void
set_call_query (JsonObject *object, const char *name, JsonNode *value, gpointer options)
{
  g_autofree char *text = driver_node_to_text (value);

  oai_call_options_set_query_parameter (options, name, JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING ? json_node_get_string (value) : text);
}

OaiCallOptions *
driver_new_call_options (DriverCase *self)
{
  OaiCallOptions *options = oai_call_options_new ();
  JsonObject *headers = driver_get_object (self->call, "extra_headers");
  JsonObject *query = driver_get_object (self->call, "query");
  JsonObject *more = driver_get_object (self->call, "options");

  if (headers != NULL)
    json_object_foreach_member (headers, set_call_header, options);
  if (query != NULL)
    json_object_foreach_member (query, set_call_query, options);
  if (more != NULL && json_object_has_member (more, "follow_redirects"))
    oai_call_options_set_follow_redirects (options, json_object_get_boolean_member (more, "follow_redirects"));

  return options;
}

/* Reports */

static void
set_string (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

void
driver_report_call (DriverCase *self)
{
  OaiCall *call = self->last_call;
  JsonObject *out;

  if (call == NULL)
    return;

  out = json_object_new ();
  json_object_set_int_member (out, "status", oai_call_get_status_code (call));
  json_object_set_int_member (out, "retries_taken", (gint64) oai_call_get_n_attempts (call) - 1);
  set_string (out, "url", oai_call_get_url (call));
  set_string (out, "request_id", oai_call_get_request_id (call));
  set_string (out, "location", oai_call_get_header (call, "location"));
  set_string (out, "x-request-id", oai_call_get_header (call, "x-request-id"));
  json_object_set_object_member (self->out, "call", out);
}

static const char *
get_nick (const GError *error)
{
  GType type = error->domain == OAI_ERROR ? OAI_TYPE_ERROR : G_TYPE_IO_ERROR_ENUM;
  g_autoptr(GEnumClass) klass = g_type_class_ref (type);
  GEnumValue *value = g_enum_get_value (klass, error->code);

  return value != NULL ? value->value_nick : "unknown";
}

void
driver_report_error (DriverCase *self, const GError *error)
{
  OaiCall *call = self->client != NULL ? oai_client_find_call_for_error (self->client, error) : NULL;
  JsonObject *out = json_object_new ();

  set_string (out, "domain", error->domain == OAI_ERROR ? "oai" : g_quark_to_string (error->domain));
  set_string (out, "class", get_nick (error));
  json_object_set_string_member (out, "message", error->message);
  if (call != NULL)
    {
      json_object_set_int_member (out, "status", oai_call_get_status_code (call));
      set_string (out, "code", oai_call_get_error_code (call));
      set_string (out, "param", oai_call_get_error_param (call));
      set_string (out, "type", oai_call_get_error_type (call));
      set_string (out, "request_id", oai_call_get_request_id (call));
    }
  json_object_set_object_member (self->out, "error", out);
  g_clear_object (&call);
}

void
driver_report_unknown (DriverCase *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  json_object_set_string_member (self->out, "unknown", text);
}

/* Creation of clients */

static void
report_settings (OaiSettings *settings, JsonObject *out)
{
  json_object_set_int_member (out, "max_retries", oai_settings_get_max_retries (settings));
  json_object_set_int_member (out, "timeout_ms", oai_settings_get_timeout_ms (settings));
  set_string (out, "base_url", oai_settings_get_base_url (settings));
  set_string (out, "organization", oai_settings_get_organization (settings));
  set_string (out, "project", oai_settings_get_project (settings));
}

static void
play_new_client (DriverCase *self)
{
  g_autoptr(GError) error = NULL;
  JsonObject *out;
  OaiSettings *settings;
  oai_autosecret char *token = NULL;
  oai_autosecret char *admin_key = NULL;
  OaiAuth *auth;

  if (!driver_make_client (self, &error))
    {
      driver_report_error (self, error);
      return;
    }

  settings = oai_client_get_settings (self->client);
  auth = oai_client_get_auth (self->client);
  out = json_object_new ();
  token = oai_auth_dup_token (auth);
  admin_key = oai_auth_dup_admin_key (auth, NULL);
  if (token != NULL)
    set_string (out, "api_key", token);
  set_string (out, "admin_api_key", admin_key);
  report_settings (settings, out);
  json_object_set_object_member (self->out, "client", out);
}

/* A region is selected by its name. */
static void
play_region (DriverCase *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) input = json_from_string (driver_input_text (self), NULL);
  JsonNode *node = json_object_get_member (json_node_get_object (input), "data_residency");
  g_autofree char *text = driver_node_to_text (node);
  const char *region = json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : text;
  g_autoptr(OaiSettings) settings = oai_settings_new_for_region (region, &error);

  if (settings == NULL)
    driver_report_error (self, error);
  else
    json_object_set_string_member (self->out, "base_url", oai_settings_get_base_url (settings));
}

static void
report_header (const char *name, const char *value, gpointer object)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  set_string (object, lower, value);
}

static gboolean
change_settings (OaiSettings *settings, JsonObject *changes, GError **error)
{
  const char *base_url = driver_get_string (changes, "base_url");

  if (changes == NULL)
    return TRUE;

  set_extras (settings, changes);
  set_limits (settings, changes);

  return base_url == NULL || oai_settings_set_base_url (settings, base_url, error);
}

static JsonObject *
describe_settings (OaiSettings *settings)
{
  JsonObject *out = json_object_new ();

  report_settings (settings, out);

  return out;
}

/* A copy of the settings is changed, and the original is not. */
static void
play_with_options (DriverCase *self)
{
  JsonObject *then = driver_get_object (self->call, "then");
  const char *path = then != NULL ? driver_get_string (then, "path") : "/";
  JsonObject *headers;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSettings) settings = driver_new_settings (self, self->options, &error);
  g_autoptr(OaiSettings) copy = NULL;
  g_autofree char *url = NULL;

  if (settings != NULL && change_settings (settings, driver_get_object (self->call, "set"), &error))
    copy = oai_settings_copy (settings);
  if (copy != NULL && change_settings (copy, driver_get_object (self->call, "options"), &error))
    url = oai_request_url_build (copy, path != NULL ? path : "/", FALSE, NULL, NULL, &error);
  if (url == NULL)
    {
      driver_report_error (self, error);
      return;
    }

  headers = json_object_new ();
  json_object_set_object_member (self->out, "client", describe_settings (settings));
  json_object_set_object_member (self->out, "new_client", describe_settings (copy));
  json_object_set_string_member (self->out, "url", url);
  oai_settings_foreach_header (copy, report_header, headers);
  json_object_set_object_member (self->out, "headers", headers);
}

const DriverEntry driver_client_table[] = {
  { "new_client", play_new_client },
  { "region", play_region },
  { "with_options", play_with_options },
  { NULL, NULL },
};
