/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-key-source-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-exchange-private.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-unique-members-private.h"

#define DISCOVERY_PATH "/.well-known/openid-configuration"
#define MAX_SIZE (1024 * 1024)
#define CHUNK 16384
#define TIMEOUT_MS 10000
#define CONNECT_TIMEOUT_MS 5000
#define MAX_AGE_FACTOR 24
/* After a failure, the time until the next attempt doubles with each further one. */
#define FIRST_RETRY_MS 1000
#define MAX_DOUBLINGS 6

struct _OaiKeySource
{
  char *issuer;
  OaiClient *client;
  const OaiJwtCrypto *crypto;
  OaiKeySourceFunc func;
  gpointer user_data;
  gint64 refresh_us;
  gint64 retry_us;

  OaiJwkSet *keys;
  gint64 loaded_at;    /* monotonic microseconds */
  gint64 attempted_at; /* 0 before the first attempt */
  guint n_failures;    /* since the last success */

  OaiExchange *exchange; /* NULL if nothing is being loaded */
  gboolean discovering;  /* the exchange loads the description of the provider, and not the keys */
  GByteArray *body;
  gsize received;
};

static void load (OaiKeySource *self, const char *url);

static gboolean
is_loopback (const char *host)
{
  return strcmp (host, "localhost") == 0 || strcmp (host, "127.0.0.1") == 0 || strcmp (host, "::1") == 0;
}

gboolean
oai_key_source_check_url (const char *url, GError **error)
{
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  if (host != NULL && *host != '\0' && g_uri_get_userinfo (uri) == NULL && g_uri_get_fragment (uri) == NULL
      && (strcmp (scheme, "https") == 0 || (strcmp (scheme, "http") == 0 && is_loopback (host))))
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The URL of an OpenID provider begins with “https://”, and has no user name and no URL fragment"));

  return FALSE;
}

static void
end_load (OaiKeySource *self)
{
  g_clear_pointer (&self->exchange, oai_exchange_free);
  g_byte_array_set_size (self->body, 0);
  self->received = 0;
}

/* Takes error. */
static void
fail (OaiKeySource *self, GError *error)
{
  end_load (self);
  self->n_failures++;
  g_warning (_("The keys of the OpenID provider “%s” cannot be loaded: %s"), self->issuer, error->message);
  self->func (error, self->user_data);
  g_error_free (error);
}

