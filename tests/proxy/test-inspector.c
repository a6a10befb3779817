/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the proxy reads from the bodies of requests, and which bodies it refuses. */

#include <string.h>

#include <openai-1/openai.h>

#include "oai-body-inspector-private.h"
#include "oai-body-spool-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-scanner-private.h"

#define FORM_TYPE "multipart/form-data; boundary=xyz"

/* Feeds a body in chunks of a size; 0: at once. */
static OaiBodyInspector *
inspect (const char *content_type, const char *body, gsize length, gsize step, GError **error)
{
  g_autoptr(OaiBodyInspector) inspector = oai_body_inspector_new (content_type, error);

  if (inspector == NULL)
    return NULL;
  if (step == 0)
    step = MAX (length, 1);
  for (gsize at = 0; at < length; at += step)
    {
      gsize size = MIN (step, length - at);
      /* A copy, so that reads beyond its end are detected. */
      g_autofree char *chunk = g_memdup2 (body + at, size);

      if (!oai_body_inspector_feed (inspector, chunk, size, error))
        return NULL;
    }

  return oai_body_inspector_end (inspector, error) ? g_steal_pointer (&inspector) : NULL;
}

static void
assert_refused (const char *content_type, const char *body, gsize length, const char *message)
{
  for (gsize step = 0; step < 4; step++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiBodyInspector) inspector = inspect (content_type, body, length, step, &error);

      if (inspector != NULL)
        g_error ("accepted: %.*s", (int) MIN (length, 120), body);
      g_assert_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_BAD_REQUEST);
      if (message != NULL)
        g_assert_nonnull (strstr (error->message, message));
    }
}

typedef struct
{
  const char *body;
  const char *model;
  gboolean stream;
  gboolean include_usage;
} Accepted;

static void
assert_info (const OaiBodyInfo *info, const Accepted *expected)
{
  g_assert_cmpstr (info->model, ==, expected->model);
  g_assert_cmpint (info->stream, ==, expected->stream);
  g_assert_cmpint (info->include_usage, ==, expected->include_usage);
}

