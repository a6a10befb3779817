/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-usage-meter-private.h"

#include <string.h>

#include "oai-find-bytes-private.h"
#include "oai-header-parameters-private.h"
#include "oai-json-scanner-private.h"
#include "oai-proxy-pattern-private.h"

/* Longer events pass without being read. */
#define MAX_EVENT (1024 * 1024)
/* Events in which a name of the model is searched for. */
#define MAX_MODEL_EVENTS 8
/* No reply uses more. */
#define MAX_TOKENS G_GINT64_CONSTANT (1000000000000)

typedef enum
{
  MODE_NONE,
  MODE_JSON,
  MODE_EVENTS,
  MODE_MESSAGES
} Mode;

enum
{
  NAME_MODEL,
  NAME_USAGE,
  NAME_RESPONSE,
  NAME_SESSION,
  NAME_X_GROQ,
  NAME_CHOICES,
  NAME_PROMPT_TOKENS,
  NAME_INPUT_TOKENS,
  NAME_COMPLETION_TOKENS,
  NAME_OUTPUT_TOKENS,
  NAME_TOTAL_TOKENS,
  NAME_PROMPT_TOKENS_DETAILS,
  NAME_INPUT_TOKENS_DETAILS,
  NAME_INPUT_TOKEN_DETAILS,
  NAME_CACHED_TOKENS,
};

static const char *const names[] = {
  "model",
  "usage",
  "response",
  "session",
  "x_groq",
  "choices",
  "prompt_tokens",
  "input_tokens",
  "completion_tokens",
  "output_tokens",
  "total_tokens",
  "prompt_tokens_details",
  "input_tokens_details",
  "input_token_details",
  "cached_tokens",
  NULL
};

/* What was found in one JSON text; -1: nothing. */
typedef struct
{
  char *model;
  gint64 input_tokens;
  gint64 cached_tokens;
  gint64 output_tokens;
  gint64 total_tokens;
  gboolean empty_choices;
  gboolean has_usage;        /* the member of the top level exists */
  gboolean usage_is_object;
  gboolean usage_is_first;
  guint64 usage_separator;
  guint64 usage_end;
} Found;

struct _OaiUsageMeter
{
  Mode mode;
  gboolean hide;
  OaiProxyUsage usage;
  OaiJsonScanner *scanner;
  Found found;
  GString *pending;      /* an incomplete event; NULL if there is none */
  GString *output;       /* of the last call */
  gboolean line_is_empty;
  gboolean after_cr;
  gboolean removed;      /* the last event */
  gboolean passing;      /* the current event is too long to be read */
  guint n_events;        /* at most MAX_MODEL_EVENTS */
  guint64 n_all_events;
};

static gint64
parse_tokens (const OaiJsonScannerValue *value)
{
  double number;

  if (value->type != OAI_JSON_SCANNER_NUMBER || value->text == NULL)
    return -1;
  number = g_ascii_strtod (value->text, NULL);

  return number > 0 && number < (double) MAX_TOKENS ? (gint64) number : 0;
}

static void
read_count (Found *found, guint name, const OaiJsonScannerValue *value)
{
  gint64 count = parse_tokens (value);

  if (count < 0)
    return;
  if (name == NAME_PROMPT_TOKENS || name == NAME_INPUT_TOKENS)
    found->input_tokens = count;
  else if (name == NAME_COMPLETION_TOKENS || name == NAME_OUTPUT_TOKENS)
    found->output_tokens = count;
  else if (name == NAME_TOTAL_TOKENS)
    found->total_tokens = count;
}

static void
read_member_of_usage (Found *found, const OaiJsonScannerValue *value, const guint8 *path, guint depth)
{
  if (depth == 1)
    read_count (found, path[0], value);
  else if (depth == 2 && path[1] == NAME_CACHED_TOKENS && path[0] >= NAME_PROMPT_TOKENS_DETAILS && path[0] <= NAME_INPUT_TOKEN_DETAILS)
    found->cached_tokens = parse_tokens (value);
}

