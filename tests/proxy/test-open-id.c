/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tokens of an OpenID provider, which is a local server. */

#include "identity-fixture.h"
#include "jwt-fixture.h"

#include "../core/soup-listener.h"
#include "oai-key-source-private.h"

#define DISCOVERY "/.well-known/openid-configuration"
#define AUDIENCE "proxy"

typedef enum
{
  NORMAL,
  REDIRECT,
  HUGE,
  ENDLESS,
  SLOW,
  HTML,
  FAILURE,
  SILENT,
  WRONG_ISSUER,
  FOREIGN_URL,
  NO_KEYS
} Behaviour;

typedef struct
{
  SoupServer *server;
  char *issuer;
  char *keys; /* the elements of the set */
  Behaviour discovery;
  Behaviour set;
  guint n_discovery;
  guint n_set;
  SoupServerMessage *slow_message; /* the reply that arrives slowly, or NULL */
  guint drip;
  OaiProxyOpenId *open_id;
} Fixture;

static TestKey rsa, p256, other_p256;

static gboolean
misbehave (SoupServerMessage *message, Behaviour behaviour)
{
  g_autofree char *huge = NULL;

  switch (behaviour)
    {
    case REDIRECT:
      soup_server_message_set_redirect (message, 302, "/elsewhere");
      return TRUE;
    case HUGE:
      huge = g_strnfill (2 * 1024 * 1024, ' ');
      soup_server_message_set_status (message, 200, NULL);
      soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, huge, strlen (huge));
      return TRUE;
    case HTML:
      soup_server_message_set_status (message, 200, NULL);
      soup_server_message_set_response (message, "text/html", SOUP_MEMORY_STATIC, "<html>", 6);
      return TRUE;
    case FAILURE:
      soup_server_message_set_status (message, 500, NULL);
      return TRUE;
    case SILENT:
      soup_server_message_pause (message);
      return TRUE;
    case ENDLESS:
    case SLOW:
    case NORMAL:
    case WRONG_ISSUER:
    case FOREIGN_URL:
    case NO_KEYS:
      break;
    }

  return FALSE;
}

static void
set_json (SoupServerMessage *message, char *text)
{
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_TAKE, text, strlen (text));
}

static void
discovery_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Fixture *fixture = user_data;

  /* The token of a user is never sent to the provider. */
  g_assert_null (soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Authorization"));
  fixture->n_discovery++;
  if (misbehave (message, fixture->discovery))
    return;

  set_json (message, g_strdup_printf ("{\"issuer\":\"%s%s\",\"jwks_uri\":\"%s/keys\"}", fixture->issuer,
                                      fixture->discovery == WRONG_ISSUER ? "/other" : "",
                                      fixture->discovery == FOREIGN_URL ? "http://192.0.2.1" : fixture->issuer));
}

static void
wrote_chunk_cb (SoupServerMessage *message, gpointer user_data)
{
  static const char blanks[4096] = { ' ' };

  soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_STATIC, blanks, sizeof blanks);
  soup_server_message_unpause (message);
}

static gboolean
drip_cb (gpointer user_data)
{
  Fixture *fixture = user_data;

  soup_message_body_append (soup_server_message_get_response_body (fixture->slow_message), SOUP_MEMORY_STATIC, " ", 1);
  soup_server_message_unpause (fixture->slow_message);

  return G_SOURCE_CONTINUE;
}

static void
stop_drip (Fixture *fixture)
{
  g_clear_handle_id (&fixture->drip, g_source_remove);
  if (fixture->slow_message != NULL)
    g_signal_handlers_disconnect_by_data (fixture->slow_message, fixture);
  g_clear_object (&fixture->slow_message);
}

static void
start_drip (Fixture *fixture, SoupServerMessage *message)
{
  fixture->slow_message = g_object_ref (message);
  fixture->drip = g_timeout_add (100, drip_cb, fixture);
  g_signal_connect_swapped (message, "finished", G_CALLBACK (stop_drip), fixture);
  g_signal_connect_swapped (message, "disconnected", G_CALLBACK (stop_drip), fixture);
  soup_server_message_set_status (message, 200, NULL);
  soup_message_headers_set_encoding (soup_server_message_get_response_headers (message), SOUP_ENCODING_CHUNKED);
}