static void
test_json (void)
{
  static const Accepted cases[] = {
    { "{}", NULL, FALSE, FALSE },
    { "", NULL, FALSE, FALSE },
    { " \r\n\t{\"model\":\"gpt-4o\",\"stream\":true}\n", "gpt-4o", TRUE, FALSE },
    { "{\"mod\\u0065l\":\"gpt\\u002d4o\",\"\\u0073tream\" : true }", "gpt-4o", TRUE, FALSE },
    { "{\"stream\":false,\"model\":\"a/b:c\"}", "a/b:c", FALSE, FALSE },
    { "{\"stream\":null,\"model\":null}", NULL, FALSE, FALSE },
    { "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}", NULL, TRUE, TRUE },
    { "{\"stream\":true,\"stream_options\":{\"include_usage\":false}}", NULL, TRUE, FALSE },
    { "{\"stream\":true,\"stream_options\":null}", NULL, TRUE, FALSE },
    { "{\"metadata\":{\"model\":\"x\",\"stream\":1},\"messages\":[{\"model\":\"y\"},{\"model\":\"z\"}],\"model\":\"m\"}", "m", FALSE, FALSE },
    { "{\"model\":\"\\ud83d\\ude00 \xc3\xa9\"}", "\xf0\x9f\x98\x80 \xc3\xa9", FALSE, FALSE },
    { "[{\"model\":\"x\"}]", NULL, FALSE, FALSE },
    { "{\"a\":[1,-0.5e+10,0,true,null,\"\\\"model\\\":\\\"x\\\"\"],\"model\":\"m\"}", "m", FALSE, FALSE },
    { "{\"content\":\"a lone \\ud800 in text\",\"model\":\"m\"}", "m", FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize step = 0; step < 8; step++)
      {
        g_autoptr(GError) error = NULL;
        g_autoptr(OaiBodyInspector) inspector = inspect ("application/json; charset=UTF-8", cases[i].body, strlen (cases[i].body), step, &error);

        g_assert_no_error (error);
        assert_info (oai_body_inspector_get_info (inspector), &cases[i]);
      }
}

static void
test_json_every_split (void)
{
  static const Accepted expected = {
    "{\"messages\":[{\"content\":\"h\xc3\xa9llo \\\\ \\ud83d\\ude00\"}],\"mod\\u0065l\":\"gpt-\xe2\x82\xac\",\"n\":-1.5e3,\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
    "gpt-\xe2\x82\xac", TRUE, TRUE,
  };
  gsize length = strlen (expected.body);

  for (gsize first = 0; first <= length; first++)
    for (gsize second = first; second <= length; second += 3)
      {
        g_autoptr(GError) error = NULL;
        g_autoptr(OaiBodyInspector) inspector = oai_body_inspector_new ("application/json", &error);

        g_assert_true (oai_body_inspector_feed (inspector, expected.body, first, &error));
        g_assert_true (oai_body_inspector_feed (inspector, expected.body + first, second - first, &error));
        g_assert_true (oai_body_inspector_feed (inspector, expected.body + second, length - second, &error));
        g_assert_true (oai_body_inspector_end (inspector, &error));
        g_assert_no_error (error);
        assert_info (oai_body_inspector_get_info (inspector), &expected);
      }
}

static void
test_refused_json (void)
{
  static const struct { const char *body; const char *message; } cases[] = {
    { "{\"model\":\"a\",\"model\":\"b\"}", "'model' is given twice" },
    { "{\"model\":\"a\",\"model\":\"a\"}", "'model' is given twice" },
    { "{\"model\":\"a\",\"mod\\u0065l\":\"b\"}", "'model' is given twice" },
    { "{\"model\":\"a\",\"Model\":\"b\"}", "lower case" },
    { "{\"MODEL\":\"b\"}", "lower case" },
    { "{\"model\":\"a\",\"\xc5\xbftream\":true}", "lower case" },
    { "{\"stream\":true,\"stream\":false}", "'stream' is given twice" },
    { "{\"stream_options\":{},\"stream_options\":{\"include_usage\":true}}", "'stream_options' is given twice" },
    { "{\"stream_options\":{\"include_usage\":true,\"include_usage\":false}}", "'stream_options.include_usage' is given twice" },
    { "{\"stream_options\":{\"Include_Usage\":true}}", "lower case" },
    { "{\"session\":{\"model\":\"a\",\"model\":\"b\"}}", "'session.model' is given twice" },
    { "{\"session\":{\"model\":\"a\"},\"response\":{\"model\":\"b\"}}", "different models" },
    { "{\"model\":1}", "must be a name" },
    { "{\"model\":[\"a\"]}", "must be a name" },
    { "{\"model\":\"\"}", "must be a name" },
    { "{\"model\":\"a\\u0000b\"}", "must be a name" },
    { "{\"model\":\"a\\nb\"}", "must be a name" },
    { "{\"model\":\"a\\ud800\"}", "must be a name" },
    { "{\"model\\u0000\":\"a\"}", "not valid JSON" },
    { "{\"model\\ud800\":\"a\"}", "not valid JSON" },
    { "{\"stream\":1}", "true or false" },
    { "{\"stream\":\"true\"}", "true or false" },
    { "{\"stream_options\":true}", "must be an object" },
    { "{\"stream_options\":{\"include_usage\":1}}", "true or false" },
    { "{\"model\":\"a\"} x", "not valid JSON" },
    { "{\"model\":\"a\"}{}", "not valid JSON" },
    { "\xef\xbb\xbf{\"model\":\"a\"}", "not valid JSON" },
    { "{\"a\":\"\xff\"}", "not valid JSON" },
    { "{\"a\":\"\xc0\xaf\"}", "not valid JSON" },
    { "{\"a\":\"\xed\xa0\x80\"}", "not valid JSON" },
    { "{\"a\":\"\xf4\x90\x80\x80\"}", "not valid JSON" },
    { "{\"a\":01}", "not valid JSON" },
    { "{\"a\":+1}", "not valid JSON" },
    { "{\"a\":1.}", "not valid JSON" },
    { "{\"a\":NaN}", "not valid JSON" },
    { "{\"a\":-Infinity}", "not valid JSON" },
    { "{\"a\":1,}", "not valid JSON" },
    { "{a:1}", "not valid JSON" },
    { "{'a':1}", "not valid JSON" },
    { "{\"a\":1/**/}", "not valid JSON" },
    { "{\"a\":\"\t\"}", "not valid JSON" },
    { "{\"a\":\"\\x\"}", "not valid JSON" },
    { "{\"a\":[1}", "not valid JSON" },
    { "{\"a\":1", "not complete" },
    { "{\"a\":\"x", "not complete" },
    { "12e", "not complete" },
    { "   ", "not complete" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused ("application/json", cases[i].body, strlen (cases[i].body), cases[i].message);
  assert_refused ("application/json", "{\"a\":\"\0\"}", 9, "not valid JSON");
}

static void
test_nesting (void)
{
  g_autoptr(GString) body = g_string_new ("{\"a\":");
  g_autoptr(OaiBodyInspector) inspector = NULL;
  g_autoptr(GError) error = NULL;
  guint depth = OAI_JSON_SCANNER_MAX_DEPTH - 1;

  for (guint i = 0; i < depth; i++)
    g_string_append_c (body, '[');
  for (guint i = 0; i < depth; i++)
    g_string_append_c (body, ']');
  g_string_append (body, ",\"model\":\"m\"}");
  inspector = inspect ("application/json", body->str, body->len, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_body_inspector_get_info (inspector)->model, ==, "m");

  g_string_insert_c (body, 5, '[');
  assert_refused ("application/json", body->str, body->len, "not valid JSON");
}

static void
test_long_names (void)
{
  g_autofree char *name = g_strnfill (100000, 'm');
  g_autofree char *body = g_strdup_printf ("{\"%s\":\"%s\",\"model\":\"m\"}", name, name);
  g_autofree char *refused = g_strdup_printf ("{\"model\":\"%.257s\"}", name);
  g_autoptr(OaiBodyInspector) inspector = NULL;
  g_autoptr(GError) error = NULL;

  inspector = inspect ("application/json", body, strlen (body), 1000, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_body_inspector_get_info (inspector)->model, ==, "m");
  assert_refused ("application/json", refused, strlen (refused), "at most 256 bytes");
}

static void
test_events (void)
{
  const char *session = "{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"model\":\"gpt-realtime\",\"tools\":[{\"model\":\"x\"}]}}";
  const char *response = "{\"type\":\"response.create\",\"response\":{\"model\":\"other\"}}";
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiBodyInspector) first = inspect ("application/json", session, strlen (session), 0, &error);
  g_autoptr(OaiBodyInspector) second = inspect ("application/json", response, strlen (response), 0, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_body_inspector_get_info (first)->event, ==, "session.update");
  g_assert_cmpstr (oai_body_inspector_get_info (first)->nested_model, ==, "gpt-realtime");
  g_assert_null (oai_body_inspector_get_info (first)->model);
  g_assert_cmpstr (oai_body_inspector_get_info (second)->event, ==, "response.create");
  g_assert_cmpstr (oai_body_inspector_get_info (second)->nested_model, ==, "other");
}

static void
test_usage_is_requested (void)
{
  static const struct { const char *body; const char *edited; } cases[] = {
    { "{\"stream\":true}", "{\"stream_options\":{\"include_usage\":true},\"stream\":true}" },
    { " { \"stream\" : true } ", " {\"stream_options\":{\"include_usage\":true}, \"stream\" : true } " },
    { "{\"stream\":true,\"stream_options\":{}}", "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}" },
    { "{\"stream\":true,\"stream_options\":{ }}", "{\"stream\":true,\"stream_options\":{\"include_usage\":true }}" },
    { "{\"stream\":true,\"stream_options\": null }", "{\"stream\":true,\"stream_options\": {\"include_usage\":true} }" },
    { "{\"stream_options\":{\"include_obfuscation\":false},\"stream\":true}", "{\"stream_options\":{\"include_usage\":true,\"include_obfuscation\":false},\"stream\":true}" },
    { "{\"stream_options\":{\"include_usage\":false},\"stream\":true}", "{\"stream_options\":{\"include_usage\":true},\"stream\":true}" },
    { "{\"stream_options\":{\"include_usage\" : null , \"x\":1},\"stream\":true}", "{\"stream_options\":{\"include_usage\" : true , \"x\":1},\"stream\":true}" },
    { "{\"stream_options\":{\"include_usage\":true},\"stream\":true}", NULL },
    { "{\"stream\":false}", NULL },
    { "{\"messages\":[{\"stream\":true}]}", NULL },
    { "[true]", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiBodyInspector) inspector = inspect ("application/json", cases[i].body, strlen (cases[i].body), 1, &error);
      g_autoptr(OaiBodySpool) spool = oai_body_spool_new (NULL);
      g_autoptr(GBytes) bytes = NULL;
      g_autoptr(OaiJsonDoc) doc = NULL;
      OaiBodyEdit edit;

      g_assert_no_error (error);
      g_assert_cmpint (oai_body_inspector_get_usage_edit (inspector, &edit), ==, cases[i].edited != NULL);
      if (cases[i].edited == NULL)
        continue;
      oai_body_spool_write (spool, cases[i].body, strlen (cases[i].body), &error);
      bytes = oai_body_spool_dup_bytes (spool, &edit);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), cases[i].edited, strlen (cases[i].edited));
      doc = oai_json_doc_new_copy (cases[i].edited, -1, OAI_JSON_STRICT, &error);
      g_assert_no_error (error);
    }
}

