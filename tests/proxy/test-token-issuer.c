/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signed tokens that expire. */

#include "identity-fixture.h"

#include <string.h>

#include "oai-base64url-private.h"

#define KEY "0123456789abcdef0123456789abcdef"
#define HOUR_MS (3600 * 1000)

static OaiProxyTokenIssuer *
new_issuer (const char *key_id, const char *key)
{
  OaiProxyTokenIssuer *issuer = oai_proxy_token_issuer_new ();
  g_autoptr(GBytes) bytes = g_bytes_new (key, strlen (key));
  GError *error = NULL;

  oai_proxy_token_issuer_add_key (issuer, key_id, bytes, &error);
  g_assert_no_error (error);

  return issuer;
}

static char *
issue (OaiProxyTokenIssuer *issuer, const char *identity)
{
  GError *error = NULL;
  char *token = oai_proxy_token_issuer_issue (issuer, identity, NULL, HOUR_MS, &error);

  g_assert_no_error (error);

  return token;
}

/* As another program would issue a token. */
static char *
make_token (const char *key, const char *key_id, const char *payload)
{
  g_autofree char *encoded = oai_base64url_encode ((const guint8 *) payload, strlen (payload));
  g_autofree char *text = g_strdup_printf ("sess-%s.%s", key_id, encoded);
  g_autofree char *hex = g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *) key, strlen (key), text, -1);
  g_autofree char *signature = NULL;
  guint8 digest[32];

  for (guint i = 0; i < sizeof digest; i++)
    digest[i] = g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]);
  signature = oai_base64url_encode (digest, sizeof digest);

  return g_strconcat (text, ".", signature, NULL);
}

static void
assert_payload (const char *format, gint64 issued, gint64 expires, const char *expected, const char *message)
{
  g_autoptr(OaiProxyTokenIssuer) issuer = new_issuer ("k1", KEY);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *iat = g_strdup_printf ("%" G_GINT64_FORMAT, now + issued);
  g_autofree char *exp = g_strdup_printf ("%" G_GINT64_FORMAT, now + expires);
  g_auto(GStrv) parts = g_strsplit (format, "IAT", -1);
  g_autofree char *with_iat = g_strjoinv (iat, parts);
  g_auto(GStrv) rest = g_strsplit (with_iat, "EXP", -1);
  g_autofree char *payload = g_strjoinv (exp, rest);
  g_autofree char *token = make_token (KEY, "k1", payload);

  if (expected != NULL)
    test_assert_accepted (issuer, token, expected);
  else
    test_assert_refused (issuer, token, strstr (message, "configured") != NULL || strstr (message, "identity") != NULL ? OAI_PROXY_ERROR_FORBIDDEN : OAI_PROXY_ERROR_UNAUTHENTICATED, message);
}

static void
test_issue (void)
{
  g_autoptr(OaiProxyTokenIssuer) issuer = new_issuer ("k1", KEY);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyIdentity) identity = NULL;
  g_autofree char *token = issue (issuer, "alice “α” \"\\");
  g_autofree char *limited = oai_proxy_token_issuer_issue (issuer, "bob", "small", HOUR_MS, NULL);
  g_auto(TestRequest) request;

  g_assert_true (g_str_has_prefix (token, "sess-k1."));
  for (const char *c = token; *c != '\0'; c++)
    g_assert_true (g_ascii_isalnum (*c) || strchr ("-_.", *c) != NULL);
  test_assert_accepted (issuer, token, "alice “α” \"\\");

  test_assert_refused (issuer, limited, OAI_PROXY_ERROR_FORBIDDEN, "not configured");
  oai_proxy_authenticator_set_limits (OAI_PROXY_AUTHENTICATOR (issuer), "small", limits);
  test_request_init (&request, limited);
  g_assert_true (oai_proxy_authenticator_authenticate_now (OAI_PROXY_AUTHENTICATOR (issuer), test_request_get (&request), &identity, NULL));
  g_assert_true (oai_proxy_identity_get_limits (identity) == limits);
}