static void
keys_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_set++;
  if (misbehave (message, fixture->set))
    return;
  if (fixture->set == SLOW)
    {
      start_drip (fixture, message);
      return;
    }
  if (fixture->set == ENDLESS)
    {
      soup_server_message_set_status (message, 200, NULL);
      soup_message_headers_set_encoding (soup_server_message_get_response_headers (message), SOUP_ENCODING_CHUNKED);
      g_signal_connect (message, "wrote-chunk", G_CALLBACK (wrote_chunk_cb), NULL);
      wrote_chunk_cb (message, NULL);
      return;
    }

  set_json (message, g_strdup_printf ("{\"keys\":[%s]}", fixture->set == NO_KEYS ? "" : fixture->keys));
}

/* What a redirect leads to: keys that must not be used. */
static void
elsewhere_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  g_assert_not_reached ();
}

static void
set_keys (Fixture *fixture, TestKey *first, const char *first_id, TestKey *second, const char *second_id)
{
  g_autofree char *a = test_key_to_jwk (first, first_id, "");
  g_autofree char *b = second != NULL ? test_key_to_jwk (second, second_id, "") : NULL;

  g_free (fixture->keys);
  fixture->keys = g_strconcat (a, b != NULL ? "," : NULL, b, NULL);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  GError *error = NULL;

  fixture->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (fixture->server, DISCOVERY, discovery_cb, fixture, NULL);
  soup_server_add_handler (fixture->server, "/keys", keys_cb, fixture, NULL);
  soup_server_add_handler (fixture->server, "/elsewhere", elsewhere_cb, fixture, NULL);
  fixture->issuer = g_strdup_printf ("http://127.0.0.1:%d", soup_listener_start (fixture->server, 0));
  set_keys (fixture, &rsa, "r", &p256, "e");
  fixture->open_id = oai_proxy_open_id_new (fixture->issuer, AUDIENCE, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->open_id), (gpointer *) &fixture->open_id);
  g_object_unref (fixture->open_id);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_null (fixture->open_id);
  stop_drip (fixture);
  soup_server_disconnect (fixture->server);
  g_object_unref (fixture->server);
  g_free (fixture->issuer);
  g_free (fixture->keys);
}

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* claims: further members, each with a comma before it */
static char *
make_token (Fixture *fixture, const char *claims)
{
  g_autofree char *text = g_strdup_printf ("{\"iss\":\"%s\"%s}", fixture->issuer, claims);

  return test_key_make_token (&p256, "{\"alg\":\"ES256\",\"kid\":\"e\"}", text);
}

static char *
make_usual_token (Fixture *fixture, TestKey *key, const char *key_id, const char *subject)
{
  g_autofree char *header = g_strdup_printf ("{\"alg\":\"%s\",\"kid\":\"%s\"}", key->is_rsa ? "RS256" : "ES256", key_id);
  g_autofree char *claims = g_strdup_printf ("{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"" AUDIENCE "\",\"exp\":%" G_GINT64_FORMAT "}",
                                             fixture->issuer, subject, now () + 3600);

  return test_key_make_token (key, header, claims);
}

static void
assert_token (Fixture *fixture, const char *claims, const char *expected)
{
  g_autofree char *token = make_token (fixture, claims);

  test_assert_accepted (fixture->open_id, token, expected);
}

static void
assert_claims_refused (Fixture *fixture, const char *claims, const char *message)
{
  g_autofree char *token = make_token (fixture, claims);

  test_assert_refused (fixture->open_id, token, OAI_PROXY_ERROR_UNAUTHENTICATED, message);
}

static void
assert_unavailable (Fixture *fixture, const char *warning)
{
  g_autofree char *token = make_usual_token (fixture, &p256, "e", "alice");

  g_test_expect_message ("Oai", G_LOG_LEVEL_WARNING, warning);
  test_assert_refused (fixture->open_id, token, OAI_PROXY_ERROR_UNAVAILABLE, "cannot be verified now");
  g_test_assert_expected_messages ();
}