static void
read_model (Found *found, const OaiJsonScannerValue *value)
{
  if (value->type != OAI_JSON_SCANNER_STRING || value->text == NULL || !oai_proxy_name_is_valid (value->text))
    return;

  g_free (found->model);
  found->model = g_strdup (value->text);
}

static void
read_top_level (Found *found, const OaiJsonScannerValue *value)
{
  if (value->path[0] == NAME_CHOICES)
    found->empty_choices = value->type == OAI_JSON_SCANNER_ARRAY && value->empty;
  if (value->path[0] != NAME_USAGE)
    return;

  found->has_usage = TRUE;
  found->usage_is_object = value->type == OAI_JSON_SCANNER_OBJECT;
  found->usage_is_first = value->first;
  found->usage_separator = value->separator;
  found->usage_end = value->end;
}

static void
on_end (const OaiJsonScannerValue *value, gpointer user_data)
{
  Found *found = user_data;
  const guint8 *path = value->path;
  guint depth = value->depth;

  if (depth == 1)
    read_top_level (found, value);
  /* Events of the Responses and Realtime APIs contain the response or the session. */
  if (depth > 1 && path[0] >= NAME_RESPONSE && path[0] <= NAME_X_GROQ)
    {
      path++;
      depth--;
    }
  if (depth == 1 && path[0] == NAME_MODEL)
    read_model (found, value);
  else if (depth > 1 && path[0] == NAME_USAGE)
    read_member_of_usage (found, value, path + 1, depth - 1);
}

static const OaiJsonScannerFuncs json_funcs = { names, NULL, on_end, NULL, TRUE };

static void
reset_found (Found *found)
{
  g_free (found->model);
  memset (found, 0, sizeof *found);
  found->input_tokens = found->cached_tokens = found->output_tokens = found->total_tokens = -1;
}

static OaiUsageMeter *
new_for_mode (Mode mode)
{
  OaiUsageMeter *self = g_new0 (OaiUsageMeter, 1);

  self->mode = mode;
  self->line_is_empty = TRUE;
  reset_found (&self->found);

  return self;
}

static Mode
get_mode (const char *content_type)
{
  const char *rest = content_type;
  g_autofree char *type = content_type != NULL ? oai_header_read_value (&rest) : NULL;

  if (type == NULL)
    return MODE_NONE;
  if (strcmp (type, "text/event-stream") == 0)
    return MODE_EVENTS;

  return strcmp (type, "application/json") == 0 || g_str_has_suffix (type, "+json") ? MODE_JSON : MODE_NONE;
}

OaiUsageMeter *
oai_usage_meter_new (const char *content_type, gboolean hide_usage)
{
  OaiUsageMeter *self = new_for_mode (get_mode (content_type));

  self->hide = hide_usage && self->mode == MODE_EVENTS;

  return self;
}

OaiUsageMeter *
oai_usage_meter_new_for_messages (void)
{
  return new_for_mode (MODE_MESSAGES);
}

static void
clear_string (GString **string)
{
  if (*string != NULL)
    g_string_free (g_steal_pointer (string), TRUE);
}

void
oai_usage_meter_free (OaiUsageMeter *self)
{
  g_clear_pointer (&self->scanner, oai_json_scanner_free);
  clear_string (&self->pending);
  clear_string (&self->output);
  g_free (self->found.model);
  g_free (self->usage.model);
  g_free (self);
}

/* Takes over what was found in a text. */
static void
commit (OaiUsageMeter *self)
{
  Found *found = &self->found;
  gint64 input, output, cached;

  if (found->model != NULL && self->usage.model == NULL)
    self->usage.model = g_steal_pointer (&found->model);
  if (found->input_tokens < 0 && found->output_tokens < 0 && found->total_tokens < 0)
    return;

  input = MAX (found->input_tokens, 0);
  output = found->output_tokens >= 0 ? found->output_tokens : MAX (found->total_tokens - input, 0);
  cached = CLAMP (found->cached_tokens, 0, input);
  if (self->mode == MODE_MESSAGES)
    {
      input = MIN (self->usage.input_tokens + input, MAX_TOKENS);
      output = MIN (self->usage.output_tokens + output, MAX_TOKENS);
      cached = MIN (self->usage.cached_tokens + cached, MAX_TOKENS);
    }
  self->usage.input_tokens = input;
  self->usage.output_tokens = output;
  self->usage.cached_tokens = cached;
  self->usage.known = TRUE;
}