static void
test_content_types (void)
{
  static const struct { const char *type; OaiBodyType expected; } accepted[] = {
    { "application/json", OAI_BODY_JSON },
    { "Application/JSON ;charset=\"utf-8\"", OAI_BODY_JSON },
    { "application/vnd.api+json", OAI_BODY_JSON },
    { "multipart/form-data; boundary=\"a b:c\"", OAI_BODY_MULTIPART },
    { "text/plain", OAI_BODY_OTHER },
    { "application/sdp", OAI_BODY_OTHER },
    { NULL, OAI_BODY_OTHER },
  };
  static const char *refused[] = {
    "", ";", "application/json; charset=utf-16", "application/json; charset=utf-8; charset=utf-16", "application/json, text/plain",
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=\"a\\\"b\"",
    "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"a", "multipart/form-data boundary=a",
    "multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiBodyInspector) inspector = oai_body_inspector_new (accepted[i].type, &error);

      g_assert_no_error (error);
      g_assert_cmpint (oai_body_inspector_get_info (inspector)->type, ==, accepted[i].expected);
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", refused[i]);
      g_assert_null (oai_body_inspector_new (refused[i], &error));
      g_assert_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNSUPPORTED);
    }
}

#define PART(headers, content) "--xyz\r\nContent-Disposition: form-data; " headers "\r\n\r\n" content "\r\n"

