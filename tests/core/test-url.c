/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-error.h"
#include "oai-json-doc-private.h"
#include "oai-path-template-private.h"
#include "oai-query-private.h"
#include "oai-server-address-private.h"
#include "oai-base-url-private.h"
#include "oai-url-private.h"

#include <libsoup/soup.h>

static void
assert_expands (const char *path, const char *first, const char *second, const char *expected)
{
  const char *arguments[] = { first, second, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *expanded = oai_path_expand (path, arguments, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (expanded, ==, expected);
}

static void
assert_refused (const char *path, const char *first, const char *second, const char *why)
{
  const char *arguments[] = { first, second, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *expanded = oai_path_expand (path, arguments, &error);

  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_null (expanded);
  g_assert_nonnull (strstr (error->message, why));
}

static void
test_path_parameter_is_one_segment (void)
{
  assert_expands ("files/{id}/content", "a/b", NULL, "files/a%2Fb/content");
  assert_expands ("files/{id}", "x?admin=true#y", NULL, "files/x%3Fadmin=true%23y");
  assert_expands ("files/{id}", "%20", NULL, "files/%2520");
  assert_expands ("files/{id}", "\303\274", NULL, "files/%C3%BC");
  assert_expands ("files/{id}", "ft:gpt-4o:org::1", NULL, "files/ft:gpt-4o:org::1");
  assert_expands ("a/{one}/{two}", "1", "2", "a/1/2");
  assert_expands ("a/{one}?x={two}", "1", "a&b=c#d", "a/1?x=a%26b%3Dc%23d");
  assert_expands ("", NULL, NULL, "");
}

static void
test_dots_cannot_climb (void)
{
  assert_refused ("files/{id}", "..", NULL, "dot-segment");
  assert_refused ("files/{id}/content", ".", NULL, "dot-segment");
  assert_refused ("files/{a}{b}", ".", ".", "dot-segment");
  assert_refused ("files/%2E./{id}", "x", NULL, "dot-segment");
  assert_refused ("files/{id}?x=1", "..", NULL, "dot-segment");
  assert_expands ("files/{id}", "...", NULL, "files/...");
  assert_expands ("files/{id}", ".hidden", NULL, "files/.hidden");
  assert_expands ("files?x={a}#{b}", ".", "..", "files?x=.#..");
}

static void
test_empty_path_parameter_is_refused (void)
{
  assert_refused ("files/{id}", "", NULL, "empty");
  assert_refused ("files/{id}/content", "", NULL, "empty");
  assert_refused ("files/{file_id}", NULL, NULL, "file_id");
}

static void
test_errors_name_the_path_parameter (void)
{
  g_autoptr (GError) error = NULL;

  assert_refused ("files/{file_id}/content", "", NULL, "“file_id” is empty");
  assert_refused ("threads/{thread_id}/runs/{run_id}", "t", "", "“run_id” is empty");
  assert_refused ("threads/{thread_id}/runs/{run_id}", "..", "r", "“thread_id” must not be the dot-segment “..”");
  g_assert_null (oai_path_segment ("deployment", "..", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "deployment"));
}

static void
test_path_parameters_by_name (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new_copy ("{\"w\":\"echo\",\"n\":7,\"yes\":true}", -1, OAI_JSON_STRICT, &error);
  g_autofree char *path = oai_path_expand_named ("{w}/{w}/{n}/{yes}", doc, 0, &error);
  g_autofree char *missing = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, "echo/echo/7/true");

  missing = oai_path_expand_named ("{other}", doc, 0, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_null (missing);
}

static void
assert_query (const char *json, OaiArrayFormat arrays, OaiNestedFormat nested, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, &error);
  g_autofree char *query = oai_query_encode (doc, 0, arrays, nested);

  g_assert_no_error (error);
  g_assert_cmpstr (query, ==, expected);
}

static void
test_query_of_an_object (void)
{
  assert_query ("{}", OAI_ARRAY_BRACKETS, OAI_NESTED_BRACKETS, "");
  assert_query ("{\"a\":null,\"b\":1.50,\"c\":true,\"d\":\"x y&z\"}", OAI_ARRAY_BRACKETS, OAI_NESTED_BRACKETS, "b=1.50&c=true&d=x%20y%26z");
  assert_query ("{\"a\":{\"b\":{\"c\":\"d\"}},\"e\":{}}", OAI_ARRAY_BRACKETS, OAI_NESTED_BRACKETS, "a%5Bb%5D%5Bc%5D=d");
  assert_query ("{\"a\":{\"b\":\"c\"}}", OAI_ARRAY_BRACKETS, OAI_NESTED_DOTS, "a.b=c");
  assert_query ("[1]", OAI_ARRAY_BRACKETS, OAI_NESTED_BRACKETS, "");
}

static void
test_query_of_arrays (void)
{
  const char *json = "{\"a\":[\"x\",null,\"y,z\"]}";

  assert_query (json, OAI_ARRAY_BRACKETS, OAI_NESTED_BRACKETS, "a%5B%5D=x&a%5B%5D=y%2Cz");
  assert_query (json, OAI_ARRAY_REPEAT, OAI_NESTED_BRACKETS, "a=x&a=y%2Cz");
  assert_query (json, OAI_ARRAY_COMMA, OAI_NESTED_BRACKETS, "a=x,y%2Cz");
  assert_query (json, OAI_ARRAY_INDICES, OAI_NESTED_BRACKETS, "a%5B0%5D=x&a%5B2%5D=y%2Cz");
}

static void
assert_merged (const char *under, const char *over, const char *expected)
{
  g_autofree char *merged = oai_query_merge (under, over);

  g_assert_cmpstr (merged, ==, expected);
}

static void
test_the_query_of_a_call_wins (void)
{
  assert_merged (NULL, NULL, NULL);
  assert_merged ("a=1", NULL, "a=1");
  assert_merged ("a=1&b=2", "b=3&c=4", "a=1&b=3&c=4");
  assert_merged ("a%5B%5D=1&a[]=2", "a%5b%5d=3", "a%5b%5d=3");
  assert_merged ("beta=true", "limit=10", "beta=true&limit=10");
}

static gboolean
same (const char *a, const char *b)
{
  g_autoptr (GUri) first = g_uri_parse (a, G_URI_FLAGS_NONE, NULL);
  g_autoptr (GUri) second = g_uri_parse (b, G_URI_FLAGS_NONE, NULL);

  return oai_url_same_origin (first, second);
}

static void
test_origins (void)
{
  g_assert_true (same ("https://Host/x", "https://host:443/y?z"));
  g_assert_true (same ("http://h:80", "http://h"));
  g_assert_true (same ("wss://h", "wss://h:443"));
  g_assert_false (same ("https://h", "http://h"));
  g_assert_false (same ("https://h", "https://h:8443"));
  g_assert_false (same ("https://h", "https://h.evil"));
}

static gboolean
is_operation (const char *path)
{
  return strcmp (path, "chat/completions") == 0 || strcmp (path, "models") == 0;
}

static char *
repair (const char *text, GError **error)
{
  return oai_server_address_repair (text, is_operation, error);
}

static void
assert_repaired (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = repair (text, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (url, ==, expected);
}

static void
test_pasted_addresses_are_repaired (void)
{
  assert_repaired ("localhost:11434", "http://localhost:11434/v1");
  assert_repaired ("/run/llama.sock", "unix:/run/llama.sock:/v1");
  assert_repaired (" unix:///run/llama.sock ", "unix:/run/llama.sock:/v1");
  assert_repaired ("  http://192.168.1.5:8080/ \n", "http://192.168.1.5:8080/v1");
  assert_repaired ("192.168.1.5:8080", "http://192.168.1.5:8080/v1");
  assert_repaired ("[::1]:8080", "http://[::1]:8080/v1");
  assert_repaired ("gpu-box:8000/v1/", "http://gpu-box:8000/v1");
  assert_repaired ("api.example.com", "https://api.example.com/v1");
  assert_repaired ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1");
  assert_repaired ("https://api.example.com/chat/completions/", "https://api.example.com/v1");
  assert_repaired ("https://api.example.com/openai/v3/models?limit=1", "https://api.example.com/openai/v3");
  assert_repaired ("HTTPS://api.example.com/v1", "https://api.example.com/v1");
  assert_repaired ("https://api.example.com/v1beta/openai/", "https://api.example.com/v1beta/openai");
  assert_repaired ("https://api.example.com/v1/models/m", "https://api.example.com/v1/models/m");
}

static void
assert_refused_host (const char *text, const char *why)
{
  g_autofree char *as_typed = g_strdup (strstr (text, "://") + 3);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) typed_error = NULL;

  g_assert_null (oai_base_url_normalize (text, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, why));
  g_assert_null (repair (as_typed, &typed_error));
  g_assert_error (typed_error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

/* GUri decodes hosts. An encoded character must not become a delimiter. */
static void
test_hosts_with_encoded_delimiters_are_refused (void)
{
  assert_refused_host ("http://api.openai.com%40127.0.0.1:18082/sink", "host");
  assert_refused_host ("http://127.0.0.1%3A18082%2Fsink%3F.api.openai.com/v1", "host");
  assert_refused_host ("http://127.0.0.1%3a18082%23.openai.com/v1", "host");
  assert_refused_host ("http://127.0.0.1%2Fx.openai.com", "host");
  assert_refused_host ("http://127.0.0.1%5Cx.openai.com", "host");
  assert_refused_host ("http://127.0.0.1\\x.openai.com", "host");
  assert_refused_host ("http://a%0d%0aEvil:%20x/v1", "host");
  assert_refused_host ("http://127.0.0.1%00.openai.com/", "host");
  assert_refused_host ("http://%5B::1%5D/", "host");
  assert_refused_host ("http://[fe80::1%25a%2fb]/v1", "host");
  assert_refused_host ("http://%31%32%37.0.0.1/", "host");
  assert_refused_host ("http://127.0.0.1%20x/", "blank");
  assert_refused_host ("https://my server.example/v1", "blank");
}

static void
test_hosts_are_stored_as_they_are_used (void)
{
  static const char *const rows[][3] = {
    { "http://%68ost.example:8080/v1", "http://host.example:8080/v1", "host.example" },
    { "http://[fe80::1%25eth0]:8080/v1", "http://[fe80::1%25eth0]:8080/v1", "fe80::1%eth0" },
    { "http://[::1]/v1", "http://[::1]/v1", "::1" },
    { "https://b\303\274cher.example/v1", "https://xn--bcher-kva.example/v1", "xn--bcher-kva.example" },
    { "http://my_host.local./v1", "http://my_host.local./v1", "my_host.local." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *base = oai_base_url_normalize (rows[i][0], &error);
      g_autoptr (GUri) uri = NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (base, ==, rows[i][1]);
      uri = g_uri_parse (base, SOUP_HTTP_URI_FLAGS, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (g_uri_get_host (uri), ==, rows[i][2]);
    }
}

/* A key can be sent unencrypted to local hosts. */
static void
test_local_hosts (void)
{
  const char *const local[] = { "localhost", "LocalHost", "api.localhost", "gpu-server", "box.local", "127.0.0.1", "127.8.0.1", "192.168.1.2", "10.0.0.1", "0.0.0.0", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fd12:3456::1%eth0" };
  const char *const remote[] = { "api.openai.com", "8.8.8.8", "134744072", "2130706433", "0x8080808", "0X8080808", "01002004010", "2001:db8::1", "2001:db8::1%eth0", "fb00::1", "fe00::1", "localhost.example.com", "::ffff:8.8.8.8" };

  for (guint i = 0; i < G_N_ELEMENTS (local); i++)
    if (!oai_url_host_is_local (local[i]))
      g_error ("%s is local", local[i]);
  for (guint i = 0; i < G_N_ELEMENTS (remote); i++)
    if (oai_url_host_is_local (remote[i]))
      g_error ("%s is not local", remote[i]);
}

static void
test_openai_is_detected_by_its_host (void)
{
  g_assert_true (oai_url_is_openai ("https://api.openai.com/v1"));
  g_assert_true (oai_url_is_openai ("https://API.OpenAI.com./v1"));
  g_assert_true (oai_url_is_openai ("https://jp.api.openai.com:8443/v1"));
  g_assert_false (oai_url_is_openai ("https://api.openai.com.example/v1"));
  g_assert_false (oai_url_is_openai ("https://myapi.openai.com/v1"));
  g_assert_false (oai_url_is_openai ("http://localhost/api.openai.com/v1"));
  g_assert_false (oai_url_is_openai ("http://api.openai.com%40127.0.0.1/"));
  g_assert_false (oai_url_is_openai ("nonsense"));
}

static void
assert_no_base_url (const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (oai_base_url_normalize (text, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_null (strstr (error->message, "secret"));
}

static void
test_what_is_no_base_url (void)
{
  assert_no_base_url (NULL);
  assert_no_base_url (" ");
  assert_no_base_url ("example.com");
  assert_no_base_url ("ftp://example.com");
  assert_no_base_url ("https://");
  assert_no_base_url ("https://me:secret@example.com/v1");
  assert_no_base_url ("https://me:secret@exa mple.com/v1");
  assert_no_base_url ("https://example.com/v1?key=1");
  assert_no_base_url ("https://example.com/v1#x");
  assert_no_base_url ("https://example.com/v1?key=secret");
  assert_no_base_url ("https://example.com/secret?key");
  assert_no_base_url ("https://example.com:secret/v1");
  assert_no_base_url ("https://[secret/v1");
  assert_no_base_url ("secret");
}

static void
test_a_base_url_is_taken_as_it_is (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = oai_base_url_normalize (" http://localhost:5000/a%20b/c/// ", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (url, ==, "http://localhost:5000/a%20b/c");
}

int
main (int argc, char *argv[])
{
  g_setenv ("LANGUAGE", "en", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/url/path/parameter-is-one-segment", test_path_parameter_is_one_segment);
  g_test_add_func ("/url/path/dot-segments-are-rejected", test_dots_cannot_climb);
  g_test_add_func ("/url/path/empty-parameter-is-refused", test_empty_path_parameter_is_refused);
  g_test_add_func ("/url/path/errors-name-the-parameter", test_errors_name_the_path_parameter);
  g_test_add_func ("/url/path/parameters-by-name", test_path_parameters_by_name);
  g_test_add_func ("/url/query/object", test_query_of_an_object);
  g_test_add_func ("/url/query/arrays", test_query_of_arrays);
  g_test_add_func ("/url/query/the-query-of-a-call-takes-precedence", test_the_query_of_a_call_wins);
  g_test_add_func ("/url/origins", test_origins);
  g_test_add_func ("/url/base/pasted-addresses-are-repaired", test_pasted_addresses_are_repaired);
  g_test_add_func ("/url/base/hosts-with-encoded-delimiters-are-refused", test_hosts_with_encoded_delimiters_are_refused);
  g_test_add_func ("/url/base/hosts-are-stored-as-they-are-used", test_hosts_are_stored_as_they_are_used);
  g_test_add_func ("/url/local-hosts", test_local_hosts);
  g_test_add_func ("/url/openai-is-detected-by-its-host", test_openai_is_detected_by_its_host);
  g_test_add_func ("/url/base/invalid-urls", test_what_is_no_base_url);
  g_test_add_func ("/url/base/kept-unchanged", test_a_base_url_is_taken_as_it_is);

  return g_test_run ();
}