static OaiJsonScanner *
ensure_scanner (OaiUsageMeter *self)
{
  if (self->scanner == NULL)
    self->scanner = oai_json_scanner_new (&json_funcs, &self->found);

  return self->scanner;
}

static void
scan_text (OaiUsageMeter *self, const char *text, gsize length)
{
  OaiJsonScanner *scanner = ensure_scanner (self);

  reset_found (&self->found);
  oai_json_scanner_reset (scanner);
  oai_json_scanner_feed (scanner, text, length);
  oai_json_scanner_end (scanner);
}

/* Data of an event. */
typedef struct
{
  const char *text;
  gsize length;
  GString *joined;   /* of several lines; then text is its own */
  GArray *offsets;   /* of the bytes of text in the event, if it is joined */
  gsize offset;      /* of text in the event otherwise */
} EventData;

static void
clear_data (EventData *data)
{
  clear_string (&data->joined);
  g_clear_pointer (&data->offsets, g_array_unref);
}

static void
join_line (EventData *data, const char *event, const char *line, gsize length)
{
  if (data->joined == NULL)
    {
      data->joined = g_string_new (NULL);
      data->offsets = g_array_new (FALSE, FALSE, sizeof (guint32));
      for (guint32 i = 0; i < data->length; i++)
        {
          guint32 offset = (guint32) data->offset + i;

          g_array_append_val (data->offsets, offset);
        }
      g_string_append_len (data->joined, data->text, (gssize) data->length);
    }
  g_string_append_c (data->joined, '\n');
  g_string_append_len (data->joined, line, (gssize) length);
  /* The line break has the offset of the byte before the line. */
  for (guint32 i = 0; i <= length; i++)
    {
      guint32 offset = (guint32) (line - event) + i - 1;

      g_array_append_val (data->offsets, offset);
    }
  data->text = data->joined->str;
  data->length = data->joined->len;
}

static void
read_line (EventData *data, const char *event, const char *line, gsize length)
{
  if (length < 5 || memcmp (line, "data:", 5) != 0)
    return;

  line += 5;
  length -= 5;
  if (length > 0 && *line == ' ')
    {
      line++;
      length--;
    }
  if (data->text != NULL)
    {
      join_line (data, event, line, length);
      return;
    }
  data->text = line;
  data->length = length;
  data->offset = (gsize) (line - event);
}

static const char *
find_line_end (const char *p, const char *end)
{
  const char *lf = memchr (p, '\n', (gsize) (end - p));
  const char *stop = lf != NULL ? lf : end;
  const char *cr = memchr (p, '\r', (gsize) (stop - p));

  return cr != NULL ? cr : stop;
}

static void
read_event_data (EventData *data, const char *event, gsize size)
{
  const char *end = event + size;
  const char *p = event;

  memset (data, 0, sizeof *data);
  if (size >= 3 && memcmp (p, "\357\273\277", 3) == 0)
    p += 3;
  while (p < end)
    {
      const char *stop = find_line_end (p, end);

      read_line (data, event, p, (gsize) (stop - p));
      p = stop < end ? stop + 1 : end;
    }
}

static gsize
get_offset (const EventData *data, gsize position)
{
  return data->offsets != NULL ? g_array_index (data->offsets, guint32, position) : data->offset + position;
}

/* Removes the member "usage" from an event, with the comma that separates it. */
static void
remove_usage (OaiUsageMeter *self, GString *event, const EventData *data)
{
  gsize begin = (gsize) self->found.usage_separator;
  gsize end = (gsize) self->found.usage_end;
  gsize next = end;
  gsize first, last;

  if (self->found.usage_is_first)
    {
      while (next < data->length && g_ascii_isspace (data->text[next]))
        next++;
      if (next < data->length && data->text[next] == ',')
        for (end = next + 1; end < data->length && (data->text[end] == ' ' || data->text[end] == '\t');)
          end++;
    }
  first = get_offset (data, begin);
  last = get_offset (data, end - 1);
  g_string_erase (event, (gssize) first, (gssize) (last + 1 - first));
}