static void
test_form (void)
{
  static const Accepted cases[] = {
    { PART ("name=\"model\"", "whisper-1") "--xyz--\r\n", "whisper-1", FALSE, FALSE },
    { PART ("name=model", "whisper-1") PART ("name=\"stream\"", "true") "--xyz--", "whisper-1", TRUE, FALSE },
    { PART ("name=\"file\"; filename=\"a.mp3\"", "\r\n--xy\r\n--\r\n-\r\n\r\n--xyw") PART ("name=\"model\"", "m-1") "--xyz--\r\n", "m-1", FALSE, FALSE },
    { PART ("name=\"file\"; filename=\"C:\\a\\b.mp3\"; filename*=UTF-8''b.mp3\r\nContent-Type: audio/mpeg", "") "--xyz--\r\n", NULL, FALSE, FALSE },
    { PART ("name=\"image[0]\"", "x") PART ("name=\"image[1]\"", "y") "--xyz--\r\n", NULL, FALSE, FALSE },
    { "--xyz--\r\n", NULL, FALSE, FALSE },
    { "", NULL, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize step = 0; step < 20; step++)
      {
        g_autoptr(GError) error = NULL;
        g_autoptr(OaiBodyInspector) inspector = inspect (FORM_TYPE, cases[i].body, strlen (cases[i].body), step, &error);

        g_assert_no_error (error);
        assert_info (oai_body_inspector_get_info (inspector), &cases[i]);
      }
}

static void
test_refused_form (void)
{
  static const struct { const char *body; const char *message; } cases[] = {
    { PART ("name=\"model\"", "a") PART ("name=\"model\"", "b") "--xyz--\r\n", "twice" },
    { PART ("name=\"model\"", "a") PART ("name=\"Model\"", "b") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"model\"", "a") PART ("name=\"model[]\"", "b") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"model\"; filename=\"x\"", "a") "--xyz--\r\n", "short text" },
    { PART ("name=\"model\"", "") "--xyz--\r\n", "must be a name" },
    { PART ("name=\"model\"", "a\nb") "--xyz--\r\n", "must be a name" },
    { PART ("name=\"x\"; name=\"model\"", "a") "--xyz--\r\n", "not a valid form" },
    { PART ("name*=utf-8''model", "a") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"mo\\del\"", "a") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"x\"; filename=\"a\\\"; name=\\\"model\"", "a") "--xyz--\r\n", "not a valid form" },
    { PART ("filename=\"x\"", "a") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"x\"\r\n folded: y", "a") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"x\"\r\nContent-Disposition: form-data; name=\"model\"", "a") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"x\"\r\nContent-Transfer-Encoding: base64", "a") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"x\"\nX: y", "a") "--xyz--\r\n", "not a valid form" },
    { "--xyz\r\nContent-Type: text/plain\r\n\r\na\r\n--xyz--\r\n", "not a valid form" },
    { "--xyz\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\na\r\n--xyz--\r\n", "not a valid form" },
    { "preamble\r\n" PART ("name=\"model\"", "a") "--xyz--\r\n", "not a valid form" },
    { "\r\n" PART ("name=\"model\"", "a") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"model\"", "a") "--xyz--\r\nepilogue", "not a valid form" },
    { PART ("name=\"model\"", "a") "--xyz--\r\n" PART ("name=\"model\"", "b") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"x\"", "a\n--xyz\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nb") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"x\"", "a--xyzb") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"x\"", "a\r\n--xyzb") "--xyz--\r\n", "not a valid form" },
    { PART ("name=\"x\"", "a\r\n--xyz \r\n") "--xyz--\r\n", "not a valid form" },
    { "--xyz\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n--xyz--\r\n", "not a valid form" },
    { PART ("name=\"model\"", "a"), "not complete" },
    { PART ("name=\"model\"", "a") "--xyz-", "not complete" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (FORM_TYPE, cases[i].body, strlen (cases[i].body), cases[i].message);
}

