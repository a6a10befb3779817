/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which refusals of servers are recognized, how requests are changed, and how profiles are read. */

#include "oai-server-profile.h"

#include <string.h>

#include "oai-adaptation-memory-private.h"
#include "oai-adaptation-private.h"
#include "oai-error-map-private.h"
#include "oai-error.h"
#include "oai-request-edit-private.h"
#include "oai-server-profile-private.h"

static char *
dup_names (OaiAdaptations adaptations)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  oai_adaptations_append_names (adaptations, names);
  g_ptr_array_add (names, NULL);

  return g_strjoinv (",", (char **) names->pdata);
}

/* As servers and their libraries write them. */
static const struct
{
  const char *names;
  const char *error;
} refusals[] = {
  /* Mistral, vLLM and other servers with pydantic */
  { "stream_options", "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"stream_options\",\"include_usage\"],\"msg\":\"Extra inputs are not permitted\",\"input\":true}]}" },
  { "max_completion_tokens", "[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), 'msg': 'Extra inputs are not permitted', 'input': 800}]" },
  { "stream_options,max_completion_tokens",
    "[{\"loc\":[\"body\",\"stream_options\"],\"msg\":\"extra fields not permitted\"},{\"loc\":[\"body\",\"max_completion_tokens\"],\"msg\":\"extra fields not permitted\"}]" },
  { "strict", "[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"tools\",0,\"function\",\"strict\"],\"msg\":\"Extra inputs are not permitted\",\"input\":true}]" },
  { "strict", "Validation Error: \"strict\" - Extra inputs are not permitted" },
  { "stream_options", "Extra inputs are not permitted, field: 'stream_options'" },
  { "developer", "Input tag 'developer' found using 'role' does not match any of the expected tags: 'system', 'user', 'assistant', 'tool'" },
  /* OpenAI, Azure and gateways */
  { "stream_options", "Unknown parameter: 'stream_options'." },
  { "stream_options", "Unrecognized request argument supplied: stream_options" },
  { "max_completion_tokens", "Unrecognized request argument supplied: max_completion_tokens" },
  { "max_tokens", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead." },
  { "parallel_tool_calls", "Unsupported parameter: 'parallel_tool_calls' is not supported with this model." },
  { "developer", "Unsupported value: 'messages[0].role' does not support 'developer' with this model." },
  { "developer", "'developer' is not one of ['system', 'assistant', 'user', 'function'] - 'messages.0.role'" },
  /* xAI, Groq, Cerebras, Gemini, DeepSeek, chat templates */
  { "stream_options", "Argument not supported: stream_options" },
  { "stream_options", "property 'stream_options' is unsupported, did you mean 'stream'?" },
  { "developer", "'messages.0' : discriminator property 'role' has invalid value" },
  { "stream_options", "body.stream_options: property 'body.stream_options' is unsupported" },
  { "stream_options", "Invalid JSON payload received. Unknown name \"stream_options\": Cannot find field." },
  { "developer", "Failed to deserialize the JSON body into the target type: messages[0].role: unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool` at line 1 column 85" },
  { "developer", "chat template rejected the request: Unexpected message role." },
  /* Libraries of Go, Rust, Python and JSON Schema */
  { "stream_options", "json: unknown field \"stream_options\"" },
  { "strict", "unknown field `strict`, expected one of `name`, `description`, `parameters`" },
  { "parallel_tool_calls", "create() got an unexpected keyword argument 'parallel_tool_calls'" },
  { "strict", "Additional properties are not allowed ('strict' was unexpected)" },
  /* Other errors */
  { "", "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (1000 in the messages, 8000 in max_tokens)." },
  { "", "max_tokens is too large: 9000. This model supports at most 4096 completion tokens." },
  { "", "Invalid value for 'max_tokens': must be at least 1" },
  { "", "[{\"type\":\"less_than_equal\",\"loc\":[\"body\",\"max_tokens\"],\"msg\":\"Input should be less than or equal to 100\"}]" },
  { "", "[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"frequency_penalty\"],\"msg\":\"Extra inputs are not permitted\"}]" },
  { "", "[{\"type\":\"missing\",\"loc\":[\"body\",\"stream_options\",\"include_usage\"],\"msg\":\"Field required\"}]" },
  { "", "Unknown parameter: 'my_stream_options'." },
  { "", "Unknown parameter: 'max_tokens_per_day'." },
  { "", "'stream_options' is only allowed when 'stream' is enabled" },
  { "", "Invalid schema for function 'f': In strict mode, 'additionalProperties' is required to be supplied and to be false." },
  { "", "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified." },
  { "", "" },
};

static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *names = dup_names (oai_adaptations_recognize (refusals[i].error));

      if (strcmp (names, refusals[i].names) != 0)
        g_error ("“%s” is recognized as “%s”, not as “%s”", refusals[i].error, names, refusals[i].names);
    }
}

