/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The usage that the proxy finds in replies, and how it hides it. */

#include <string.h>

#include <openai-1/openai.h>

#include "oai-body-inspector-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"
#include "oai-usage-meter-private.h"

/* The value of a document. */
#define ROOT 0

static OaiUsageMeter *
meter_text (const char *type, gboolean hide, const char *text, gsize length, gsize step, GString *out)
{
  OaiUsageMeter *meter = oai_usage_meter_new (type, hide);
  const char *passed;
  gsize n;

  for (gsize at = 0; at < length; at += step)
    {
      gsize size = MIN (step, length - at);
      /* A copy, so that reads beyond its end are detected. */
      g_autofree char *chunk = g_memdup2 (text + at, size);

      passed = oai_usage_meter_feed (meter, chunk, size, &n);
      g_assert_true (hide || (passed == chunk && n == size));
      g_string_append_len (out, passed, (gssize) n);
    }
  passed = oai_usage_meter_end (meter, &n);
  g_string_append_len (out, passed, (gssize) n);

  return meter;
}

static void
assert_usage (OaiUsageMeter *meter, const char *model, gint64 input, gint64 cached, gint64 output)
{
  const OaiProxyUsage *usage = oai_usage_meter_get_usage (meter);

  g_assert_cmpstr (usage->model, ==, model);
  g_assert_cmpint (usage->known, ==, input >= 0);
  if (input < 0)
    return;
  g_assert_cmpint (usage->input_tokens, ==, input);
  g_assert_cmpint (usage->cached_tokens, ==, cached);
  g_assert_cmpint (usage->output_tokens, ==, output);
}

typedef struct
{
  const char *text;
  const char *model;
  gint64 input;
  gint64 cached;
  gint64 output;
} Reply;