static void
set_keys (OaiKeySource *self)
{
  GError *error = NULL;
  OaiJwkSet *keys = oai_jwk_set_parse ((const char *) self->body->data, self->received, self->crypto, &error);

  if (keys != NULL && oai_jwk_set_get_size (keys) == 0)
    {
      g_clear_pointer (&keys, oai_jwk_set_free);
      g_set_error_literal (&error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The provider has no key for RS256 or ES256"));
    }
  if (keys == NULL)
    {
      fail (self, error);
      return;
    }

  end_load (self);
  g_clear_pointer (&self->keys, oai_jwk_set_free);
  self->keys = keys;
  self->loaded_at = g_get_monotonic_time ();
  self->n_failures = 0;
  self->func (NULL, self->user_data);
}

/* Another issuer in the description would allow one provider to speak for another. */
static void
read_description (OaiKeySource *self)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy ((const char *) self->body->data, self->received, OAI_JSON_STRICT, NULL);
  const char *issuer = oai_json_get_string (doc, oai_json_get_member (doc, 0, "issuer"), NULL);
  const char *url = oai_json_get_string (doc, oai_json_get_member (doc, 0, "jwks_uri"), NULL);
  GError *error = NULL;

  if (doc == NULL || url == NULL || oai_json_has_duplicates (doc, 0))
    {
      fail (self, g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The provider sent no description")));
      return;
    }
  if (g_strcmp0 (issuer, self->issuer) != 0)
    {
      fail (self, g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The description of the provider is that of another one")));
      return;
    }
  if (!oai_key_source_check_url (url, &error))
    {
      fail (self, error);
      return;
    }

  end_load (self);
  self->discovering = FALSE;
  load (self, url);
}

/* The exchange */

static void
head_cb (OaiExchange *exchange, gpointer user_data)
{
  OaiKeySource *self = user_data;

  self->received = 0;
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  OaiKeySource *self = user_data;

  *size = CHUNK;
  g_byte_array_set_size (self->body, self->received + CHUNK);

  return (char *) self->body->data + self->received;
}

static gboolean
commit_cb (gsize size, gpointer user_data)
{
  OaiKeySource *self = user_data;

  self->received += size;
  if (self->received <= MAX_SIZE)
    return TRUE;

  fail (self, g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply of the provider is too large")));

  return FALSE;
}

static void
done_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  OaiKeySource *self = user_data;

  if (error != NULL)
    fail (self, error);
  else if (self->discovering)
    read_description (self);
  else
    set_keys (self);
}

static const OaiExchangeSink exchange_sink = { head_cb, reserve_cb, commit_cb, done_cb };

/* Redirects are not followed: the keys are those of the server that the URL names. */
static void
load (OaiKeySource *self, const char *url)
{
  OaiRequest *request = oai_request_new ("external.get", "GET", g_strdup (url));

  request->external = TRUE;
  request->accept = "application/json";
  request->options = oai_call_options_new ();
  oai_call_options_set_timeout_ms (request->options, TIMEOUT_MS);
  oai_call_options_set_idle_timeout_ms (request->options, TIMEOUT_MS);
  oai_call_options_set_connect_timeout_ms (request->options, CONNECT_TIMEOUT_MS);
  oai_call_options_set_max_retries (request->options, 0);
  oai_call_options_set_follow_redirects (request->options, FALSE);
  self->exchange = oai_exchange_new (self->client, request, FALSE, &exchange_sink, self);
  oai_exchange_start (self->exchange, NULL);
}

static void
start (OaiKeySource *self)
{
  gsize length = strlen (self->issuer);
  g_autofree char *base = g_strndup (self->issuer, g_str_has_suffix (self->issuer, "/") ? length - 1 : length);
  g_autofree char *url = g_strconcat (base, DISCOVERY_PATH, NULL);

  self->attempted_at = g_get_monotonic_time ();
  self->discovering = TRUE;
  load (self, url);
}

/* Keys */

static gint64
get_delay (OaiKeySource *self)
{
  gint64 delay = ((gint64) FIRST_RETRY_MS * 1000) << MIN (self->n_failures, MAX_DOUBLINGS);

  return self->n_failures > 0 ? MIN (delay, self->retry_us) : self->retry_us;
}

gboolean
oai_key_source_refresh (OaiKeySource *self)
{
  if (self->exchange != NULL)
    return TRUE;
  if (self->attempted_at != 0 && g_get_monotonic_time () - self->attempted_at < get_delay (self))
    return FALSE;

  start (self);

  return self->exchange != NULL;
}

OaiJwkSet *
oai_key_source_get_keys (OaiKeySource *self)
{
  gint64 age = g_get_monotonic_time () - self->loaded_at;

  if (self->keys == NULL || age >= self->refresh_us)
    oai_key_source_refresh (self);

  return age < self->refresh_us * MAX_AGE_FACTOR ? self->keys : NULL;
}

/* The object */

void
oai_key_source_set_intervals (OaiKeySource *self, guint refresh_ms, guint retry_ms)
{
  self->refresh_us = (gint64) refresh_ms * 1000;
  self->retry_us = (gint64) retry_ms * 1000;
}

OaiKeySource *
oai_key_source_new (const char *issuer, OaiClient *client, const OaiJwtCrypto *crypto, OaiKeySourceFunc func, gpointer user_data)
{
  OaiKeySource *self = g_new0 (OaiKeySource, 1);
  g_autoptr(OaiSettings) settings = NULL;

  self->issuer = g_strdup (issuer);
  self->crypto = crypto;
  self->func = func;
  self->user_data = user_data;
  self->body = g_byte_array_new ();
  if (client != NULL)
    {
      self->client = g_object_ref (client);
      return self;
    }

  /* It has no credentials. */
  settings = g_object_new (OAI_TYPE_SETTINGS, NULL);
  self->client = oai_client_new (NULL, settings);

  return self;
}

void
oai_key_source_free (OaiKeySource *self)
{
  end_load (self);
  g_clear_pointer (&self->keys, oai_jwk_set_free);
  g_byte_array_unref (self->body);
  g_object_unref (self->client);
  g_free (self->issuer);
  g_free (self);
}