static void
test_long_error (void)
{
  g_autofree char *long_text = g_strnfill (1 << 20, 'x');
  g_autofree char *text = g_strconcat (long_text, " Unknown parameter: 'strict'", NULL);

  g_assert_cmpuint (oai_adaptations_recognize (text), ==, 0);
}

/* For OpenAI and Azure, nothing is changed that may change the meaning. */
static void
test_allowed (void)
{
  static const char *const strict_hosts[] = { "api.openai.com", "eu.api.openai.com", "API.OPENAI.COM", "api.openai.com.", "x.openai.azure.com", "x.openai.azure.com.", "x.services.ai.azure.com" };
  const OaiAdaptations strict = oai_adaptations_find_named ("strict");
  const OaiAdaptations max_tokens = oai_adaptations_find_named ("max_tokens");
  const OaiAdaptations options = oai_adaptations_find_named ("stream_options");

  for (guint i = 0; i < G_N_ELEMENTS (strict_hosts); i++)
    {
      g_assert_cmpuint (oai_adaptations_get_allowed (strict_hosts[i], FALSE) & (strict | max_tokens), ==, 0);
      g_assert_cmpuint (oai_adaptations_get_allowed (strict_hosts[i], FALSE) & options, ==, options);
    }
  g_assert_cmpuint (oai_adaptations_get_allowed ("localhost", FALSE) & (strict | max_tokens), ==, strict | max_tokens);
  g_assert_cmpuint (oai_adaptations_get_allowed ("azure.com.example.org", FALSE) & strict, ==, strict);
  g_assert_cmpuint (oai_adaptations_get_allowed ("localhost", TRUE) & (strict | max_tokens), ==, 0);
  g_assert_cmpuint (oai_adaptations_get_allowed (NULL, FALSE) & strict, ==, strict);
}

static void
test_hosts (void)
{
  g_assert_cmpuint (oai_adaptations_for_host ("api.deepseek.com"), ==, oai_adaptations_find_named ("developer"));
  g_assert_cmpuint (oai_adaptations_for_host ("not-api.deepseek.com"), ==, 0);
  g_assert_cmpuint (oai_adaptations_for_host ("deepseek.com"), ==, 0);
  g_assert_cmpuint (oai_adaptations_for_host (""), ==, 0);
  g_assert_cmpuint (oai_adaptations_for_host ("localhost"), ==, 0);
  g_assert_cmpuint (oai_adaptations_for_host ("api.openai.com"), ==, 0);
  g_assert_cmpuint (oai_adaptations_for_host (NULL), ==, 0);
}

static void
test_opposites (void)
{
  const OaiAdaptations old = oai_adaptations_find_named ("max_tokens");
  const OaiAdaptations new = oai_adaptations_find_named ("max_completion_tokens");
  const OaiAdaptations other = oai_adaptations_find_named ("strict");

  g_assert_cmpuint (oai_adaptations_add (old | other, new), ==, new | other);
  g_assert_cmpuint (oai_adaptations_add (new, old), ==, old);
}