static void
test_json (void)
{
  static const Reply cases[] = {
    { "{\"id\":\"x\",\"model\":\"gpt-4o-2024\",\"choices\":[{\"message\":{\"content\":\"{\\\"usage\\\":1}\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":12,\"total_tokens\":21,\"prompt_tokens_details\":{\"cached_tokens\":4,\"audio_tokens\":0}}}",
      "gpt-4o-2024", 9, 4, 12 },
    { "{\"model\":\"gpt-5\",\"usage\":{\"input_tokens\":75,\"input_tokens_details\":{\"cached_tokens\":10},\"output_tokens\":1186,\"output_tokens_details\":{\"reasoning_tokens\":1024},\"total_tokens\":1261}}",
      "gpt-5", 75, 10, 1186 },
    { "{\"object\":\"list\",\"data\":[{\"embedding\":[0.1,-2e-3]}],\"model\":\"emb\",\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}", "emb", 8, 0, 0 },
    { "{\"created\":1,\"data\":[{\"b64_json\":\"AA==\"}],\"usage\":{\"total_tokens\":100,\"input_tokens\":50,\"output_tokens\":50}}", NULL, 50, 0, 50 },
    { "{\"text\":\"hello\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":14,\"output_tokens\":45,\"total_tokens\":59}}", NULL, 14, 0, 45 },
    { "{\"text\":\"hello\",\"usage\":{\"type\":\"duration\",\"seconds\":3}}", NULL, -1, 0, 0 },
    { "{\"model\":\"m\",\"usage\":null}", "m", -1, 0, 0 },
    { "{\"model\":\"m\\t1\\nm\",\"usage\":null}", NULL, -1, 0, 0 },
    { "{\"model\":\"m\",\"usage\":{\"prompt_tokens\":5,\"total_tokens\":12}}", "m", 5, 0, 7 },
    { "{\"us\\u0061ge\":{\"prompt\\u005ftokens\":5,\"completion_tokens\":1.0}}", NULL, 5, 0, 1 },
    { "{\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":1e300,\"prompt_tokens_details\":{\"cached_tokens\":7}}}", NULL, 0, 0, 0 },
    { "{\"usage\":{\"prompt_tokens\":\"5\",\"completion_tokens\":[5]}}", NULL, -1, 0, 0 },
    { "{\"choices\":[{\"usage\":{\"prompt_tokens\":5}}],\"x\":NaN,\"model\":\"m\"}", "m", -1, 0, 0 },
    { "{\"text\":\"bad \xff\x01 bytes\",\"usage\":{\"prompt_tokens\":5}}", NULL, 5, 0, 0 },
    { "{\"error\":{\"message\":\"m\"}}", NULL, -1, 0, 0 },
    { "not json", NULL, -1, 0, 0 },
    { "", NULL, -1, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize step = 1; step < 600; step += step < 20 ? 1 : 100)
      {
        g_autoptr(GString) out = g_string_new (NULL);
        g_autoptr(OaiUsageMeter) meter = meter_text ("application/json; charset=utf-8", TRUE, cases[i].text, strlen (cases[i].text), MAX (step, 1), out);

        g_assert_cmpstr (out->str, ==, cases[i].text);
        assert_usage (meter, cases[i].model, cases[i].input, cases[i].cached, cases[i].output);
      }
}

/* Long replies are not stored: the usage is at the end, after 40 MB. */
static void
test_long_json (void)
{
  g_autoptr(OaiUsageMeter) meter = oai_usage_meter_new ("application/json", FALSE);
  g_autoptr(GString) numbers = g_string_new (NULL);
  const char *end = "0],\"model\":\"emb\",\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}";
  gsize n;

  for (guint i = 0; i < 10000; i++)
    g_string_append (numbers, "-0.0123,");
  oai_usage_meter_feed (meter, "{\"data\":[", 9, &n);
  for (guint i = 0; i < 500; i++)
    oai_usage_meter_feed (meter, numbers->str, numbers->len, &n);
  oai_usage_meter_feed (meter, end, strlen (end), &n);
  oai_usage_meter_end (meter, &n);
  assert_usage (meter, "emb", 8, 0, 0);
}

#define CHUNK(content, rest) "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" content "\"}}]" rest "}"
#define USAGE_CHUNK "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"prompt_tokens_details\":{\"cached_tokens\":3}}}"
#define DONE "data: [DONE]"

typedef struct
{
  Reply reply;
  const char *hidden;
} Stream;

static const Stream streams[] = {
  /* As OpenAI sends it. */
  { { CHUNK ("a", ",\"usage\":null") "\n\n" CHUNK ("b", ",\"usage\":null") "\n\n" USAGE_CHUNK "\n\n" DONE "\n\n", "gpt", 9, 3, 2 },
    CHUNK ("a", "") "\n\n" CHUNK ("b", "") "\n\n" DONE "\n\n" },
  { { CHUNK ("a", ",\"usage\":null") "\r\n\r\n" USAGE_CHUNK "\r\n\r\n" DONE "\r\n\r\n", "gpt", 9, 3, 2 },
    CHUNK ("a", "") "\r\n\r\n" DONE "\r\n\r\n" },
  { { CHUNK ("a", ",\"usage\":null") "\r\r" USAGE_CHUNK "\r\r" DONE "\r\r", "gpt", 9, 3, 2 },
    CHUNK ("a", "") "\r\r" DONE "\r\r" },
  /* With blanks, and further members after the usage. */
  { { CHUNK ("a", ", \"usage\" : null , \"obfuscation\": \"x\"") "\n\n" USAGE_CHUNK "\n\n", "gpt", 9, 3, 2 },
    CHUNK ("a", " , \"obfuscation\": \"x\"") "\n\n" },
  /* The usage is the first or the only member. */
  { { "data: {\"usage\":null, \"choices\":[{}]}\n\ndata: { \"usage\" : null }\n\ndata: {\"usage\" : null\t ,\t\"choices\":[{}]}\n\n", NULL, -1, 0, 0 },
    "data: {\"choices\":[{}]}\n\ndata: {  }\n\ndata: {\"choices\":[{}]}\n\n" },
  /* Twice, and with an escaped name beside it. */
  { { "data: {\"usage\":null,\"usage\":{\"prompt_tokens\":1},\"us\\u0061ge\":2,\"choices\":[{}]}\n\n", NULL, 1, 0, 0 },
    "data: {\"choices\":[{}]}\n\n" },
  /* Text that only contains the name, and nested members. */
  { { CHUNK ("\\\"usage\\\":null", "") "\n\n" "data: {\"choices\":[{\"usage\":null}],\"x\":{\"usage\":null}}\n\n", "gpt", -1, 0, 0 },
    CHUNK ("\\\"usage\\\":null", "") "\n\n" "data: {\"choices\":[{\"usage\":null}],\"x\":{\"usage\":null}}\n\n" },
  /* The last chunk with a choice has the usage. */
  { { CHUNK ("a", "") "\n\n" CHUNK ("", ",\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":5}") "\n\n" DONE "\n\n", "gpt", 4, 0, 5 },
    CHUNK ("a", "") "\n\n" CHUNK ("", "") "\n\n" DONE "\n\n" },
  /* Azure's first event has no choices and no usage. */
  { { "data: {\"choices\":[],\"model\":\"\",\"prompt_filter_results\":[{}],\"usage\":null}\n\n" USAGE_CHUNK "\n\n", "gpt", 9, 3, 2 },
    "data: {\"choices\":[],\"model\":\"\",\"prompt_filter_results\":[{}]}\n\n" },
  /* Comments, other fields, a byte order mark, and data without a blank. */
  { { "\xef\xbb\xbf: hi\n\n:\n\nevent: message\nid: 1\ndata:{\"choices\":[{}],\"usage\":null}\nretry: 3\n\n\n\n" ": keep-alive\n" USAGE_CHUNK "\n\n", "gpt", 9, 3, 2 },
    "\xef\xbb\xbf: hi\n\n:\n\nevent: message\nid: 1\ndata:{\"choices\":[{}]}\nretry: 3\n\n\n\n" },
  /* Data of several lines. */
  { { "data: {\"choices\":[{}],\ndata: \"usage\":null,\ndata: \"a\":1}\n\ndata: {\"choices\":\ndata: [], \"usage\":{\"prompt_tokens\":9}}\n\n", NULL, 9, 0, 0 },
    "data: {\"choices\":[{}],\ndata: \"a\":1}\n\n" },
  /* The stream ends within the event. */
  { { CHUNK ("a", ",\"usage\":null") "\n\n" USAGE_CHUNK "\n", "gpt", 9, 3, 2 }, CHUNK ("a", "") "\n\n" },
  { { CHUNK ("a", ",\"usage\":null") "\n\n" "data: {\"choices\":[", "gpt", -1, 0, 0 }, CHUNK ("a", "") "\n\n" "data: {\"choices\":[" },
  /* Errors and invalid data pass. */
  { { "event: error\ndata: {\"error\":{\"message\":\"usage\"}}\n\ndata: {\"usage\":\n\ndata: {\"usage\"\n\ndata:\n\n", NULL, -1, 0, 0 },
    "event: error\ndata: {\"error\":{\"message\":\"usage\"}}\n\ndata: {\"usage\":\n\ndata: {\"usage\"\n\ndata:\n\n" },
  { { "", NULL, -1, 0, 0 }, "" },
};

static void
test_streams_every_split (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      gsize length = strlen (streams[i].reply.text);

      for (gsize step = 1; step <= length + 1; step++)
        for (guint hide = 0; hide < 2; hide++)
          {
            g_autoptr(GString) out = g_string_new (NULL);
            g_autoptr(OaiUsageMeter) meter = meter_text ("text/event-stream", hide == 1, streams[i].reply.text, length, step, out);

            g_assert_cmpstr (out->str, ==, hide == 1 ? streams[i].hidden : streams[i].reply.text);
            assert_usage (meter, streams[i].reply.model, streams[i].reply.input, streams[i].reply.cached, streams[i].reply.output);
          }
    }
}

/* The byte that completes an event passes the whole event. */
static void
test_events_are_not_delayed (void)
{
  const char *text = streams[0].reply.text;
  gsize length = strlen (text);
  g_autoptr(OaiUsageMeter) meter = oai_usage_meter_new ("text/event-stream", TRUE);

  for (gsize i = 0; i < length; i++)
    {
      gsize n;
      const char *out = oai_usage_meter_feed (meter, text + i, 1, &n);
      gboolean complete = i > 0 && text[i] == '\n' && text[i - 1] == '\n';

      if (!complete)
        g_assert_cmpuint (n, ==, 0);
      else if (n > 0)
        g_assert_true (g_str_has_suffix (out, "\n\n"));
    }
  g_clear_pointer (&meter, oai_usage_meter_free);

  /* With CRLF, the event is complete at its last CR. */
  meter = oai_usage_meter_new ("text/event-stream", TRUE);
  oai_usage_meter_feed (meter, "data: x\r\n\r", 10, &length);
  g_assert_cmpuint (length, ==, 10);
}

static void
test_other_streams (void)
{
  static const Reply cases[] = {
    { "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"model\":\"gpt-5\",\"usage\":null}}\n\n"
      "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"usage\"}\n\n"
      "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":\"gpt-5\",\"usage\":{\"input_tokens\":37,\"input_tokens_details\":{\"cached_tokens\":30},\"output_tokens\":11}}}\n\n",
      "gpt-5", 37, 30, 11 },
    { "data: {\"type\":\"response.incomplete\",\"response\":{\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}}\n\n", NULL, 1, 0, 2 },
    { "data: {\"type\":\"response.failed\",\"response\":{\"usage\":{\"input_tokens\":1,\"output_tokens\":0}}}\n\n", NULL, 1, 0, 0 },
    { "data: {\"type\":\"transcript.text.done\",\"text\":\"x\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":14,\"output_tokens\":5}}\n\n", NULL, 14, 0, 5 },
    { "data: {\"type\":\"image_generation.completed\",\"usage\":{\"input_tokens\":50,\"output_tokens\":60}}\n\n", NULL, 50, 0, 60 },
    { "data: {\"choices\":[],\"model\":\"llama\",\"x_groq\":{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":8}}}\n\n", "llama", 7, 0, 8 },
    /* The last usage counts. */
    { "data: {\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1}}\n\ndata: {\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\ndata: {\"usage\":null}\n\n", NULL, 7, 0, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize step = 1; step < strlen (cases[i].text); step++)
      {
        g_autoptr(GString) out = g_string_new (NULL);
        g_autoptr(OaiUsageMeter) meter = meter_text ("text/event-stream; charset=utf-8", FALSE, cases[i].text, strlen (cases[i].text), step, out);

        g_assert_cmpstr (out->str, ==, cases[i].text);
        assert_usage (meter, cases[i].model, cases[i].input, cases[i].cached, cases[i].output);
      }
}