/* A boundary whose beginning repeats within it. */
static void
test_form_with_repeating_boundary (void)
{
  const char *type = "multipart/form-data; boundary=--a--ab";
  const char *body = "----a--ab\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\r\n----a----a--a\r\n------a\r\n----a--ab\r\n"
                     "Content-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n----a--ab--\r\n";

  for (gsize step = 0; step < 30; step++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiBodyInspector) inspector = inspect (type, body, strlen (body), step, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (oai_body_inspector_get_info (inspector)->model, ==, "m");
    }
}

static void
test_form_with_many_parts (void)
{
  g_autoptr(GString) body = g_string_new (NULL);

  for (guint i = 0; i < 1001; i++)
    g_string_append (body, PART ("name=\"x\"", ""));
  g_string_append (body, "--xyz--\r\n");
  assert_refused (FORM_TYPE, body->str, body->len, "not a valid form");
}

/* The scanner accepts what the strict parser of core accepts, for mutations of a text. */
static void
test_scanner_agrees_with_parser (void)
{
  static const char text[] = "{\"a\":[1,-2.5e3,true,false,null,\"x\\u00e9\\\"\"],\"model\":\"m\",\"b\":{\"c\":{}}}";
  static const char bytes[] = "{}[]\",:0-+.eEtfn\\u \x01\xc3\xa9\xff/'";
  static const char *const names[] = { "model", NULL };
  static const OaiJsonScannerFuncs funcs = { names, NULL, NULL, NULL, FALSE };
  g_autoptr(OaiJsonScanner) scanner = oai_json_scanner_new (&funcs, NULL);

  for (gsize at = 0; at < sizeof text - 1; at++)
    for (guint i = 0; i < 2 * (sizeof bytes - 1); i++)
      {
        g_autoptr(GString) mutated = g_string_new (text);
        g_autoptr(OaiJsonDoc) doc = NULL;
        gboolean valid;

        if (i % 2 == 0)
          mutated->str[at] = bytes[i / 2];
        else
          g_string_insert_c (mutated, (gssize) at, bytes[i / 2]);
        doc = oai_json_doc_new_copy (mutated->str, (gssize) mutated->len, OAI_JSON_STRICT, NULL);
        oai_json_scanner_reset (scanner);
        valid = oai_json_scanner_feed (scanner, mutated->str, mutated->len) && oai_json_scanner_end (scanner);
        if (valid != (doc != NULL))
          g_error ("the scanner and the parser disagree on %s", mutated->str);
      }
}