static void
test_accept (Fixture *fixture, gconstpointer data)
{
  g_autofree char *with_rsa = make_usual_token (fixture, &rsa, "r", "alice");
  g_autofree char *with_p256 = make_usual_token (fixture, &p256, "e", "bob");

  test_assert_accepted (fixture->open_id, with_rsa, "alice");
  test_assert_accepted (fixture->open_id, with_p256, "bob");
  /* Again, from the cache. */
  test_assert_accepted (fixture->open_id, with_rsa, "alice");
  g_assert_cmpuint (fixture->n_discovery, ==, 1);
  g_assert_cmpuint (fixture->n_set, ==, 1);
  g_assert_cmpstr (oai_proxy_open_id_get_issuer (fixture->open_id), ==, fixture->issuer);
}

static void
test_now (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = make_usual_token (fixture, &p256, "e", "alice");
  g_autofree char *second = make_usual_token (fixture, &p256, "e", "alice");
  g_autoptr(OaiProxyIdentity) identity = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(TestRequest) request;

  test_request_init (&request, token);
  g_assert_false (oai_proxy_authenticator_authenticate_now (OAI_PROXY_AUTHENTICATOR (fixture->open_id), test_request_get (&request), &identity, &error));
  g_assert_no_error (error);
  test_assert_accepted (fixture->open_id, second, "alice");
  g_assert_true (oai_proxy_authenticator_authenticate_now (OAI_PROXY_AUTHENTICATOR (fixture->open_id), test_request_get (&request), &identity, &error));
  g_assert_cmpstr (oai_proxy_identity_get_id (identity), ==, "alice");
}

static void
test_other_kinds (Fixture *fixture, gconstpointer data)
{
  g_autofree char *claims = g_strdup_printf ("{\"iss\":\"%s/\",\"sub\":\"a\",\"aud\":\"proxy\",\"exp\":%" G_GINT64_FORMAT "}", fixture->issuer, now () + 60);
  g_autofree char *other_issuer = test_key_make_token (&p256, "{\"alg\":\"ES256\",\"kid\":\"e\"}", claims);
  g_autofree char *no_issuer = test_key_make_token (&p256, "{\"alg\":\"ES256\",\"kid\":\"e\"}", "{\"sub\":\"a\"}");
  g_autofree char *list = test_key_make_token (&p256, "{\"alg\":\"ES256\",\"kid\":\"e\"}", "{\"iss\":[\"a\"]}");

  test_assert_other_kind (fixture->open_id, NULL);
  test_assert_other_kind (fixture->open_id, "");
  test_assert_other_kind (fixture->open_id, "sk-1234567890");
  test_assert_other_kind (fixture->open_id, "sess-k1.e30.AAAA");
  test_assert_other_kind (fixture->open_id, other_issuer);
  test_assert_other_kind (fixture->open_id, no_issuer);
  test_assert_other_kind (fixture->open_id, list);
  g_assert_cmpuint (fixture->n_discovery, ==, 0);
}

static void
test_claims (Fixture *fixture, gconstpointer data)
{
  const char *audience = "another service";

  assert_token (fixture, ",\"sub\":\"a\",\"aud\":\"proxy\",\"exp\":99999999999", "a");
  assert_token (fixture, ",\"sub\":\"a\",\"aud\":[\"x\",\"proxy\"],\"exp\":99999999999.5", "a");
  assert_token (fixture, ",\"\\u0073ub\":\"a\",\"aud\":[\"proxy\"],\"exp\":1e300", "a");

  assert_claims_refused (fixture, ",\"sub\":\"a\",\"exp\":99999999999", audience);
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"prox\",\"exp\":99999999999", audience);
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"proxyy\",\"exp\":99999999999", audience);
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"Proxy\",\"exp\":99999999999", audience);
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"*\",\"exp\":99999999999", audience);
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"proxy\\u0000\",\"exp\":99999999999", audience);
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":[],\"exp\":99999999999", audience);
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":[[\"proxy\"]],\"exp\":99999999999", audience);
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":{\"proxy\":\"proxy\"},\"exp\":99999999999", audience);
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":null,\"exp\":99999999999", audience);
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"x\",\"aud\":\"proxy\",\"exp\":99999999999", "well-formed");
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"proxy\",\"exp\":1,\"\\u0065xp\":99999999999", "well-formed");
  assert_claims_refused (fixture, ",\"aud\":\"proxy\",\"exp\":99999999999", "no identity");
  assert_claims_refused (fixture, ",\"sub\":1,\"aud\":\"proxy\",\"exp\":99999999999", "no identity");
  assert_claims_refused (fixture, ",\"sub\":\"\",\"aud\":\"proxy\",\"exp\":99999999999", "no identity");
}

