/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Identities, their limits, and refusals of the proxy. */

#include <openai-1/openai.h>

#include "oai-proxy-refusal-private.h"

static void
test_models (void)
{
  static const char *const patterns[] = { "gpt-5*", "o?", "*-mini", NULL };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();

  g_assert_true (oai_proxy_limits_allows_model (limits, "anything"));

  oai_proxy_limits_set_allowed_models (limits, patterns);
  g_assert_true (oai_proxy_limits_allows_model (limits, NULL));
  g_assert_true (oai_proxy_limits_allows_model (limits, "gpt-5"));
  g_assert_true (oai_proxy_limits_allows_model (limits, "gpt-5.1-nano"));
  g_assert_true (oai_proxy_limits_allows_model (limits, "o?"));
  g_assert_true (oai_proxy_limits_allows_model (limits, "a-mini-mini"));
  g_assert_false (oai_proxy_limits_allows_model (limits, "o3"));
  g_assert_false (oai_proxy_limits_allows_model (limits, "my-gpt-5"));
  g_assert_false (oai_proxy_limits_allows_model (limits, "GPT-5"));
  g_assert_false (oai_proxy_limits_allows_model (limits, ""));
}

static void
test_operations (void)
{
  static const char *const some[] = { "chat.*", "models.list", NULL };
  static const char *const all[] = { "*", NULL };
  static const char *const none[] = { NULL };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();

  g_assert_true (oai_proxy_limits_allows_operation (limits, NULL));
  oai_proxy_limits_set_allowed_operations (limits, some);
  g_assert_true (oai_proxy_limits_allows_operation (limits, "chat.create"));
  g_assert_true (oai_proxy_limits_allows_operation (limits, "models.list"));
  g_assert_false (oai_proxy_limits_allows_operation (limits, "models.delete"));
  g_assert_false (oai_proxy_limits_allows_operation (limits, NULL));
  oai_proxy_limits_set_allowed_operations (limits, all);
  g_assert_true (oai_proxy_limits_allows_operation (limits, NULL));
  oai_proxy_limits_set_allowed_operations (limits, none);
  g_assert_false (oai_proxy_limits_allows_operation (limits, "chat.create"));
}

static void
test_identity (void)
{
  g_autofree char *longest = g_strnfill (256, 'a');
  g_autofree char *too_long = g_strnfill (257, 'a');

  g_assert_true (oai_proxy_identity_id_is_valid ("Jörg"));
  g_assert_true (oai_proxy_identity_id_is_valid (longest));
  g_assert_false (oai_proxy_identity_id_is_valid (too_long));
  g_assert_false (oai_proxy_identity_id_is_valid (""));
  g_assert_false (oai_proxy_identity_id_is_valid ("a\nb"));
  g_assert_false (oai_proxy_identity_id_is_valid ("a\xff"));
}

static void
test_refusals (void)
{
  g_autoptr(GError) limited = g_error_new_literal (OAI_PROXY_ERROR, OAI_PROXY_ERROR_RATE_LIMITED, "Wait \"a\" minute");
  g_autoptr(GError) internal = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "/etc/secret");
  OaiProxyRefusal refusal = oai_proxy_refusal_from_error (limited);
  g_autoptr(GBytes) json = oai_proxy_refusal_to_json (&refusal, NULL);
  static const char expected[] = "{\"error\":{\"message\":\"Wait \\\"a\\\" minute\",\"type\":\"rate_limit_error\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}";

  g_assert_cmpuint (refusal.status, ==, 429);
  g_assert_cmpmem (g_bytes_get_data (json, NULL), g_bytes_get_size (json), expected, sizeof expected - 1);

  refusal = oai_proxy_refusal_from_error (internal);
  g_assert_cmpuint (refusal.status, ==, 500);
  g_assert_null (strstr (refusal.message, "secret"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/limits/models", test_models);
  g_test_add_func ("/proxy/limits/operations", test_operations);
  g_test_add_func ("/proxy/identity", test_identity);
  g_test_add_func ("/proxy/refusals", test_refusals);

  return g_test_run ();
}