static void
test_invalid_arguments (void)
{
  g_autoptr(OaiProxyTokenIssuer) issuer = oai_proxy_token_issuer_new ();
  g_autoptr(GBytes) key = g_bytes_new_static (KEY, 32);
  g_autoptr(GBytes) short_key = g_bytes_new_static (KEY, 31);
  g_autofree char *long_id = g_strnfill (257, 'a');
  static const char *const ids[] = { "", "a.b", "a b", "ä", "a/../b", "012345678901234567890123456789012" };

  g_assert_null (oai_proxy_token_issuer_issue (issuer, "alice", NULL, HOUR_MS, NULL));
  g_assert_false (oai_proxy_token_issuer_add_key (issuer, "k1", short_key, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_assert_false (oai_proxy_token_issuer_add_key (issuer, ids[i], key, NULL));
      g_assert_null (oai_proxy_token_issuer_generate_key_line (ids[i], NULL));
    }
  g_assert_true (oai_proxy_token_issuer_add_key (issuer, "k1", key, NULL));
  g_assert_false (oai_proxy_token_issuer_add_key (issuer, "k1", key, NULL));
  g_assert_null (oai_proxy_token_issuer_issue (issuer, "", NULL, HOUR_MS, NULL));
  g_assert_null (oai_proxy_token_issuer_issue (issuer, long_id, NULL, HOUR_MS, NULL));
  g_assert_null (oai_proxy_token_issuer_issue (issuer, "a\nb", NULL, HOUR_MS, NULL));
  g_assert_null (oai_proxy_token_issuer_issue (issuer, "alice", "", HOUR_MS, NULL));
  g_assert_null (oai_proxy_token_issuer_issue (issuer, "alice", NULL, 0, NULL));
  g_assert_null (oai_proxy_token_issuer_issue (issuer, "alice", NULL, G_MAXUINT64, NULL));
}

static void
test_rotation (void)
{
  g_autoptr(OaiProxyTokenIssuer) issuer = new_issuer ("k1", KEY);
  g_autoptr(GBytes) key = g_bytes_new_static ("another key with 32 bytes or more", 33);
  g_autofree char *old = issue (issuer, "alice");
  g_autofree char *new = NULL;

  g_assert_true (oai_proxy_token_issuer_add_key (issuer, "k2", key, NULL));
  new = issue (issuer, "alice");
  g_assert_true (g_str_has_prefix (new, "sess-k2."));
  test_assert_accepted (issuer, old, "alice");
  test_assert_accepted (issuer, new, "alice");

  g_assert_true (oai_proxy_token_issuer_remove_key (issuer, "k1"));
  g_assert_false (oai_proxy_token_issuer_remove_key (issuer, "k1"));
  test_assert_other_kind (issuer, old);
  test_assert_accepted (issuer, new, "alice");
}

/* The text of the token of one key with the identifier of another. */
static void
test_foreign_keys (void)
{
  g_autoptr(OaiProxyTokenIssuer) issuer = new_issuer ("k1", KEY);
  g_autoptr(OaiProxyTokenIssuer) other = new_issuer ("k1", "another key with 32 bytes or more");
  g_autoptr(OaiProxyTokenIssuer) renamed = new_issuer ("k2", KEY);
  g_autofree char *foreign = issue (other, "alice");
  g_autofree char *renamed_token = issue (renamed, "alice");
  g_autofree char *swapped = g_strdup (renamed_token);

  test_assert_refused (issuer, foreign, OAI_PROXY_ERROR_UNAUTHENTICATED, "signature");
  test_assert_other_kind (issuer, renamed_token);
  swapped[strlen ("sess-k")] = '1';
  test_assert_refused (issuer, swapped, OAI_PROXY_ERROR_UNAUTHENTICATED, "signature");
}

/* Each change of a character is noticed. */
static void
test_changed_tokens (void)
{
  g_autoptr(OaiProxyTokenIssuer) issuer = new_issuer ("k1", KEY);
  g_autofree char *token = issue (issuer, "alice");
  gsize length = strlen (token);

  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *changed = g_strdup (token);
      g_autofree char *truncated = g_strndup (token, i);
      g_autofree char *id = NULL;
      g_autofree char *short_id = test_authenticate (issuer, truncated, NULL);

      changed[i] = token[i] == 'A' ? 'B' : token[i] == '.' ? 'A' : 'A';
      id = test_authenticate (issuer, changed, NULL);
      g_assert_true (id == NULL || *id == '\0');
      g_assert_true (short_id == NULL || *short_id == '\0');
    }
}