/* A token that is refused although its signature is valid. */
static void
test_identities (Fixture *fixture, gconstpointer data)
{
  g_autofree char *filling = g_strnfill (257, 'a');
  g_autofree char *long_claims = g_strdup_printf (",\"sub\":\"%s\",\"aud\":\"proxy\",\"exp\":99999999999", filling);
  g_autofree char *long_id = make_token (fixture, long_claims);
  g_autofree char *control = make_token (fixture, ",\"sub\":\"a\\nb\",\"aud\":\"proxy\",\"exp\":99999999999");

  test_assert_refused (fixture->open_id, long_id, OAI_PROXY_ERROR_FORBIDDEN, "identity");
  test_assert_refused (fixture->open_id, control, OAI_PROXY_ERROR_FORBIDDEN, "identity");

  g_object_set (fixture->open_id, "identity-prefix", "id:", "identity-claim", "email", NULL);
  assert_token (fixture, ",\"email\":\"a@example.org\",\"aud\":\"proxy\",\"exp\":99999999999", "id:a@example.org");
  assert_token (fixture, ",\"email\":\"a@example.org\",\"email_verified\":true,\"aud\":\"proxy\",\"exp\":99999999999", "id:a@example.org");
  assert_claims_refused (fixture, ",\"email\":\"a@example.org\",\"email_verified\":false,\"aud\":\"proxy\",\"exp\":99999999999", "not verified");
  assert_claims_refused (fixture, ",\"email\":\"a@example.org\",\"email_verified\":\"true\",\"aud\":\"proxy\",\"exp\":99999999999", "not verified");
}

static void
test_limits (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autofree char *token = make_token (fixture, ",\"sub\":\"a\",\"tier\":\"gold\",\"aud\":\"proxy\",\"exp\":99999999999");

  g_object_set (fixture->open_id, "limits-claim", "tier", NULL);
  test_assert_refused (fixture->open_id, token, OAI_PROXY_ERROR_FORBIDDEN, "not configured");
  oai_proxy_authenticator_set_limits (OAI_PROXY_AUTHENTICATOR (fixture->open_id), "gold", limits);
  test_assert_accepted (fixture->open_id, token, "a");
  assert_token (fixture, ",\"sub\":\"b\",\"aud\":\"proxy\",\"exp\":99999999999", "b");
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"tier\":[\"gold\"],\"aud\":\"proxy\",\"exp\":99999999999", "limits");
}

static void
test_scopes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *none = make_token (fixture, ",\"sub\":\"a\",\"aud\":\"proxy\",\"exp\":99999999999");
  g_autofree char *others = make_token (fixture, ",\"sub\":\"a\",\"scope\":\"openid chatter\",\"aud\":\"proxy\",\"exp\":99999999999");
  g_autofree char *list = make_token (fixture, ",\"sub\":\"a\",\"scope\":[\"chat\"],\"aud\":\"proxy\",\"exp\":99999999999");

  oai_proxy_open_id_set_required_scope (fixture->open_id, "chat");
  assert_token (fixture, ",\"sub\":\"a\",\"scope\":\"openid chat\",\"aud\":\"proxy\",\"exp\":99999999999", "a");
  assert_token (fixture, ",\"sub\":\"a\",\"scp\":[\"openid\",\"chat\"],\"aud\":\"proxy\",\"exp\":99999999999", "a");
  test_assert_refused (fixture->open_id, none, OAI_PROXY_ERROR_FORBIDDEN, "scope");
  test_assert_refused (fixture->open_id, others, OAI_PROXY_ERROR_FORBIDDEN, "scope");
  test_assert_refused (fixture->open_id, list, OAI_PROXY_ERROR_FORBIDDEN, "scope");
}

static void
assert_times (Fixture *fixture, const char *claim, gint64 exp, gint64 other, const char *message)
{
  g_autofree char *more = claim != NULL ? g_strdup_printf (",\"%s\":%" G_GINT64_FORMAT, claim, now () + other) : g_strdup ("");
  g_autofree char *claims = g_strdup_printf (",\"sub\":\"a\",\"aud\":\"proxy\",\"exp\":%" G_GINT64_FORMAT "%s", now () + exp, more);

  if (message != NULL)
    assert_claims_refused (fixture, claims, message);
  else
    assert_token (fixture, claims, "a");
}