static void
test_messages (void)
{
  static const char *messages[] = {
    "{\"type\":\"session.created\",\"session\":{\"model\":\"gpt-realtime\"}}",
    "{\"type\":\"response.done\",\"response\":{\"usage\":{\"total_tokens\":30,\"input_tokens\":20,\"output_tokens\":10,\"input_token_details\":{\"cached_tokens\":5}}}}",
    "{\"type\":\"response.output_audio.delta\",\"delta\":\"\"}",
    "{\"type\":\"response.done\",\"response\":{\"usage\":{\"total_tokens\":3,\"input_tokens\":2,\"output_tokens\":1}}}",
    "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":100,\"output_tokens\":200}}",
    "not json",
    "",
  };
  g_autoptr(OaiUsageMeter) meter = oai_usage_meter_new_for_messages ();

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    oai_usage_meter_feed_message (meter, messages[i], strlen (messages[i]));
  assert_usage (meter, "gpt-realtime", 122, 5, 211);
}

/* An event beyond 1 MiB passes without being stored or read. */
static void
test_giant_events (void)
{
  g_autofree char *filler = g_strnfill (3 * 1024 * 1024, 'x');
  g_autofree char *text = g_strconcat ("data: {\"usage\":null,\"x\":\"", filler, "\"}\n\n", streams[0].reply.text, NULL);
  g_autofree char *expected = g_strconcat ("data: {\"usage\":null,\"x\":\"", filler, "\"}\n\n", streams[0].hidden, NULL);
  gsize length = strlen (text);

  for (gsize step = 1000; step <= 4 * 1000 * 1000; step *= 20)
    for (guint hide = 0; hide < 2; hide++)
      {
        g_autoptr(GString) out = g_string_new (NULL);
        g_autoptr(OaiUsageMeter) meter = meter_text ("text/event-stream", hide == 1, text, length, step, out);

        g_assert_true (strcmp (out->str, hide == 1 ? expected : text) == 0);
        assert_usage (meter, "gpt", 9, 3, 2);
      }
}