static const char *
skip_blanks (const char *p, const char *end)
{
  while (p < end && (*p == ' ' || *p == '\t'))
    p++;

  return p;
}

static gboolean
is_object (const EventData *data)
{
  const char *end, *p;

  if (data->text == NULL)
    return FALSE;
  end = data->text + data->length;
  p = skip_blanks (data->text, end);

  return p < end && *p == '{';
}

/* Whether a member is called "usage".  with_null: also if it is null, as in most events.  Names that are escaped are not
 * found. */
static gboolean
contains_usage (const EventData *data, gboolean with_null)
{
  const char *p = data->text;
  const char *end = data->text + data->length;

  while (p != NULL && (p = oai_find_bytes (p, (gsize) (end - p), "\"usage\"", 7)) != NULL)
    {
      const char *colon = skip_blanks (p + 7, end);
      const char *value = colon < end ? skip_blanks (colon + 1, end) : end;

      if (with_null || value == end || *value != 'n')
        return TRUE;
      p = value;
    }

  return FALSE;
}

/* Reads an event; found is valid only if TRUE is returned. */
static gboolean
scan_event (OaiUsageMeter *self, const EventData *data)
{
  gboolean searching = self->usage.model == NULL && self->n_events < MAX_MODEL_EVENTS;

  if (!is_object (data) || (!searching && !contains_usage (data, self->hide)))
    return FALSE;
  if (searching)
    self->n_events++;
  scan_text (self, data->text, data->length);

  return TRUE;
}

static void
read_event (OaiUsageMeter *self, const char *event, gsize size)
{
  EventData data;

  read_event_data (&data, event, size);
  if (scan_event (self, &data))
    commit (self);
  clear_data (&data);
}

/* Appends an event to the output, without its usage.  Returns FALSE if the whole event is removed. */
static gboolean
hide_in_event (OaiUsageMeter *self, const char *event, gsize size)
{
  g_autoptr(GString) edited = NULL;
  EventData data;
  gboolean removed = FALSE;

  read_event_data (&data, event, size);
  if (scan_event (self, &data))
    {
      commit (self);
      removed = self->found.usage_is_object && self->found.empty_choices;
      /* A server may send the member twice. */
      for (guint i = 0; i < 8 && self->found.has_usage && !removed; i++)
        {
          if (edited == NULL)
            edited = g_string_new_len (event, (gssize) size);
          remove_usage (self, edited, &data);
          clear_data (&data);
          read_event_data (&data, edited->str, edited->len);
          self->found.has_usage = FALSE;
          if (contains_usage (&data, TRUE) || oai_find_bytes (data.text, data.length, "\\u", 2) != NULL)
            scan_text (self, data.text, data.length);
        }
    }
  clear_data (&data);
  if (removed)
    return FALSE;
  g_string_append_len (self->output, edited != NULL ? edited->str : event, (gssize) (edited != NULL ? edited->len : size));

  return TRUE;
}

static void
process_event (OaiUsageMeter *self, const char *event, gsize size)
{
  self->n_all_events++;
  if (self->hide)
    self->removed = !hide_in_event (self, event, size);
  else
    read_event (self, event, size);
}

/* Returns the position after the event, or NULL if it is not complete. */
static const char *
find_event_end (OaiUsageMeter *self, const char *p, const char *end)
{
  while (p < end)
    {
      const char *stop;
      gboolean blank;

      if (self->after_cr && *p == '\n')
        p++;
      self->after_cr = FALSE;
      stop = p < end ? find_line_end (p, end) : end;
      if (stop > p)
        self->line_is_empty = FALSE;
      if (stop == end)
        return NULL;

      blank = self->line_is_empty;
      self->line_is_empty = TRUE;
      self->after_cr = *stop == '\r';
      p = stop + 1;
      if (self->after_cr && p < end && *p == '\n')
        {
          self->after_cr = FALSE;
          p++;
        }
      if (blank)
        return p;
    }

  return NULL;
}