/* Only the newest 64 models are remembered. */
static void
test_memory (void)
{
  g_autoptr (OaiAdaptationMemory) memory = oai_adaptation_memory_new ();
  const OaiAdaptations strict = oai_adaptations_find_named ("strict");
  const OaiAdaptations options = oai_adaptations_find_named ("stream_options");

  oai_adaptation_memory_learn (memory, "http://a/v1", "chat.create", NULL, strict);
  for (guint i = 0; i < 63; i++)
    {
      g_autofree char *model = g_strdup_printf ("m%u", i);

      oai_adaptation_memory_learn (memory, "http://a/v1", "chat.create", model, strict);
    }
  oai_adaptation_memory_learn (memory, "http://a/v1", "chat.create", "m0", options);
  oai_adaptation_memory_learn (memory, "http://b/v1", "chat.create", "m0", options);
  g_assert_cmpuint (oai_adaptation_memory_find (memory, "http://a/v1", "chat.create", NULL), ==, 0);
  g_assert_cmpuint (oai_adaptation_memory_find (memory, "http://a/v1", "chat.create", "m0"), ==, strict | options);
  g_assert_cmpuint (oai_adaptation_memory_find (memory, "http://a/v1", "chat.create", "m62"), ==, strict);
  g_assert_cmpuint (oai_adaptation_memory_find (memory, "http://b/v1", "chat.create", "m0"), ==, options);
  g_assert_cmpuint (oai_adaptation_memory_find (memory, "http://b/v1", "chat.create", "m1"), ==, 0);
  g_assert_cmpuint (oai_adaptation_memory_find (memory, "http://b/v1", "responses.create", "m0"), ==, 0);
}

static void
assert_edited (const char *entries, const char *json, const char *expected)
{
  g_autofree char *text = g_strconcat ("[x]\n", entries, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiServerProfile) profile = oai_server_profile_new_from_text (text, NULL, &error);
  g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));
  g_autoptr (GBytes) edited = NULL;

  g_assert_no_error (error);
  edited = oai_server_profile_edit (profile, body);
  if (expected == NULL)
    {
      g_assert_null (edited);
      return;
    }
  g_assert_nonnull (edited);
  g_assert_cmpmem (g_bytes_get_data (edited, NULL), g_bytes_get_size (edited), expected, strlen (expected));
}

static void
test_edits (void)
{
  assert_edited ("drop=a;", "{\"a\":1,\"b\":{\"a\":2}}", "{\"b\":{\"a\":2}}");
  assert_edited ("drop=a;", "{\"a\":1}", "{}");
  assert_edited ("drop=a;", "{\"a\":1,\"b\":2,\"a\":3}", "{\"b\":2}");
  assert_edited ("drop=a:true;", "{\"a\":true}", "{}");
  assert_edited ("drop=a:true;", "{\"a\":false}", NULL);
  assert_edited ("drop=a.b[].c", "{\"a\":{\"b\":[{\"c\":1,\"d\":1e3},[{\"c\":2}],3]},\"c\":1}", "{\"a\":{\"b\":[{\"d\":1e3},[{\"c\":2}],3]},\"c\":1}");
  assert_edited ("drop=a[].b", "{\"a\":{\"b\":1}}", NULL);
  assert_edited ("drop=a.b", "{\"a\":[{\"b\":1}]}", NULL);
  assert_edited ("rename=a:b", "{\"a\":[1,{\"a\":2}],\"c\":\"\\u00e9\\n\"}", "{\"b\":[1,{\"a\":2}],\"c\":\"é\\n\"}");
  assert_edited ("rename=a:b", "{\"a\":1,\"b\":2}", "{\"b\":2}");
  assert_edited ("rename=a:b", "{\"a\":1,\"b\":null}", "{\"b\":1}");
  assert_edited ("rename=a:b", "{\"b\":null,\"c\":3,\"a\":1}", "{\"c\":3,\"b\":1}");
  assert_edited ("rename=a:b", "{\"b\":null,\"a\":null}", "{\"b\":null}");
  assert_edited ("rename=a[].x:y", "{\"y\":null,\"a\":[{\"x\":1,\"y\":null},{\"y\":null}]}", "{\"y\":null,\"a\":[{\"y\":1},{\"y\":null}]}");
  assert_edited ("rename=a:b;b:c", "{\"a\":1,\"b\":null}", "{\"b\":1,\"c\":null}");
  assert_edited ("replace=m[].r:x:y", "{\"m\":[{\"r\":\"x\"},{\"r\":\"z\"},{\"r\":1}]}", "{\"m\":[{\"r\":\"y\"},{\"r\":\"z\"},{\"r\":1}]}");
  assert_edited ("replace=m.r:x:y:z", "{\"m\":{\"r\":\"x\"}}", "{\"m\":{\"r\":\"y:z\"}}");
  assert_edited ("drop=a;b.c;\nrename=d:e;\nreplace=f:1:2", "{\"a\":1,\"b\":{\"c\":1},\"d\":1,\"f\":\"1\"}", "{\"b\":{},\"e\":1,\"f\":\"2\"}");
  assert_edited ("drop=a", "[{\"a\":1}]", NULL);
  assert_edited ("drop=a", "{\"a\":1", NULL);
  assert_edited ("drop=a", "", NULL);
  assert_edited ("drop=n", "{\"n\":0,\"big\":123456789012345678901234567890,\"z\":-0.10}", "{\"big\":123456789012345678901234567890,\"z\":-0.10}");
}