static void
test_hostile_tokens (void)
{
  g_autoptr(OaiProxyTokenIssuer) issuer = new_issuer ("k1", KEY);
  g_autofree char *token = issue (issuer, "alice");
  g_autofree char *padded = g_strconcat (token, "=", NULL);
  g_autofree char *longer = g_strconcat (token, "A", NULL);
  g_autofree char *dotted = g_strconcat (token, ".", NULL);
  g_autofree char *unsigned_token = g_strndup (token, strrchr (token, '.') - token + 1);
  g_autofree char *upper = g_strconcat ("SESS-", token + 5, NULL);
  g_autofree char *filling = g_strnfill (100000, 'A');
  g_autofree char *huge = g_strdup_printf ("sess-k1.%s.%.43s", filling, filling);
  static const char *const other[] = { "sess-", "sess-k1", "sess-k1.", "sess-.", "sess-..", "sess-k1x.e30.AAAA", "sess-k.e30.AAAA", "sess-../k1.e30.A", "sess-K1.e30.A", "sk-123", "k1.e30.A" };

  for (guint i = 0; i < G_N_ELEMENTS (other); i++)
    test_assert_other_kind (issuer, other[i]);
  test_assert_other_kind (issuer, NULL);
  test_assert_other_kind (issuer, upper);
  test_assert_other_kind (issuer, huge);
  test_assert_refused (issuer, padded, OAI_PROXY_ERROR_UNAUTHENTICATED, "signature");
  test_assert_refused (issuer, longer, OAI_PROXY_ERROR_UNAUTHENTICATED, "signature");
  test_assert_refused (issuer, dotted, OAI_PROXY_ERROR_UNAUTHENTICATED, "signature");
  test_assert_refused (issuer, unsigned_token, OAI_PROXY_ERROR_UNAUTHENTICATED, "signature");
  test_assert_refused (issuer, "sess-k1..", OAI_PROXY_ERROR_UNAUTHENTICATED, "signature");
}

/* The unused bits of the last character make 4 texts of one signature. */
static void
test_signature_has_one_text (void)
{
  g_autoptr(OaiProxyTokenIssuer) issuer = new_issuer ("k1", KEY);
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  g_autofree char *token = issue (issuer, "alice");
  gsize last = strlen (token) - 1;
  char character = token[last];
  guint accepted = 0;

  for (guint i = 0; i < 64; i++)
    {
      g_autofree char *id = NULL;

      token[last] = alphabet[i];
      id = test_authenticate (issuer, token, NULL);
      if (id == NULL)
        continue;
      g_assert_cmpstr (id, ==, "alice");
      g_assert_cmpint (token[last], ==, character);
      accepted++;
    }
  g_assert_cmpuint (accepted, ==, 1);
}

static void
test_payloads (void)
{
  const char *contents = "contents";

  assert_payload ("{\"sub\":\"alice\",\"iat\":IAT,\"exp\":EXP}", 0, 60, "alice", NULL);
  assert_payload (" {\"exp\":EXP, \"sub\":\"\\u0061lice\",\"iat\":IAT.0,\"extra\":[1]}\n", 0, 60, "alice", NULL);
  assert_payload ("{\"sub\":\"alice\",\"iat\":IAT,\"exp\":EXP,\"lim\":\"x\"}", 0, 60, NULL, "not configured");
  assert_payload ("{\"sub\":\"\",\"iat\":IAT,\"exp\":EXP}", 0, 60, NULL, "identity");
  assert_payload ("{\"sub\":\"a\\nb\",\"iat\":IAT,\"exp\":EXP}", 0, 60, NULL, "identity");
  assert_payload ("{\"sub\":\"alice\",\"sub\":\"bob\",\"iat\":IAT,\"exp\":EXP}", 0, 60, NULL, contents);
  assert_payload ("{\"sub\":\"alice\",\"iat\":IAT,\"exp\":EXP,\"\\u0065xp\":99999999999}", 0, -60, NULL, contents);
  assert_payload ("{\"sub\":\"alice\",\"iat\":IAT}", 0, 60, NULL, contents);
  assert_payload ("{\"sub\":\"alice\",\"exp\":EXP}", 0, 60, NULL, contents);
  assert_payload ("{\"iat\":IAT,\"exp\":EXP}", 0, 60, NULL, contents);
  assert_payload ("{\"sub\":1,\"iat\":IAT,\"exp\":EXP}", 0, 60, NULL, contents);
  assert_payload ("{\"sub\":\"alice\",\"iat\":IAT,\"exp\":\"EXP\"}", 0, 60, NULL, contents);
  assert_payload ("{\"sub\":\"alice\",\"iat\":IAT,\"exp\":1e300}", 0, 60, NULL, contents);
  assert_payload ("{\"sub\":\"alice\",\"iat\":IAT,\"exp\":null}", 0, 60, NULL, contents);
  assert_payload ("{\"sub\":\"alice\",\"iat\":IAT,\"exp\":EXP,\"lim\":null}", 0, 60, NULL, contents);
  assert_payload ("{\"sub\":\"alice\",\"iat\":IAT,\"exp\":EXP}x", 0, 60, NULL, contents);
  assert_payload ("[\"sub\",\"iat\",\"exp\"]", 0, 60, NULL, contents);
  assert_payload ("null", 0, 60, NULL, contents);
  assert_payload ("", 0, 60, NULL, contents);
  assert_payload ("{\"sub\":\"a\xff\",\"iat\":IAT,\"exp\":EXP}", 0, 60, NULL, contents);
}