static void
test_times (Fixture *fixture, gconstpointer data)
{
  assert_times (fixture, NULL, 600, 0, NULL);
  assert_times (fixture, NULL, -30, 0, NULL);
  assert_times (fixture, NULL, -120, 0, "expired");
  assert_times (fixture, "nbf", 600, -10, NULL);
  assert_times (fixture, "nbf", 600, 30, NULL);
  assert_times (fixture, "nbf", 600, 120, "not valid yet");
  assert_times (fixture, "iat", 600, 120, "not valid yet");
  oai_proxy_open_id_set_clock_skew_ms (fixture->open_id, 0);
  assert_times (fixture, NULL, -30, 0, "expired");
  assert_times (fixture, "nbf", 600, 30, "not valid yet");
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"proxy\"", "no expiry time");
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"proxy\",\"exp\":\"99999999999\"", "no expiry time");
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"proxy\",\"exp\":null", "no expiry time");
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"proxy\",\"exp\":-1e300", "expired");
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"proxy\",\"exp\":99999999999,\"nbf\":\"0\"", "not valid yet");
  assert_claims_refused (fixture, ",\"sub\":\"a\",\"aud\":\"proxy\",\"exp\":99999999999,\"nbf\":null", "not valid yet");
}

/* A token in the cache expires too. */
static void
test_cached_token_expires (Fixture *fixture, gconstpointer data)
{
  g_autofree char *claims = g_strdup_printf (",\"sub\":\"a\",\"aud\":\"proxy\",\"exp\":%" G_GINT64_FORMAT, now () + 2);
  g_autofree char *token = make_token (fixture, claims);

  oai_proxy_open_id_set_clock_skew_ms (fixture->open_id, 0);
  test_assert_accepted (fixture->open_id, token, "a");
  g_usleep (2100000);
  test_assert_refused (fixture->open_id, token, OAI_PROXY_ERROR_UNAUTHENTICATED, "expired");
}

static void
test_signatures (Fixture *fixture, gconstpointer data)
{
  g_autofree char *forged = make_usual_token (fixture, &other_p256, "e", "alice");
  g_autofree char *claims = g_strdup_printf ("{\"iss\":\"%s\",\"sub\":\"alice\",\"aud\":\"proxy\",\"exp\":99999999999}", fixture->issuer);
  g_autofree char *none = test_join_token ("{\"alg\":\"none\"}", claims);
  g_autofree char *unsigned_token = g_strconcat (none, ".", NULL);
  g_autofree char *hs256 = test_join_token ("{\"alg\":\"HS256\",\"kid\":\"r\"}", claims);
  g_autofree char *hmac = g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *) fixture->keys, strlen (fixture->keys), hs256, -1);
  g_autofree char *confused = g_strconcat (hs256, ".", hmac, NULL);

  test_assert_refused (fixture->open_id, forged, OAI_PROXY_ERROR_UNAUTHENTICATED, "signature");
  test_assert_refused (fixture->open_id, unsigned_token, OAI_PROXY_ERROR_UNAUTHENTICATED, "RS256");
  test_assert_refused (fixture->open_id, confused, OAI_PROXY_ERROR_UNAUTHENTICATED, "RS256");
}

static void
test_unknown_keys (Fixture *fixture, gconstpointer data)
{
  static const char *const ids[] = { "", "x", "E", "../e", "http://127.0.0.1/elsewhere", "e\\u0000", "e' OR '1'='1", "/dev/null" };
  g_autofree char *good = make_usual_token (fixture, &p256, "e", "alice");

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autofree char *token = make_usual_token (fixture, &p256, ids[i], "alice");

      test_assert_refused (fixture->open_id, token, OAI_PROXY_ERROR_UNAUTHENTICATED, "not known");
    }
  /* Unknown keys do not make the proxy load the keys for each request. */
  g_assert_cmpuint (fixture->n_set, ==, 1);
  test_assert_accepted (fixture->open_id, good, "alice");
}