static void
test_deep_events (void)
{
  g_autofree char *open = g_strnfill (100000, '[');
  g_autofree char *text = g_strconcat ("data: {\"model\":\"m\",\"x\":", open, "\n\n", "data: {\"usage\":{\"prompt_tokens\":1}}\n\n", NULL);
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(OaiUsageMeter) meter = meter_text ("text/event-stream", FALSE, text, strlen (text), 1000, out);

  assert_usage (meter, "m", 1, 0, 0);
}

static void
test_other_types (void)
{
  static const char *types[] = { NULL, "", "audio/mpeg", "text/plain", "application/octet-stream" };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr(GString) out = g_string_new (NULL);
      g_autoptr(OaiUsageMeter) meter = meter_text (types[i], FALSE, streams[0].reply.text, strlen (streams[0].reply.text), 10, out);

      assert_usage (meter, NULL, -1, 0, 0);
    }
}

/* Recordings of real servers, compared with a parser of whole texts. */

typedef struct
{
  guint n_exchanges;
  guint n_streams;
  guint n_usages;
  guint n_hidden;
} Counts;

static gint64
get_count (OaiJsonDoc *doc, OaiJsonNode usage, const char *name, const char *other)
{
  gint64 value;

  if (oai_json_get_int (doc, oai_json_get_member (doc, usage, name), &value))
    return value;

  return oai_json_get_int (doc, oai_json_get_member (doc, usage, other), &value) ? value : -1;
}

