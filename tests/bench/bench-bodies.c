/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench-bodies.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAT_SIZE 291               /* of an event */
#define RESPONSE_SIZE 331
#define CHUNK_SIZE (16 * 1024)
#define FRAME 5                     /* "123\r\n" before an event */
#define DIMENSIONS 1536

/* The events of a stream.  CHUNK_SIZE events of this size fill as many chunks as an event has bytes. */
typedef struct
{
  size_t size;
  char *events;
  const char *begin;                /* before the events, or NULL */
  const char *end[3];               /* after them; NULL after the last one */
} Events;

static char *pattern;               /* of a download */
static char *vectors[2];            /* newest list of embeddings: base64, float */
static size_t vectors_length[2];
static unsigned long vectors_rows[2];

static const char usage_event[] =
  "data: {\"id\":\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",\"object\":\"chat.completion.chunk\",\"created\":1754000000,"
  "\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[],\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":200000,"
  "\"total_tokens\":200019}}\n\n";
static const char stop_event[] =
  "data: {\"id\":\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",\"object\":\"chat.completion.chunk\",\"created\":1754000000,"
  "\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_560af6e559\","
  "\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":null}\n\n";
static const char done_event[] = "data: [DONE]\n\n";

static const char created_events[] =
  "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_68a1f4c2\","
  "\"object\":\"response\",\"created_at\":1754000000,\"status\":\"in_progress\",\"model\":\"gpt-5\",\"output\":[]}}\n\n"
  "event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"sequence_number\":1,\"output_index\":0,"
  "\"item\":{\"id\":\"msg_68a1f4c2d9b08191a7e3c5f60412b98e0d7a\",\"type\":\"message\",\"status\":\"in_progress\",\"content\":[],"
  "\"role\":\"assistant\"}}\n\n"
  "event: response.content_part.added\ndata: {\"type\":\"response.content_part.added\",\"sequence_number\":2,"
  "\"item_id\":\"msg_68a1f4c2d9b08191a7e3c5f60412b98e0d7a\",\"output_index\":0,\"content_index\":0,"
  "\"part\":{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"\"}}\n\n";
static const char completed_event[] =
  "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":3,\"response\":{\"id\":\"resp_68a1f4c2\","
  "\"object\":\"response\",\"created_at\":1754000000,\"status\":\"completed\",\"model\":\"gpt-5\",\"output\":[]}}\n\n";

static Events chat = { CHAT_SIZE, NULL, NULL, { stop_event, usage_event, done_event } };
static Events response = { RESPONSE_SIZE, NULL, created_events, { completed_event } };

static const char completion[] =
  "{\n  \"id\": \"chatcmpl-BzQ5ZcVqJ0Yw3rT8nLkMxPaHs\",\n  \"object\": \"chat.completion\",\n  \"created\": 1754000000,\n"
  "  \"model\": \"gpt-4o-mini-2024-07-18\",\n  \"choices\": [\n    {\n      \"index\": 0,\n      \"message\": {\n"
  "        \"role\": \"assistant\",\n        \"content\": \"Hello! How can I help you today?\",\n        \"refusal\": null,\n"
  "        \"annotations\": []\n      },\n      \"logprobs\": null,\n      \"finish_reason\": \"stop\"\n    }\n  ],\n"
  "  \"usage\": {\n    \"prompt_tokens\": 19,\n    \"completion_tokens\": 10,\n    \"total_tokens\": 29,\n"
  "    \"prompt_tokens_details\": {\n      \"cached_tokens\": 0,\n      \"audio_tokens\": 0\n    },\n"
  "    \"completion_tokens_details\": {\n      \"reasoning_tokens\": 0,\n      \"audio_tokens\": 0,\n"
  "      \"accepted_prediction_tokens\": 0,\n      \"rejected_prediction_tokens\": 0\n    }\n  },\n"
  "  \"service_tier\": \"default\",\n  \"system_fingerprint\": \"fp_560af6e559\"\n}\n";

static const char file_record[] =
  "{\"id\":\"file-abc123\",\"object\":\"file\",\"bytes\":536870912,\"created_at\":1754000000,\"filename\":\"data.bin\",\"purpose\":\"user_data\"}";

static const char *const words[] = { " the", " sky", " is", " blue", " because", " light", ", and", "\\n" };

/* Fills the event with a letter between its beginning and its end. */
static void
fill_event (char *place, size_t size, unsigned i, const char *begin, const char *end)
{
  size_t length = strlen (begin);
  size_t rest = size - strlen (end) - length;

  memcpy (place, begin, length);
  memset (place + length, 'a' + i % 26, rest);
  memcpy (place + length + rest, end, strlen (end));
}

static void
make_chat_event (char *place, unsigned i)
{
  char text[CHAT_SIZE + 64];

  snprintf (text, sizeof text,
            "data: {\"id\":\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",\"object\":\"chat.completion.chunk\","
            "\"created\":1754000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\","
            "\"system_fingerprint\":\"fp_560af6e559\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s", words[i % 8]);
  fill_event (place, CHAT_SIZE, i, text, "\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n");
}