static void
test_rotation (Fixture *fixture, gconstpointer data)
{
  g_autofree char *old = make_usual_token (fixture, &p256, "e", "alice");
  g_autofree char *new = make_usual_token (fixture, &other_p256, "n", "alice");

  oai_proxy_open_id_set_retry_interval_ms (fixture->open_id, 0);
  test_assert_accepted (fixture->open_id, old, "alice");
  test_assert_refused (fixture->open_id, new, OAI_PROXY_ERROR_UNAUTHENTICATED, "not known");
  set_keys (fixture, &other_p256, "n", NULL, NULL);
  test_assert_accepted (fixture->open_id, new, "alice");
  g_assert_cmpuint (fixture->n_set, ==, 3);
  /* Although it was in the cache. */
  test_assert_refused (fixture->open_id, old, OAI_PROXY_ERROR_UNAUTHENTICATED, "not known");
}

/* A key that was replaced under the same identifier is noticed when the keys become old. */
static void
test_refresh (Fixture *fixture, gconstpointer data)
{
  g_autofree char *old = make_usual_token (fixture, &p256, "e", "alice");

  g_object_set (fixture->open_id, "refresh-interval-ms", 20, "retry-interval-ms", 0, NULL);
  test_assert_accepted (fixture->open_id, old, "alice");
  set_keys (fixture, &other_p256, "e", NULL, NULL);
  for (;;)
    {
      g_autofree char *id = test_authenticate (fixture->open_id, old, NULL);

      if (id == NULL)
        break;
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpuint (fixture->n_set, >=, 2);
}

static void
test_provider_away (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = make_usual_token (fixture, &p256, "e", "alice");

  fixture->discovery = FAILURE;
  assert_unavailable (fixture, "*cannot be loaded*");
  /* The next attempt is made later. */
  test_assert_refused (fixture->open_id, token, OAI_PROXY_ERROR_UNAVAILABLE, "cannot be verified now");
  g_assert_cmpuint (fixture->n_discovery, ==, 1);

  fixture->discovery = NORMAL;
  oai_proxy_open_id_set_retry_interval_ms (fixture->open_id, 0);
  test_assert_accepted (fixture->open_id, token, "alice");
}

/* Keys that were loaded remain in use, but not endlessly. */
static void
test_old_keys (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = make_usual_token (fixture, &p256, "e", "alice");
  gint64 start;

  g_object_set (fixture->open_id, "refresh-interval-ms", 100, NULL);
  test_assert_accepted (fixture->open_id, token, "alice");
  start = g_get_monotonic_time ();
  fixture->discovery = FAILURE;
  for (;;)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *id = NULL;

      id = test_authenticate (fixture->open_id, token, &error);
      if (id == NULL)
        {
          g_assert_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
          break;
        }
      g_usleep (20000);
    }
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 2300 * 1000);
}

static void
test_bad_descriptions (Fixture *fixture, gconstpointer data)
{
  oai_proxy_open_id_set_retry_interval_ms (fixture->open_id, 0);
  fixture->discovery = REDIRECT;
  assert_unavailable (fixture, "*cannot be loaded*");
  fixture->discovery = HUGE;
  assert_unavailable (fixture, "*too large*");
  fixture->discovery = HTML;
  assert_unavailable (fixture, "*no description*");
  fixture->discovery = WRONG_ISSUER;
  assert_unavailable (fixture, "*another one*");
  fixture->discovery = FOREIGN_URL;
  assert_unavailable (fixture, "*https://*");
  g_assert_cmpuint (fixture->n_set, ==, 0);
}

static void
test_bad_sets (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = make_usual_token (fixture, &p256, "e", "alice");

  oai_proxy_open_id_set_retry_interval_ms (fixture->open_id, 0);
  fixture->set = REDIRECT;
  assert_unavailable (fixture, "*cannot be loaded*");
  fixture->set = HUGE;
  assert_unavailable (fixture, "*too large*");
  fixture->set = ENDLESS;
  assert_unavailable (fixture, "*too large*");
  fixture->set = HTML;
  assert_unavailable (fixture, "*no set of keys*");
  fixture->set = FAILURE;
  assert_unavailable (fixture, "*cannot be loaded*");
  fixture->set = NO_KEYS;
  assert_unavailable (fixture, "*no key*");
  fixture->set = NORMAL;
  test_assert_accepted (fixture->open_id, token, "alice");
}

