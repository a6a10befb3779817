/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-form-scanner-private.h"

#include <string.h>

#include "oai-header-parameters-private.h"

#define MAX_DELIMITER 72
#define MAX_HEADER 8192
#define MAX_PARTS 1000

typedef enum
{
  START,            /* the first delimiter */
  AFTER_DELIMITER,  /* CRLF or "--" */
  CARRIAGE_RETURN,  /* the LF after it */
  DASH,             /* the second one of the end */
  HEADER,
  HEADER_END,       /* the LF of a line */
  CONTENT,
  END,              /* CRLF or nothing */
  END_LF,
  EPILOGUE,         /* nothing */
  FAILED
} State;

struct _OaiFormScanner
{
  char delimiter[MAX_DELIMITER + 1];
  guint8 fallback[MAX_DELIMITER + 1]; /* of the algorithm of Knuth, Morris and Pratt */
  gsize delimiter_length;
  const char *const *names;
  OaiFormScannerFunc func;
  gpointer user_data;
  State state;
  guint matched;        /* bytes of the delimiter */
  gboolean after_crlf;  /* the matched bytes begin a line */
  char last[2];         /* the bytes of the content before the current one */
  guint n_parts;
  guint header_size;    /* of the part */
  GString *line;
  gboolean disposition; /* was read */
  gboolean file;
  int name;             /* -1: none of names */
  guint64 length;       /* of the content that was stored, or would be if there were room */
  char text[OAI_FORM_SCANNER_MAX_TEXT + MAX_DELIMITER + 3];
};

static void
fill_fallback (OaiFormScanner *self)
{
  guint k = 0;

  self->fallback[0] = 0;
  self->fallback[1] = 0;
  for (guint i = 1; i < self->delimiter_length; i++)
    {
      while (k > 0 && self->delimiter[i] != self->delimiter[k])
        k = self->fallback[k];
      if (self->delimiter[i] == self->delimiter[k])
        k++;
      self->fallback[i + 1] = (guint8) k;
    }
}

OaiFormScanner *
oai_form_scanner_new (const char *boundary, const char *const *names, OaiFormScannerFunc func, gpointer user_data)
{
  OaiFormScanner *self = g_new0 (OaiFormScanner, 1);

  g_snprintf (self->delimiter, sizeof self->delimiter, "--%s", boundary);
  self->delimiter_length = strlen (self->delimiter);
  self->names = names;
  self->func = func;
  self->user_data = user_data;
  self->line = g_string_new (NULL);
  fill_fallback (self);

  return self;
}

void
oai_form_scanner_free (OaiFormScanner *self)
{
  g_string_free (self->line, TRUE);
  g_free (self);
}

static const char *
fail (OaiFormScanner *self, const char *p)
{
  self->state = FAILED;

  return p;
}

/* Names that differ in case or have an index are read like the name by some servers. */
static gboolean
find_name (OaiFormScanner *self, const char *name)
{
  for (int i = 0; self->names[i] != NULL; i++)
    {
      gsize length = strlen (self->names[i]);

      if (strcmp (name, self->names[i]) == 0)
        self->name = i;
      else if (g_ascii_strncasecmp (name, self->names[i], length) == 0 && (name[length] == '\0' || name[length] == '['))
        return FALSE;
    }

  return TRUE;
}

static gboolean
read_disposition_parameter (OaiFormScanner *self, const char *name, const char *value, gboolean *named)
{
  if (strcmp (name, "name") == 0)
    {
      if (*named || strchr (value, '\\') != NULL)
        return FALSE;
      *named = TRUE;
      return find_name (self, value);
    }
  if (strcmp (name, "filename") == 0)
    self->file = TRUE;
  else if (g_str_has_prefix (name, "filename*"))
    self->file = TRUE;
  else
    return FALSE;

  return TRUE;
}

static gboolean
read_disposition (OaiFormScanner *self, const char *rest)
{
  g_autofree char *type = oai_header_read_value (&rest);
  gboolean named = FALSE;
  char *name, *value;

  if (self->disposition || g_strcmp0 (type, "form-data") != 0)
    return FALSE;

  self->disposition = TRUE;
  while (oai_header_read_parameter (&rest, &name, &value))
    {
      gboolean valid = read_disposition_parameter (self, name, value, &named);

      g_free (name);
      g_free (value);
      if (!valid)
        return FALSE;
    }

  return *rest == '\0' && named;
}

static gboolean
read_header (OaiFormScanner *self)
{
  const char *colon = strchr (self->line->str, ':');
  g_autofree char *name = colon != NULL ? g_ascii_strdown (self->line->str, colon - self->line->str) : NULL;

  if (name == NULL || *name == '\0' || strpbrk (name, " \t") != NULL)
    return FALSE;
  if (strcmp (name, "content-disposition") == 0)
    return read_disposition (self, colon + 1);
  if (strcmp (name, "content-transfer-encoding") == 0)
    {
      const char *rest = colon + 1;
      g_autofree char *value = oai_header_read_value (&rest);

      return *rest == '\0' && (g_strcmp0 (value, "binary") == 0 || g_strcmp0 (value, "8bit") == 0 || g_strcmp0 (value, "7bit") == 0);
    }

  return TRUE;
}