/* The padding of these events hides the length of the text. */
static void
make_response_event (char *place, unsigned i)
{
  char text[RESPONSE_SIZE + 64];

  snprintf (text, sizeof text,
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":%u,"
            "\"item_id\":\"msg_68a1f4c2d9b08191a7e3c5f60412b98e0d7a\",\"output_index\":0,\"content_index\":0,\"delta\":\"%s\","
            "\"logprobs\":[],\"obfuscation\":\"", i + 3, words[i % 8]);
  fill_event (place, RESPONSE_SIZE, i, text, "\"}\n\n");
}

static void
make_events (Events *self, void (*make) (char *, unsigned))
{
  self->events = malloc (self->size * CHUNK_SIZE);
  for (unsigned i = 0; i < CHUNK_SIZE; i++)
    make (self->events + i * self->size, i);
}

void
bodies_init (void)
{
  make_events (&chat, make_chat_event);
  make_events (&response, make_response_event);
  pattern = malloc (BODY_FILL_SIZE);
  for (unsigned i = 0; i < BODY_FILL_SIZE; i++)
    pattern[i] = (char) (i * 2654435761u >> 24);
}

/* Streams */

static size_t
put_chunk (char *out, const char *data, size_t length)
{
  int frame = sprintf (out, "%zx\r\n", length);

  memcpy (out + frame, data, length);
  memcpy (out + frame + length, "\r\n", 2);

  return frame + length + 2;
}

static size_t
put_end (Body *self, char *out)
{
  const Events *set = self->events;
  size_t length = 0;

  if (self->ended)
    return 0;

  self->ended = true;
  for (int i = 0; i < 3 && set->end[i] != NULL; i++)
    length += put_chunk (out + length, set->end[i], strlen (set->end[i]));
  memcpy (out + length, "0\r\n\r\n", 5);

  return length + 5;
}

static size_t
put_begin (Body *self, char *out)
{
  const Events *set = self->events;

  return self->place == 0 && set->begin != NULL ? put_chunk (out, set->begin, strlen (set->begin)) : 0;
}

static size_t
fill_events (Body *self, char *out)
{
  const Events *set = self->events;
  size_t max = self->interval > 0 ? 1 : BODY_FILL_SIZE / (set->size + FRAME + 2) - 8;
  size_t length = put_begin (self, out);

  if (self->left == 0)
    return put_end (self, out);

  for (size_t i = 0; i < max && self->left > 0; i++, self->left--)
    length += put_chunk (out + length, set->events + self->place++ % CHUNK_SIZE * set->size, set->size);

  return length;
}

/* Here, left is a number of bytes. */
static size_t
fill_chunks (Body *self, char *out)
{
  const Events *set = self->events;
  size_t length = put_begin (self, out);

  if (self->left == 0)
    return put_end (self, out);

  while (self->left > 0 && length + CHUNK_SIZE + 16 < BODY_FILL_SIZE)
    {
      size_t size = self->left < CHUNK_SIZE ? self->left : CHUNK_SIZE;

      length += put_chunk (out + length, set->events + self->place++ % set->size * CHUNK_SIZE, size);
      self->left -= size;
    }

  return length;
}

/* Bodies with a length */

static size_t
fill_bytes (Body *self, char *out)
{
  size_t size = self->left < BODY_FILL_SIZE ? self->left : BODY_FILL_SIZE;

  memcpy (out, self->data + self->place, size);
  self->left -= size;
  self->place += size;

  return size;
}

static size_t
fill_pattern (Body *self, char *out)
{
  size_t size = self->left < BODY_FILL_SIZE ? self->left : BODY_FILL_SIZE;

  memcpy (out, pattern, size);
  self->left -= size;

  return size;
}

static size_t
put_number (char *out, uint32_t *seed)
{
  *seed = *seed * 1664525u + 1013904223u;

  return sprintf (out, "%.9g", ((double) (*seed >> 8) / (1 << 24) - 0.5) / 10);
}

static size_t
put_floats (char *out, uint32_t *seed)
{
  size_t length = 0;

  out[length++] = '[';
  for (int i = 0; i < DIMENSIONS; i++)
    {
      length += sprintf (out + length, "%s\n        ", i > 0 ? "," : "");
      length += put_number (out + length, seed);
    }
  length += sprintf (out + length, "\n      ]");

  return length;
}

static size_t
put_base64 (char *out, uint32_t *seed)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  union { float numbers[DIMENSIONS]; unsigned char bytes[DIMENSIONS * 4]; } vector;
  size_t length = 0;

  for (int i = 0; i < DIMENSIONS; i++)
    {
      *seed = *seed * 1664525u + 1013904223u;
      vector.numbers[i] = ((double) (*seed >> 8) / (1 << 24) - 0.5) / 10;
    }
  out[length++] = '"';
  for (int i = 0; i < DIMENSIONS * 4; i += 3)
    {
      unsigned bits = vector.bytes[i] << 16 | vector.bytes[i + 1] << 8 | vector.bytes[i + 2];

      for (int shift = 18; shift >= 0; shift -= 6)
        out[length++] = digits[bits >> shift & 63];
    }
  out[length++] = '"';

  return length;
}