static void
pass (OaiUsageMeter *self, const char *data, gsize size)
{
  if (self->hide)
    g_string_append_len (self->output, data, (gssize) size);
}

static void
keep_pending (OaiUsageMeter *self, const char *data, gsize size)
{
  gsize pending = self->pending != NULL ? self->pending->len : 0;

  if (!self->passing && pending + size <= MAX_EVENT)
    {
      if (self->pending == NULL)
        self->pending = g_string_sized_new (MAX (size + 1, 512));
      g_string_append_len (self->pending, data, (gssize) size);
      return;
    }
  self->passing = TRUE;
  if (self->pending != NULL)
    pass (self, self->pending->str, self->pending->len);
  clear_string (&self->pending);
  pass (self, data, size);
}

/* size: of the rest of the event. */
static void
complete_event (OaiUsageMeter *self, const char *data, gsize size)
{
  g_autoptr(GString) event = NULL;

  if (self->passing || self->pending != NULL || size > MAX_EVENT)
    keep_pending (self, data, size);
  else
    process_event (self, data, size);
  if (self->passing)
    self->removed = FALSE;
  event = g_steal_pointer (&self->pending);
  self->passing = FALSE;
  if (event != NULL)
    process_event (self, event->str, event->len);
}

static void
feed_events (OaiUsageMeter *self, const char *data, gsize size)
{
  const char *p = data;
  const char *end = data + size;

  /* The LF of the CRLF with which the last event ended. */
  if (size > 0 && self->after_cr && self->pending == NULL && !self->passing)
    {
      self->after_cr = FALSE;
      if (*p == '\n' && !self->removed)
        pass (self, p, 1);
      if (*p == '\n')
        p++;
    }
  while (p < end)
    {
      const char *stop = find_event_end (self, p, end);

      if (stop == NULL)
        {
          keep_pending (self, p, (gsize) (end - p));
          return;
        }
      complete_event (self, p, (gsize) (stop - p));
      p = stop;
    }
}

static const char *
get_output (OaiUsageMeter *self, gsize *n_out)
{
  *n_out = self->output->len;

  return self->output->str;
}

const char *
oai_usage_meter_feed (OaiUsageMeter *self, const char *data, gsize size, gsize *n_out)
{
  if (self->mode == MODE_JSON)
    oai_json_scanner_feed (ensure_scanner (self), data, size);
  if (self->hide && self->output == NULL)
    self->output = g_string_sized_new (size + 1);
  if (self->hide)
    g_string_truncate (self->output, 0);
  if (self->mode == MODE_EVENTS)
    feed_events (self, data, size);
  if (self->hide)
    return get_output (self, n_out);

  *n_out = size;

  return data;
}

const char *
oai_usage_meter_end (OaiUsageMeter *self, gsize *n_out)
{
  g_autoptr(GString) event = g_steal_pointer (&self->pending);

  *n_out = 0;
  if (self->mode == MODE_JSON && self->scanner != NULL)
    {
      /* A part of the usage could be much less than all of it. */
      if (oai_json_scanner_end (self->scanner) || self->found.has_usage)
        commit (self);
      reset_found (&self->found);
    }
  if (self->output != NULL)
    g_string_truncate (self->output, 0);
  if (event != NULL)
    process_event (self, event->str, event->len);

  return self->output != NULL ? get_output (self, n_out) : "";
}

void
oai_usage_meter_feed_message (OaiUsageMeter *self, const char *data, gsize size)
{
  EventData message = { .text = data, .length = size };

  if (size <= MAX_EVENT && scan_event (self, &message))
    commit (self);
}

const OaiProxyUsage *
oai_usage_meter_get_usage (OaiUsageMeter *self)
{
  return &self->usage;
}

gboolean
oai_usage_meter_is_for_events (OaiUsageMeter *self)
{
  return self->mode == MODE_EVENTS;
}

guint64
oai_usage_meter_get_n_events (OaiUsageMeter *self)
{
  return self->n_all_events;
}