static void
read_usage (OaiJsonDoc *doc, OaiJsonNode object, OaiProxyUsage *usage)
{
  OaiJsonNode node = oai_json_get_member (doc, object, "usage");
  gint64 input = get_count (doc, node, "prompt_tokens", "input_tokens");
  gint64 output = get_count (doc, node, "completion_tokens", "output_tokens");
  gint64 total = get_count (doc, node, "total_tokens", "total_tokens");
  OaiJsonNode details = oai_json_get_member (doc, node, "prompt_tokens_details");
  gint64 cached;

  if (oai_json_get_type (doc, details) != OAI_JSON_OBJECT)
    details = oai_json_get_member (doc, node, "input_tokens_details");
  cached = get_count (doc, details, "cached_tokens", "cached_tokens");
  if (input < 0 && output < 0 && total < 0)
    return;

  usage->known = TRUE;
  usage->input_tokens = MAX (input, 0);
  usage->output_tokens = output >= 0 ? output : MAX (total - MAX (input, 0), 0);
  usage->cached_tokens = CLAMP (cached, 0, usage->input_tokens);
}

static void
read_reply (const char *text, gssize length, OaiProxyUsage *usage)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (text, length, OAI_JSON_TOLERANT, NULL);
  OaiJsonNode response;

  if (doc == NULL)
    return;
  response = oai_json_get_member (doc, ROOT, "response");
  if (oai_json_get_type (doc, oai_json_get_member (doc, ROOT, "usage")) == OAI_JSON_OBJECT)
    read_usage (doc, ROOT, usage);
  else if (oai_json_get_type (doc, response) == OAI_JSON_OBJECT)
    read_usage (doc, response, usage);
  else
    {
      OaiJsonNode x_groq = oai_json_get_member (doc, ROOT, "x_groq");

      if (oai_json_get_type (doc, x_groq) == OAI_JSON_OBJECT)
        read_usage (doc, x_groq, usage);
    }
}