static gboolean
is_accepted (const char *path)
{
  g_autofree char *content = NULL;
  g_autoptr(OaiBodyInspector) inspector = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  /* An empty body is accepted. */
  if (length == 0)
    return FALSE;
  inspector = inspect ("application/json", content, length, 1, NULL);

  return inspector != NULL;
}

static void
test_json_test_suite (void)
{
  const char *suite = g_getenv ("OAI_JSON_TEST_SUITE");
  g_autofree char *folder = suite != NULL ? g_build_filename (suite, "test_parsing", NULL) : NULL;
  g_autoptr(GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;
  guint n = 0;

  if (dir == NULL)
    {
      g_test_skip ("OAI_JSON_TEST_SUITE names no folder of the JSON parsing test suite");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (name[0] != 'y' && name[0] != 'n')
        continue;
      /* Names with an escaped NUL are valid JSON, but refused. */
      if (is_accepted (path) != (name[0] == 'y' && strcmp (name, "y_object_escaped_null_in_key.json") != 0))
        g_error ("wrong result for %s", name);
      n++;
    }
  g_assert_cmpuint (n, >, 250);
}

static void
assert_file (OaiBodySpool *spool, const OaiBodyEdit *edit, GString *expected, gsize step)
{
  g_autoptr(GInputStream) stream = oai_body_spool_open (spool, edit);
  g_autoptr(GString) found = g_string_new (NULL);
  g_autofree char *buffer = g_malloc (step);
  g_autoptr(GError) error = NULL;
  gssize n;

  while ((n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, step, NULL, &error)) > 0)
    g_string_append_len (found, buffer, n);
  g_assert_no_error (error);
  g_assert_cmpmem (found->str, found->len, expected->str, expected->len);
  g_assert_cmpuint (oai_body_spool_get_edited_size (spool, edit), ==, expected->len);
}