static void
test_times (void)
{
  const char *payload = "{\"sub\":\"alice\",\"iat\":IAT,\"exp\":EXP}";
  G_GNUC_UNUSED g_autoptr(OaiProxyTokenIssuer) issuer = new_issuer ("k1", KEY);

  assert_payload (payload, -100, 60, "alice", NULL);
  assert_payload (payload, -100, -60, NULL, "expired");
  assert_payload (payload, 60, 100, NULL, "not valid yet");
  /* Within the tolerance of 5 s. */
  assert_payload (payload, -100, -1, "alice", NULL);
  assert_payload (payload, 2, 100, "alice", NULL);
  assert_payload ("{\"sub\":\"alice\",\"iat\":0,\"exp\":-9223372036854775808}", 0, 0, NULL, "expired");
  assert_payload ("{\"sub\":\"alice\",\"iat\":0,\"exp\":9223372036854775807}", 0, 0, "alice", NULL);
  assert_payload ("{\"sub\":\"alice\",\"iat\":9223372036854775807,\"exp\":9223372036854775807}", 0, 0, NULL, "not valid yet");
}

static void
test_clock_skew (void)
{
  g_autoptr(OaiProxyTokenIssuer) issuer = new_issuer ("k1", KEY);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *payload = g_strdup_printf ("{\"sub\":\"alice\",\"iat\":0,\"exp\":%" G_GINT64_FORMAT "}", now - 600);
  g_autofree char *token = make_token (KEY, "k1", payload);

  g_assert_cmpuint (oai_proxy_token_issuer_get_clock_skew_ms (issuer), ==, 5000);
  test_assert_refused (issuer, token, OAI_PROXY_ERROR_UNAUTHENTICATED, "expired");
  g_object_set (issuer, "clock-skew-ms", 3600 * 1000, NULL);
  test_assert_accepted (issuer, token, "alice");
  oai_proxy_token_issuer_set_clock_skew_ms (issuer, 0);
  test_assert_refused (issuer, token, OAI_PROXY_ERROR_UNAUTHENTICATED, "expired");
}

static void
test_key_file (void)
{
  g_autofree char *directory = test_make_directory ();
  g_autofree char *first = oai_proxy_token_issuer_generate_key_line ("first", NULL);
  g_autofree char *second = oai_proxy_token_issuer_generate_key_line ("second", NULL);
  g_autofree char *text = g_strdup_printf ("# keys\n%s\n%s\n", first, second);
  g_autofree char *path = test_write_file (directory, "keys", text, 0600);
  g_autoptr(OaiProxyTokenIssuer) issuer = oai_proxy_token_issuer_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *token = NULL;
  static const char *const invalid[] = { "", "# no key\n", "k1\n", "k1:AAAA\n", "k1:" KEY KEY "=\n", "k 1:" KEY KEY "\n", "k1:" KEY KEY "\nk1:" KEY KEY "\n" };
  static const int unsafe[] = { 0604, 0644, 0620, 0666 };

  g_assert_true (oai_proxy_token_issuer_load_keys (issuer, path, &error));
  g_assert_no_error (error);
  token = issue (issuer, "alice");
  g_assert_true (g_str_has_prefix (token, "sess-second."));

  for (guint i = 0; i < G_N_ELEMENTS (unsafe); i++)
    {
      g_assert_cmpint (g_chmod (path, unsafe[i]), ==, 0);
      g_assert_false (oai_proxy_token_issuer_load_keys (issuer, path, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
      g_clear_error (&error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      g_free (test_write_file (directory, "keys", invalid[i], 0600));
      g_assert_false (oai_proxy_token_issuer_load_keys (issuer, path, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_null (strstr (error->message, KEY));
      g_clear_error (&error);
    }
  /* The keys have not changed. */
  test_assert_accepted (issuer, token, "alice");
  test_remove_directory (directory);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/token-issuer/issue", test_issue);
  g_test_add_func ("/token-issuer/invalid-arguments", test_invalid_arguments);
  g_test_add_func ("/token-issuer/rotation", test_rotation);
  g_test_add_func ("/token-issuer/foreign-keys", test_foreign_keys);
  g_test_add_func ("/token-issuer/changed-tokens", test_changed_tokens);
  g_test_add_func ("/token-issuer/hostile-tokens", test_hostile_tokens);
  g_test_add_func ("/token-issuer/signature-has-one-text", test_signature_has_one_text);
  g_test_add_func ("/token-issuer/payloads", test_payloads);
  g_test_add_func ("/token-issuer/times", test_times);
  g_test_add_func ("/token-issuer/clock-skew", test_clock_skew);
  g_test_add_func ("/token-issuer/key-file", test_key_file);

  return g_test_run ();
}