static void
test_nesting (void)
{
  g_autoptr (GString) json = g_string_new ("{\"a\":1,\"b\":");
  g_autoptr (GString) expected = g_string_new ("{\"b\":");

  for (guint i = 0; i < 400; i++)
    {
      g_string_append_c (json, '[');
      g_string_append_c (expected, '[');
    }
  for (guint i = 0; i < 400; i++)
    {
      g_string_append_c (json, ']');
      g_string_append_c (expected, ']');
    }
  g_string_append_c (json, '}');
  g_string_append_c (expected, '}');
  assert_edited ("drop=a", json->str, expected->str);
}

static void
test_profile (void)
{
  static const char text[] = "# Servers\n[One]\nadaptations=strict;developer;\n\n[Two]\ndrop=seed\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiServerProfile) one = oai_server_profile_new_from_text (text, NULL, &error);
  g_autoptr (OaiServerProfile) two = oai_server_profile_new_from_text (text, "Two", NULL);
  g_autofree char *names = NULL;
  g_autofree char *name = NULL;

  g_assert_no_error (error);
  names = dup_names (oai_server_profile_get_adaptations (one));
  g_assert_cmpstr (names, ==, "developer,strict");
  g_object_get (one, "name", &name, NULL);
  g_assert_cmpstr (name, ==, "One");
  g_assert_cmpstr (oai_server_profile_get_name (two), ==, "Two");
  g_assert_cmpuint (oai_server_profile_get_adaptations (two), ==, 0);
  g_assert_null (oai_server_profile_new_from_text (text, "Three", &error));
  g_assert_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND);
}