static void
check_spool (gsize size)
{
  static const OaiBodyEdit edits[] = { { 0, 0, "at the beginning" }, { 3, 2, "xyz" }, { 5, 4, "" }, { 10, 1, "only one" } };
  g_autoptr(OaiBodySpool) spool = oai_body_spool_new (NULL);
  g_autoptr(GString) body = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < size; i++)
    g_string_append_c (body, (char) ('a' + i % 26));
  for (gsize at = 0; at < size; at += 1000)
    g_assert_true (oai_body_spool_write (spool, body->str + at, MIN (1000, size - at), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (oai_body_spool_get_size (spool), ==, size);

  assert_file (spool, NULL, body, 777);
  for (guint i = 0; size > 0 && i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr(GString) edited = g_string_new_len (body->str, (gssize) body->len);

      g_string_erase (edited, (gssize) edits[i].offset, (gssize) edits[i].n_removed);
      g_string_insert (edited, (gssize) edits[i].offset, edits[i].text);
      assert_file (spool, &edits[i], edited, 1000);
      if (size < 2000)
        assert_file (spool, &edits[i], edited, 1);
    }
}

static void
test_spool (void)
{
  check_spool (0);
  check_spool (11);
  check_spool (OAI_BODY_SPOOL_MEMORY);
  check_spool (OAI_BODY_SPOOL_MEMORY + 1);
  check_spool (3 * OAI_BODY_SPOOL_MEMORY);
}

/* Several servers receive a body, one after the other and at the same time. */
static void
test_spool_with_several_streams (void)
{
  g_autoptr(OaiBodySpool) spool = oai_body_spool_new (NULL);
  g_autofree char *data = g_strnfill (1024 * 1024, 'x');
  g_autoptr(GInputStream) first = NULL;
  g_autoptr(GInputStream) second = NULL;
  g_autoptr(GError) error = NULL;
  gsize n_first, n_second;

  data[1024 * 1024 - 1] = 'y';
  g_assert_true (oai_body_spool_write (spool, data, 1024 * 1024, &error));
  g_assert_null (oai_body_spool_dup_bytes (spool, NULL));
  first = oai_body_spool_open (spool, NULL);
  second = oai_body_spool_open (spool, NULL);
  g_clear_pointer (&spool, oai_body_spool_unref);
  memset (data, 0, 1024 * 1024);
  g_assert_true (g_input_stream_read_all (first, data, 1000, &n_first, NULL, &error));
  g_assert_true (g_input_stream_read_all (second, data, 1024 * 1024, &n_second, NULL, &error));
  g_assert_cmpuint (n_second, ==, 1024 * 1024);
  g_assert_cmpint (data[1024 * 1024 - 1], ==, 'y');
  g_assert_true (g_input_stream_read_all (first, data, 1024 * 1024, &n_first, NULL, &error));
  g_assert_cmpuint (n_first, ==, 1024 * 1024 - 1000);
}

static void
test_spool_without_directory (void)
{
  g_autoptr(OaiBodySpool) spool = oai_body_spool_new ("/nonexistent/folder");
  g_autofree char *data = g_strnfill (OAI_BODY_SPOOL_MEMORY, 'x');
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_body_spool_write (spool, data, OAI_BODY_SPOOL_MEMORY, &error));
  g_assert_no_error (error);
  g_assert_false (oai_body_spool_write (spool, data, 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/inspector/the model and the stream are read from JSON", test_json);
  g_test_add_func ("/proxy/inspector/JSON can be split anywhere", test_json_every_split);
  g_test_add_func ("/proxy/inspector/ambiguous and invalid JSON is refused", test_refused_json);
  g_test_add_func ("/proxy/inspector/nesting is limited", test_nesting);
  g_test_add_func ("/proxy/inspector/long names are not stored", test_long_names);
  g_test_add_func ("/proxy/inspector/events of WebSockets are read", test_events);
  g_test_add_func ("/proxy/inspector/the usage of streams is requested", test_usage_is_requested);
  g_test_add_func ("/proxy/inspector/content types are strict", test_content_types);
  g_test_add_func ("/proxy/inspector/the model is read from a form", test_form);
  g_test_add_func ("/proxy/inspector/ambiguous and invalid forms are refused", test_refused_form);
  g_test_add_func ("/proxy/inspector/a boundary may repeat its beginning", test_form_with_repeating_boundary);
  g_test_add_func ("/proxy/inspector/the number of parts is limited", test_form_with_many_parts);
  g_test_add_func ("/proxy/inspector/the scanner accepts what the parser accepts", test_scanner_agrees_with_parser);
  g_test_add_func ("/proxy/inspector/the JSON parsing test suite", test_json_test_suite);
  g_test_add_func ("/proxy/spool/a body is stored and edited", test_spool);
  g_test_add_func ("/proxy/spool/several streams read one body", test_spool_with_several_streams);
  g_test_add_func ("/proxy/spool/a missing folder is reported", test_spool_without_directory);

  return g_test_run ();
}