/* A reply has 10 seconds, also if some of it arrives all the time. */
static void
test_slow_provider (Fixture *fixture, gconstpointer data)
{
  gint64 start = g_get_monotonic_time ();

  fixture->set = SLOW;
  assert_unavailable (fixture, "*timed out*");
  g_assert_cmpint (g_get_monotonic_time () - start, <, 60 * G_USEC_PER_SEC);
}

/* All requests that arrive meanwhile wait for one attempt. */
static void
test_many_wait (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = make_usual_token (fixture, &p256, "e", "alice");
  TestRequest requests[1100];
  TestAnswer answers[1100] = { 0 };
  guint n_unavailable = 0;

  for (guint i = 0; i < 1100; i++)
    {
      test_request_init (&requests[i], token);
      oai_proxy_authenticator_authenticate_async (OAI_PROXY_AUTHENTICATOR (fixture->open_id), test_request_get (&requests[i]), NULL, test_answer_cb, &answers[i]);
    }
  for (guint i = 0; i < 1100; i++)
    {
      while (!answers[i].done)
        g_main_context_iteration (NULL, TRUE);
      if (answers[i].error != NULL)
        {
          g_assert_error (answers[i].error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
          n_unavailable++;
        }
      else
        g_assert_cmpstr (oai_proxy_identity_get_id (answers[i].identity), ==, "alice");
      test_answer_clear (&answers[i]);
      test_request_clear (&requests[i]);
    }
  g_assert_cmpuint (n_unavailable, ==, 1100 - 1024);
  g_assert_cmpuint (fixture->n_set, ==, 1);
}

/* The client goes away while its request waits for a provider that does not reply. */
static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = make_usual_token (fixture, &p256, "e", "alice");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_auto(TestRequest) request;
  TestAnswer answer = { 0 };

  fixture->discovery = SILENT;
  test_request_init (&request, token);
  oai_proxy_authenticator_authenticate_async (OAI_PROXY_AUTHENTICATOR (fixture->open_id), test_request_get (&request), cancellable, test_answer_cb, &answer);
  while (fixture->n_discovery == 0)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  while (!answer.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  test_answer_clear (&answer);
}

static void
test_urls (void)
{
  static const char *const valid[] = { "https://a.example", "https://a.example/tenant/", "https://[::1]:1/", "http://localhost:8080", "http://127.0.0.1", "http://[::1]/x" };
  static const char *const invalid[] = {
    "", "a.example", "http://a.example", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://127.0.0.2",
    "https://", "https://user@a.example", "https://user:x@a.example", "https://a.example/#x", "file:///etc/passwd", "ftp://a.example", "https:a",
  };

  for (guint i = 0; i < G_N_ELEMENTS (valid); i++)
    g_assert_true (oai_key_source_check_url (valid[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (oai_proxy_open_id_new (invalid[i], AUDIENCE, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  test_key_generate (&rsa, TRUE, 2048);
  test_key_generate (&p256, FALSE, GNUTLS_ECC_CURVE_SECP256R1);
  test_key_generate (&other_p256, FALSE, GNUTLS_ECC_CURVE_SECP256R1);

  ADD ("/open-id/accept", test_accept);
  ADD ("/open-id/now", test_now);
  ADD ("/open-id/other-kinds", test_other_kinds);
  ADD ("/open-id/claims", test_claims);
  ADD ("/open-id/identities", test_identities);
  ADD ("/open-id/limits", test_limits);
  ADD ("/open-id/scopes", test_scopes);
  ADD ("/open-id/times", test_times);
  ADD ("/open-id/cached-token-expires", test_cached_token_expires);
  ADD ("/open-id/signatures", test_signatures);
  ADD ("/open-id/unknown-keys", test_unknown_keys);
  ADD ("/open-id/rotation", test_rotation);
  ADD ("/open-id/refresh", test_refresh);
  ADD ("/open-id/provider-away", test_provider_away);
  ADD ("/open-id/old-keys", test_old_keys);
  ADD ("/open-id/bad-descriptions", test_bad_descriptions);
  ADD ("/open-id/bad-sets", test_bad_sets);
  ADD ("/open-id/slow-provider", test_slow_provider);
  ADD ("/open-id/many-wait", test_many_wait);
  ADD ("/open-id/cancel", test_cancel);
  g_test_add_func ("/open-id/urls", test_urls);

  result = g_test_run ();
  test_key_clear (&rsa);
  test_key_clear (&p256);
  test_key_clear (&other_p256);

  return result;
}