static void
test_bad_profiles (void)
{
  static const char *const bad[] = {
    "[x]\nadaptations=unheard_of", "[x]\ndorp=seed", "[x]\ndrop=a..b", "[x]\ndrop=.a", "[x]\ndrop=a[", "[x]\ndrop=a[]", "[x]\ndrop=[].a",
    "[x]\ndrop=a[0].b", "[x]\ndrop=a[][].b", "[x]\ndrop=a;;b", "[x]\nrename=a", "[x]\nrename=a:", "[x]\nrename=:a", "[x]\nreplace=a:b", "[x]\nreplace=a:b:",
    "[x]\nkey=maybe", "[x]\nkey=", "[x]\ndrop=a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q", "", "[x]\ndrop=\xff",
  };
  g_autoptr (GString) many = g_string_new ("[x]\ndrop=");

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (oai_server_profile_new_from_text (bad[i], NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
  for (guint i = 0; i < 33; i++)
    g_string_append_printf (many, "m%u;", i);
  g_assert_null (oai_server_profile_new_from_text (many->str, NULL, NULL));
  g_assert_null (oai_server_profile_new_from_text ("no key file", NULL, NULL));
}

static void
test_requirements (void)
{
  static const char text[] = "[x]\nkey=required\nlacks=embeddings.create;audio.*\n[y]\nkey=none\n[z]\n";
  g_autoptr (OaiServerProfile) required = oai_server_profile_new_from_text (text, "x", NULL);
  g_autoptr (OaiServerProfile) none = oai_server_profile_new_from_text (text, "y", NULL);
  g_autoptr (OaiServerProfile) unknown = oai_server_profile_new_from_text (text, "z", NULL);
  g_autoptr (GString) many = g_string_new ("[x]\nlacks=");
  g_autoptr (GError) error = NULL;
  OaiKeyRequirement key;

  g_object_get (required, "key-requirement", &key, NULL);
  g_assert_cmpint (key, ==, OAI_KEY_REQUIREMENT_REQUIRED);
  g_assert_cmpint (oai_server_profile_get_key_requirement (none), ==, OAI_KEY_REQUIREMENT_NONE);
  g_assert_cmpint (oai_server_profile_get_key_requirement (unknown), ==, OAI_KEY_REQUIREMENT_UNKNOWN);
  g_assert_false (oai_server_profile_has_operation (required, "embeddings.create"));
  g_assert_false (oai_server_profile_has_operation (required, "audio.create_speech"));
  g_assert_true (oai_server_profile_has_operation (required, "chat.create"));
  g_assert_true (oai_server_profile_has_operation (unknown, "embeddings.create"));

  for (guint i = 0; i < 33; i++)
    g_string_append_printf (many, "o%u;", i);
  g_assert_null (oai_server_profile_new_from_text (many->str, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  /* The comparison of such an entry would not end. */
  g_assert_null (oai_server_profile_new_from_text ("[x]\nlacks=*?*?*?*?*?*?*?*?*?*?*?*?*?*?Z\n", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
assert_known (const char *base_url, const char *name, OaiKeyRequirement key)
{
  g_autoptr (OaiServerProfile) profile = oai_server_profile_find_for_base_url (base_url);

  if (name == NULL)
    {
      g_assert_null (profile);
      return;
    }

  g_assert_cmpstr (oai_server_profile_get_name (profile), ==, name);
  g_assert_cmpint (oai_server_profile_get_key_requirement (profile), ==, key);
}

static void
test_known (void)
{
  g_autoptr (OaiServerProfile) ollama = oai_server_profile_new_known ("Ollama");

  assert_known ("https://api.openai.com/v1", "OpenAI", OAI_KEY_REQUIREMENT_REQUIRED);
  assert_known ("https://API.Mistral.ai./v1", "Mistral", OAI_KEY_REQUIREMENT_REQUIRED);
  assert_known ("https://x.openai.azure.com", "Azure", OAI_KEY_REQUIREMENT_UNKNOWN);
  assert_known ("http://localhost:11434/v1", NULL, OAI_KEY_REQUIREMENT_UNKNOWN);
  assert_known ("unix:/run/llama.sock", NULL, OAI_KEY_REQUIREMENT_UNKNOWN);
  assert_known ("no URL", NULL, OAI_KEY_REQUIREMENT_UNKNOWN);
  g_assert_cmpint (oai_server_profile_get_key_requirement (ollama), ==, OAI_KEY_REQUIREMENT_NONE);
  g_assert_null (oai_server_profile_new_known ("Local server"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/server-profile/refusals", test_refusals);
  g_test_add_func ("/server-profile/long-error", test_long_error);
  g_test_add_func ("/server-profile/allowed", test_allowed);
  g_test_add_func ("/server-profile/hosts", test_hosts);
  g_test_add_func ("/server-profile/opposites", test_opposites);
  g_test_add_func ("/server-profile/memory", test_memory);
  g_test_add_func ("/server-profile/edits", test_edits);
  g_test_add_func ("/server-profile/nesting", test_nesting);
  g_test_add_func ("/server-profile/profile", test_profile);
  g_test_add_func ("/server-profile/requirements", test_requirements);
  g_test_add_func ("/server-profile/known", test_known);
  g_test_add_func ("/server-profile/bad-profiles", test_bad_profiles);

  return g_test_run ();
}
