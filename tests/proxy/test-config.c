/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The configuration of oai-proxy: its values, and the messages about mistakes. */

#include <openai-1/openai.h>

#include "oai-program-secrets-private.h"
#include "oai-proxy-config-private.h"

#define VALID \
  "[listen web]\naddress = 127.0.0.1:8080\n" \
  "[upstream a]\nbase-url = http://127.0.0.1/v1\nno-key = yes\n" \
  "[identity b]\ntype = tokens\nfile = tokens\n"

static OaiProxyConfig *
parse (const char *text, OaiConfigProblems **problems)
{
  *problems = oai_config_problems_new ("/etc/test.conf");

  return oai_proxy_config_parse (text, *problems, "/etc/test.conf");
}

static void
test_values (void)
{
  g_autoptr(OaiConfigProblems) problems = NULL;
  g_autoptr(OaiProxyConfig) config = parse (VALID
                                            "# comment\n\n  [proxy]  \nworkers=3\nshutdown-timeout = 2min\nidle-timeout=500 ms\nmax-body-size = 20M\r\nprefix = /a=b\n"
                                            "[limits x]\nallowed-models = a*; b ;;c\ncost-per-day = 1.5\ntokens-per-day = 9000000000\n"
                                            "[prices]\nm = 1; 2\nn = 1; 0.5; 2\n"
                                            "[upstream c]\nazure-endpoint = https://x.openai.azure.com\nkey-file = ../key\n",
                                            &problems);
  OaiConfigLimits *limits = oai_proxy_config_find_limits (config, "x");
  OaiConfigUpstream *upstream = config->upstreams->pdata[1];
  OaiConfigPrice *price = config->prices->pdata[0];
  OaiConfigListen *listen = config->listens->pdata[0];
  g_autofree char *text = oai_config_problems_to_string (problems);

  g_assert_cmpstr (text, ==, "");
  g_assert_cmpuint (config->workers, ==, 3);
  g_assert_cmpuint (config->shutdown_timeout_ms, ==, 120000);
  g_assert_cmpuint (config->idle_timeout_ms, ==, 500);
  g_assert_cmpuint (config->head_timeout_ms, ==, 10000);
  g_assert_cmpuint (config->max_body_size, ==, 20 * 1024 * 1024);
  g_assert_cmpstr (config->prefix, ==, "/a=b");
  g_assert_cmpuint (listen->mode, ==, 0660);
  g_assert_nonnull (limits);
  g_assert_cmpuint (g_strv_length (limits->allowed_models), ==, 3);
  g_assert_cmpstr (limits->allowed_models[1], ==, "b");
  g_assert_cmpfloat (limits->cost_per_day, ==, 1.5);
  g_assert_cmpuint (limits->tokens_per_day, ==, G_GUINT64_CONSTANT (9000000000));
  g_assert_cmpstr (upstream->key_file, ==, "/key");
  g_assert_cmpfloat (price->cached_input, ==, 1);
  g_assert_cmpfloat (price->output, ==, 2);
  price = config->prices->pdata[1];
  g_assert_cmpfloat (price->cached_input, ==, 0.5);
}

typedef struct
{
  const char *text;
  const char *expected;
} Mistake;

static const Mistake mistakes[] = {
  { "[proxy]\nworkres = 1\n", ":10: “workres” is not a key of [proxy]. Do you mean “workers”?" },
  { "[proxy]\nzzzzzzzzzz = 1\n", ":10: “zzzzzzzzzz” is not a key of [proxy]." },
  { "[upstraem x]\n", ":9: There is no group [upstraem]. Do you mean [upstream]?" },
  { "[limits]\n", ":9: The group [limits] requires a name: [limits NAME]." },
  { "[proxy x]\n", ":9: The group [proxy] has no name." },
  { "[listen web]\naddress = [::1]:1\n", ":9: The group is there already, on line 1." },
  { "[proxy]\nworkers = 1\nworkers = 2\n", ":11: “workers” is set already, on line 10." },
  { "[proxy]\nworkers\n", ":10: The line is neither “[GROUP]” nor “KEY = VALUE” nor a comment." },
  { "[proxy]\nworkers = 0\n", ":10: “workers” is out of range." },
  { "[proxy]\nworkers = -1\n", ":10: “workers” is not a valid number." },
  { "[proxy]\nworkers = 99999999999999999999\n", ":10: “workers” is not a valid number." },
  { "[proxy]\nidle-timeout = 5 weeks\n", ":10: “idle-timeout” is not a valid duration." },
  { "[proxy]\nidle-timeout = 9223372036854775807d\n", ":10: “idle-timeout” is not a valid duration." },
  { "[proxy]\nmax-body-size = 1T\n", ":10: “max-body-size” is not a valid size." },
  { "[proxy]\nallow-anonymous = maybe\n", ":10: “allow-anonymous” is neither “true” nor “false”." },
  { "[proxy]\nprefix =\n", ":10: “prefix” has no value." },
  { "[listen x]\nunix = a\nmode = 9\n", ":11: “mode” is not a valid mode." },
  { "[listen x]\nunix = a\naddress = 1\n", ":9: Only one of these keys can be set: address, unix, systemd." },
  { "[listen x]\naddress = 1\ntls = true\n", ":9: “tls” requires “certificate” in [tls]." },
  { "[identity x]\ntype = magic\n", ":10: “type” is not one of: tokens issuer command openid certificates peers." },
  { "[identity x]\ntype = command\n", ":9: “command” is required." },
  { "[identity x]\ntype = peers\nlimits = gold\n", ":9: There is no group [limits gold]." },
  { "[upstream x]\nno-key = true\n", ":9: One of these keys is required: base-url, azure-endpoint." },
  { "[limits x]\ncost-per-day = 0x10\n", ":10: “cost-per-day” is not a valid number of dollars." },
  { "[limits x]\ncost-per-day = nan\n", ":10: “cost-per-day” is not a valid number of dollars." },
  { "[prices]\nm = 1\n", ":10: A price is " },
  { "[redis]\nprefix = a\n", ":9: “url” is required." },
  { "[limits a/b]\n", ":9: The name of the group is not valid." },
};

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_autoptr(OaiConfigProblems) problems = NULL;
      g_autofree char *text = g_strconcat (VALID, mistakes[i].text, NULL);
      G_GNUC_UNUSED g_autoptr(OaiProxyConfig) config = parse (text, &problems);
      g_autofree char *messages = oai_config_problems_to_string (problems);
      g_autofree char *expected = g_strconcat ("/etc/test.conf", mistakes[i].expected, NULL);

      if (!g_str_has_prefix (messages, expected))
        g_error ("“%s” and not “%s”", messages, expected);
    }
}