static void
make_vectors (bool numbers, unsigned long rows)
{
  uint32_t seed = 1;
  size_t length;
  char *out;

  if (vectors_rows[numbers] == rows)
    return;

  free (vectors[numbers]);
  vectors[numbers] = out = malloc (1024 + rows * DIMENSIONS * (numbers ? 32 : 6) + rows * 256);
  length = sprintf (out, "{\n  \"object\": \"list\",\n  \"data\": [\n");
  for (unsigned long row = 0; row < rows; row++)
    {
      length += sprintf (out + length, "    {\n      \"object\": \"embedding\",\n      \"index\": %lu,\n      \"embedding\": ", row);
      length += numbers ? put_floats (out + length, &seed) : put_base64 (out + length, &seed);
      length += sprintf (out + length, "\n    }%s\n", row + 1 < rows ? "," : "");
    }
  length += sprintf (out + length, "  ],\n  \"model\": \"text-embedding-3-small\",\n  \"usage\": {\n    \"prompt_tokens\": 16384,\n    \"total_tokens\": 16384\n  }\n}\n");
  vectors_length[numbers] = length;
  vectors_rows[numbers] = rows;
}

/* Headers */

static void
set_sized (Body *self, const char *type, const char *data, size_t length)
{
  self->fill = fill_bytes;
  self->data = data;
  self->left = length;
  snprintf (self->head, sizeof self->head,
            "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\nx-request-id: req_0123456789\r\n\r\n", type, length);
}

static void
set_stream (Body *self, size_t (*fill) (Body *, char *), const Events *set, size_t left, unsigned interval)
{
  self->fill = fill;
  self->events = set;
  self->left = left;
  self->interval = interval;
  snprintf (self->head, sizeof self->head,
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
            "Cache-Control: no-cache\r\nx-request-id: req_0123456789\r\n\r\n");
}

void
body_init (Body *self, const char *path)
{
  unsigned long n;
  char end;

  memset (self, 0, sizeof *self);
  if (sscanf (path, "/ev-%lu%c", &n, &end) == 2)
    {
      set_stream (self, fill_events, &chat, n, 0);
    }
  else if (sscanf (path, "/paced-%lu%c", &n, &end) == 2)
    {
      set_stream (self, fill_events, &chat, n, 1);
    }
  else if (sscanf (path, "/slow-%lu%c", &n, &end) == 2)
    {
      set_stream (self, fill_events, &chat, n, 10);
    }
  else if (sscanf (path, "/held-%lu%c", &n, &end) == 2)
    {
      set_stream (self, fill_events, &chat, n, 1000);
    }
  else if (sscanf (path, "/big-%lu%c", &n, &end) == 2)
    {
      set_stream (self, fill_chunks, &chat, n * chat.size, 0);
    }
  else if (sscanf (path, "/response-ev-%lu%c", &n, &end) == 2)
    {
      set_stream (self, fill_events, &response, n, 0);
    }
  else if (sscanf (path, "/response-big-%lu%c", &n, &end) == 2)
    {
      set_stream (self, fill_chunks, &response, n * response.size, 0);
    }
  else if (sscanf (path, "/base64-%lu%c", &n, &end) == 2 || sscanf (path, "/float-%lu%c", &n, &end) == 2)
    {
      bool numbers = path[1] == 'f';

      make_vectors (numbers, n);
      set_sized (self, "application/json", vectors[numbers], vectors_length[numbers]);
    }
  else if (sscanf (path, "/bytes-%lu%c", &n, &end) == 2)
    {
      set_sized (self, "application/octet-stream", NULL, n << 20);
      self->fill = fill_pattern;
    }
  else if (strncmp (path, "/file/", 6) == 0)
    {
      set_sized (self, "application/json", file_record, sizeof file_record - 1);
    }
  else
    {
      set_sized (self, "application/json", completion, sizeof completion - 1);
    }
}

void
body_init_stats (Body *self, unsigned long connections, unsigned long requests)
{
  static char text[64];
  int length = snprintf (text, sizeof text, "{\"accepted\": %lu, \"requests\": %lu}\n", connections, requests);

  memset (self, 0, sizeof *self);
  set_sized (self, "application/json", text, length);
}

size_t
body_fill (Body *self, char *out)
{
  size_t length;

  if (self->started)
    return self->fill (self, out);

  self->started = true;
  length = strlen (self->head);
  memcpy (out, self->head, length);
  /* A short reply is sent together with its headers. */
  if (self->fill == fill_bytes && self->left + length <= BODY_FILL_SIZE)
    length += self->fill (self, out + length);

  return length;
}