/* The events of a recorded stream have one line of data each. */
static void
read_stream (const char *text, OaiProxyUsage *usage)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "data:"))
      read_reply (lines[i] + 5, -1, usage);
}

/* Long texts are not fed byte by byte, since that takes minutes with valgrind. */
static gsize
get_first_step (const char *text)
{
  return strlen (text) > 5000 ? 61 : 1;
}

static void
assert_same_usage (const char *id, const char *type, const char *text, const OaiProxyUsage *expected, gsize step)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(OaiUsageMeter) meter = meter_text (type, FALSE, text, strlen (text), step, out);
  const OaiProxyUsage *found = oai_usage_meter_get_usage (meter);

  if (found->known != expected->known || found->input_tokens != expected->input_tokens || found->output_tokens != expected->output_tokens
      || found->cached_tokens != expected->cached_tokens)
    g_error ("%s in chunks of %" G_GSIZE_FORMAT " bytes: found %d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ", not %d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
             id, step, found->known, found->input_tokens, found->cached_tokens, found->output_tokens,
             expected->known, expected->input_tokens, expected->cached_tokens, expected->output_tokens);
}

/* The data of an event without its usage; NULL: it is removed. */
static char *
dup_hidden (const char *data)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (data, -1, OAI_JSON_TOLERANT, NULL);
  OaiJsonNode choices, usage;

  if (doc == NULL)
    return g_strdup (data);
  usage = oai_json_get_member (doc, ROOT, "usage");
  choices = oai_json_get_member (doc, ROOT, "choices");
  if (oai_json_get_type (doc, usage) == OAI_JSON_OBJECT && oai_json_get_type (doc, choices) == OAI_JSON_ARRAY && oai_json_get_size (doc, choices) == 0)
    return NULL;
  if (oai_json_get_type (doc, usage) == OAI_JSON_INVALID)
    return g_strdup (data);

  return g_strdup ("");
}

/* All members but the usage, in their order. */
static char *
write_others (const char *data)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (data, -1, OAI_JSON_TOLERANT, NULL);
  g_autoptr(GString) out = g_string_new (NULL);
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;

  if (doc == NULL)
    return NULL;
  oai_json_iter_init_members (&iter, doc, ROOT);
  while (oai_json_iter_next (&iter, &name, &node))
    if (strcmp (name, "usage") != 0)
      {
        g_string_append_printf (out, "%s=", name);
        oai_json_write_node (out, doc, node);
      }

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
assert_others_equal (const char *found, const char *original)
{
  g_autofree char *others = write_others (found);
  g_autofree char *expected = write_others (original);

  g_assert_nonnull (others);
  g_assert_cmpstr (others, ==, expected);
}