static gboolean
begin_content (OaiFormScanner *self)
{
  if (!self->disposition)
    return FALSE;

  self->state = CONTENT;
  self->matched = 0;
  self->last[0] = self->last[1] = '\0';
  self->length = 0;

  return TRUE;
}

static gboolean
end_header (OaiFormScanner *self)
{
  gboolean valid;

  self->state = HEADER;
  if (self->line->len == 0)
    return begin_content (self);

  valid = read_header (self);
  g_string_truncate (self->line, 0);

  return valid;
}

static gboolean
begin_part (OaiFormScanner *self)
{
  self->state = HEADER;
  self->header_size = 0;
  self->disposition = FALSE;
  self->file = FALSE;
  self->name = -1;

  return ++self->n_parts <= MAX_PARTS;
}

static const char *
read_header_bytes (OaiFormScanner *self, const char *p, const char *end)
{
  for (; p < end && *p != '\r'; p++)
    {
      if (++self->header_size > MAX_HEADER || ((guchar) *p < 0x20 && *p != '\t') || *p == 0x7f)
        return fail (self, p);
      g_string_append_c (self->line, *p);
    }
  if (p == end)
    return p;
  self->state = HEADER_END;

  return p + 1;
}

static void
store (OaiFormScanner *self, const char *data, gsize size)
{
  if (self->name < 0)
    return;
  if (self->length < sizeof self->text)
    memcpy (self->text + self->length, data, MIN (size, sizeof self->text - self->length));
  self->length += size;
}

static void
end_content (OaiFormScanner *self)
{
  gsize length;

  self->state = AFTER_DELIMITER;
  if (self->name < 0)
    return;

  length = self->length - self->delimiter_length - 2;
  if (self->file || length > OAI_FORM_SCANNER_MAX_TEXT)
    {
      self->func ((guint) self->name, NULL, 0, self->user_data);
      return;
    }
  self->text[length] = '\0';
  self->func ((guint) self->name, self->text, length, self->user_data);
}

/* Adds a byte to the bytes that match the delimiter. */
static void
match (OaiFormScanner *self, char c)
{
  if (self->matched == 0)
    self->after_crlf = self->last[0] == '\r' && self->last[1] == '\n';
  while (self->matched > 0 && c != self->delimiter[self->matched])
    {
      /* What precedes the shorter match is a part of the delimiter, and no line end. */
      self->matched = self->fallback[self->matched];
      self->after_crlf = FALSE;
    }
  if (c == self->delimiter[self->matched])
    self->matched++;
  self->last[0] = self->last[1];
  self->last[1] = c;
}

/* Keeps the last two bytes of content without a dash. */
static const char *
skip_content (OaiFormScanner *self, const char *p, const char *end)
{
  const char *dash = memchr (p, '-', (gsize) (end - p));
  const char *stop = dash != NULL ? dash : end;

  if (stop - p >= 2)
    memcpy (self->last, stop - 2, 2);
  else if (stop - p == 1)
    {
      self->last[0] = self->last[1];
      self->last[1] = *p;
    }

  return stop;
}

static const char *
read_content (OaiFormScanner *self, const char *p, const char *end)
{
  const char *begin = p;

  while (p < end)
    {
      if (self->matched == 0)
        p = skip_content (self, p, end);
      if (p == end)
        break;
      match (self, *p++);
      if (self->matched < self->delimiter_length)
        continue;
      store (self, begin, (gsize) (p - begin));
      if (!self->after_crlf)
        return fail (self, p);
      end_content (self);
      return p;
    }
  store (self, begin, (gsize) (p - begin));

  return p;
}

static gboolean
read_start (OaiFormScanner *self, char c)
{
  if (c != self->delimiter[self->matched])
    return FALSE;
  if (++self->matched == self->delimiter_length)
    self->state = AFTER_DELIMITER;

  return TRUE;
}

static gboolean
read_byte (OaiFormScanner *self, char c)
{
  switch ((int) self->state)
    {
    case START:
      return read_start (self, c);
    case AFTER_DELIMITER:
      self->state = c == '\r' ? CARRIAGE_RETURN : DASH;
      return c == '\r' || c == '-';
    case CARRIAGE_RETURN:
      return c == '\n' && begin_part (self);
    case DASH:
      self->state = END;
      return c == '-';
    case HEADER_END:
      return c == '\n' && end_header (self);
    case END:
      self->state = END_LF;
      return c == '\r';
    case END_LF:
      self->state = EPILOGUE;
      return c == '\n';
    default:
      return FALSE;
    }
}

gboolean
oai_form_scanner_feed (OaiFormScanner *self, const char *data, gsize size)
{
  const char *p = data;
  const char *end = data + size;

  while (p < end && self->state != FAILED)
    {
      if (self->state == CONTENT)
        p = read_content (self, p, end);
      else if (self->state == HEADER)
        p = read_header_bytes (self, p, end);
      else if (!read_byte (self, *p++))
        self->state = FAILED;
    }

  return self->state != FAILED;
}

gboolean
oai_form_scanner_end (OaiFormScanner *self)
{
  return self->state == END || self->state == EPILOGUE;
}