static void
test_empty (void)
{
  static const char *const texts[] = { "", "\n\n", "key = value\n", "[", "[]", "[ ]\n=\n", "\xff\xfe", "[proxy\n" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(OaiConfigProblems) problems = NULL;
      G_GNUC_UNUSED g_autoptr(OaiProxyConfig) config = parse (texts[i], &problems);

      g_assert_cmpuint (problems->messages->len, >=, 3);
    }
}

/* All problems are reported, within a limit, and a line that is not valid is not quoted. */
static void
test_many_problems (void)
{
  g_autoptr(GString) text = g_string_new ("[proxy]\n");
  g_autoptr(OaiConfigProblems) problems = NULL;
  g_autoptr(OaiProxyConfig) config = NULL;
  g_autofree char *messages = NULL;

  for (guint i = 0; i < 10000; i++)
    g_string_append (text, "sk-secret\n");
  config = parse (text->str, &problems);
  messages = oai_config_problems_to_string (problems);
  g_assert_cmpuint (problems->messages->len, ==, 100);
  g_assert_null (strstr (messages, "secret"));
}

static void
test_order (void)
{
  g_autoptr(OaiConfigProblems) problems = oai_config_problems_new ("f");
  g_autofree char *text = NULL;

  oai_config_problems_add (problems, 0, "whole");
  oai_config_problems_add (problems, 5, "a");
  oai_config_problems_add (problems, 2, "b");
  oai_config_problems_add (problems, 5, "c");
  oai_config_problems_add (problems, 1, "d");
  oai_config_problems_sort (problems);
  text = oai_config_problems_to_string (problems);
  g_assert_cmpstr (text, ==, "f:1: d\nf:2: b\nf:5: a\nf:5: c\nf: whole");
}

static void
test_secrets (void)
{
  static const char *const names[] = { "OAI_TEST_KEY", "OAI_TEST_NOT_SET", NULL };
  char *value;
  g_autoptr(GByteArray) data = NULL;

  g_setenv ("OAI_TEST_KEY", "sk-secret", TRUE);
  value = (char *) g_getenv ("OAI_TEST_KEY");
  oai_program_secrets_take_environment (names);
  g_assert_cmpstr (value, ==, "");
  g_assert_null (g_getenv ("OAI_TEST_KEY"));
  g_assert_cmpstr (oai_program_secrets_get ("OAI_TEST_KEY"), ==, "sk-secret");
  g_assert_null (oai_program_secrets_get ("OAI_TEST_NOT_SET"));

  data = oai_program_secrets_serialize ();
  oai_program_secrets_clear ();
  g_assert_null (oai_program_secrets_get ("OAI_TEST_KEY"));
  oai_program_secrets_add ((const char *) data->data, data->len);
  g_assert_cmpstr (oai_program_secrets_get ("OAI_TEST_KEY"), ==, "sk-secret");
  oai_program_secrets_add ("A=b", 3);
  g_assert_null (oai_program_secrets_get ("A"));
  oai_program_secrets_clear ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/config/values", test_values);
  g_test_add_func ("/proxy/config/mistakes", test_mistakes);
  g_test_add_func ("/proxy/config/empty", test_empty);
  g_test_add_func ("/proxy/config/many-problems", test_many_problems);
  g_test_add_func ("/proxy/config/order", test_order);
  g_test_add_func ("/proxy/config/secrets", test_secrets);

  return g_test_run ();
}