static void
assert_hidden (const char *id, const char *text, Counts *counts)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr(GString) first = g_string_new (NULL);
  G_GNUC_UNUSED g_autoptr(OaiUsageMeter) meter = meter_text ("text/event-stream", TRUE, text, strlen (text), strlen (text) + 1, first);
  g_auto(GStrv) found = g_strsplit (first->str, "\n", -1);
  guint at = 0;

  for (gsize step = get_first_step (text); step < 1000; step = step * 3 + 1)
    {
      g_autoptr(GString) out = g_string_new (NULL);
      G_GNUC_UNUSED g_autoptr(OaiUsageMeter) other = meter_text ("text/event-stream", TRUE, text, strlen (text), step, out);

      g_assert_cmpstr (out->str, ==, first->str);
    }
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *expected = g_str_has_prefix (lines[i], "data:") ? dup_hidden (lines[i] + 5) : NULL;
      g_autoptr(OaiJsonDoc) doc = NULL;

      if (expected == NULL)
        continue;
      while (found[at] != NULL && !g_str_has_prefix (found[at], "data:"))
        at++;
      if (found[at] == NULL)
        g_error ("%s: an event is missing: %s", id, lines[i]);
      if (*expected != '\0')
        g_assert_cmpstr (found[at] + 5, ==, expected);
      else
        assert_others_equal (found[at] + 5, lines[i] + 5);
      doc = oai_json_doc_new_copy (found[at] + 5, -1, OAI_JSON_TOLERANT, NULL);
      g_assert_true (doc == NULL || oai_json_get_type (doc, oai_json_get_member (doc, ROOT, "usage")) == OAI_JSON_INVALID);
      counts->n_hidden += *expected == '\0';
      at++;
    }
  for (; found[at] != NULL; at++)
    g_assert_false (g_str_has_prefix (found[at], "data:"));
}

static void
check_stream (const char *id, const char *operation, const char *text, Counts *counts)
{
  OaiProxyUsage expected = { 0 };

  read_stream (text, &expected);
  for (gsize step = get_first_step (text); step < 20000; step = step * 5 + 2)
    assert_same_usage (id, "text/event-stream", text, &expected, step);
  if (strstr (operation, "/chat/completions") != NULL || strstr (operation, "/completions") != NULL)
    assert_hidden (id, text, counts);
  counts->n_streams++;
  counts->n_usages += expected.known;
}

static void
check_websocket (const char *id, OaiJsonDoc *doc, Counts *counts)
{
  g_autoptr(OaiUsageMeter) meter = oai_usage_meter_new_for_messages ();
  OaiProxyUsage expected = { 0 };
  OaiJsonIter iter;
  OaiJsonNode frame;

  oai_json_iter_init (&iter, doc, oai_json_get_member (doc, ROOT, "frames"));
  while (oai_json_iter_next (&iter, NULL, &frame))
    {
      g_autoptr(GString) text = g_string_new (NULL);
      OaiProxyUsage usage = { 0 };

      if (g_strcmp0 (oai_json_get_string (doc, oai_json_get_member (doc, frame, "from"), NULL), "server") != 0)
        continue;
      oai_json_write_node (text, doc, oai_json_get_member (doc, frame, "json"));
      oai_usage_meter_feed_message (meter, text->str, text->len);
      read_reply (text->str, (gssize) text->len, &usage);
      expected.known |= usage.known;
      expected.input_tokens += usage.input_tokens;
      expected.output_tokens += usage.output_tokens;
    }
  g_test_message ("%s: %" G_GINT64_FORMAT " input tokens", id, expected.input_tokens);
  g_assert_cmpint (oai_usage_meter_get_usage (meter)->known, ==, expected.known);
  g_assert_cmpint (oai_usage_meter_get_usage (meter)->input_tokens, ==, expected.input_tokens);
  g_assert_cmpint (oai_usage_meter_get_usage (meter)->output_tokens, ==, expected.output_tokens);
  counts->n_usages += expected.known;
}

/* The body of a recorded request of the kind "json" is accepted, and its model is found. */
static void
check_request (const char *id, OaiJsonDoc *doc)
{
  OaiJsonNode body = oai_json_get_member (doc, ROOT, "request_body");
  g_autoptr(OaiBodyInspector) inspector = oai_body_inspector_new ("application/json", NULL);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  gboolean stream = FALSE;

  if (g_strcmp0 (oai_json_get_string (doc, oai_json_get_member (doc, ROOT, "request_kind"), NULL), "json") != 0)
    return;

  oai_json_write_node (text, doc, body);
  for (gsize at = 0; at < text->len && error == NULL; at += 100)
    oai_body_inspector_feed (inspector, text->str + at, MIN (100, text->len - at), &error);
  if (error != NULL || !oai_body_inspector_end (inspector, &error))
    g_error ("%s: %s", id, error->message);
  oai_json_get_boolean (doc, oai_json_get_member (doc, body, "stream"), &stream);
  g_assert_cmpstr (oai_body_inspector_get_info (inspector)->model, ==, oai_json_get_string (doc, oai_json_get_member (doc, body, "model"), NULL));
  g_assert_cmpint (oai_body_inspector_get_info (inspector)->stream, ==, stream);
}

static void
check_exchange (OaiJsonDoc *doc, Counts *counts)
{
  const char *id = oai_json_get_string (doc, oai_json_get_member (doc, ROOT, "id"), NULL);
  const char *path = oai_json_get_string (doc, oai_json_get_member (doc, ROOT, "path"), NULL);
  const char *kind = oai_json_get_string (doc, oai_json_get_member (doc, ROOT, "response_kind"), NULL);
  OaiJsonNode body = oai_json_get_member (doc, ROOT, "response_body");
  const char *sse = oai_json_get_string (doc, oai_json_get_member (doc, body, "sse"), NULL);

  counts->n_exchanges++;
  if (oai_json_get_type (doc, oai_json_get_member (doc, ROOT, "frames")) == OAI_JSON_ARRAY)
    {
      check_websocket (id, doc, counts);
      return;
    }
  check_request (id, doc);
  if (g_strcmp0 (kind, "sse") == 0 && sse != NULL)
    check_stream (id, path != NULL ? path : "", sse, counts);
  else if (g_strcmp0 (kind, "json") == 0)
    {
      g_autoptr(GString) text = g_string_new (NULL);
      OaiProxyUsage expected = { 0 };

      oai_json_write_node (text, doc, body);
      read_reply (text->str, (gssize) text->len, &expected);
      for (gsize step = get_first_step (text->str); step < 20000; step = step * 13 + 2)
        assert_same_usage (id, "application/json", text->str, &expected, step);
      counts->n_usages += expected.known;
    }
}

static void
check_recordings (const char *path, Counts *counts)
{
  g_autofree char *content = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (content, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      {
        g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (lines[i], -1, OAI_JSON_STRICT, &error);

        g_assert_no_error (error);
        check_exchange (doc, counts);
      }
}

static void
test_recordings (void)
{
  const char *folder = g_getenv ("OAI_RECORDINGS_DIR");
  g_autoptr(GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;
  Counts counts = { 0 };

  if (dir == NULL)
    {
      g_test_skip ("OAI_RECORDINGS_DIR names no folder of recordings: the usage of real servers was not compared");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_str_has_suffix (name, ".jsonl"))
        check_recordings (path, &counts);
    }
  g_test_message ("%u exchanges, %u streams, %u with usage; it was removed from %u events", counts.n_exchanges, counts.n_streams, counts.n_usages, counts.n_hidden);
  g_assert_cmpuint (counts.n_streams, >, 0);
  g_assert_cmpuint (counts.n_usages, >, 0);
  g_assert_cmpuint (counts.n_hidden, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/usage/usage is found in JSON", test_json);
  g_test_add_func ("/proxy/usage/long replies are read to their end", test_long_json);
  g_test_add_func ("/proxy/usage/usage of a stream is found and hidden at every split", test_streams_every_split);
  g_test_add_func ("/proxy/usage/complete events are not delayed", test_events_are_not_delayed);
  g_test_add_func ("/proxy/usage/usage is found in streams of all APIs", test_other_streams);
  g_test_add_func ("/proxy/usage/usage of messages is added up", test_messages);
  g_test_add_func ("/proxy/usage/giant events pass", test_giant_events);
  g_test_add_func ("/proxy/usage/deep nesting is ignored", test_deep_events);
  g_test_add_func ("/proxy/usage/other types are not read", test_other_types);
  g_test_add_func ("/proxy/usage/recordings of real servers", test_recordings);

  return g_test_run ();
}
