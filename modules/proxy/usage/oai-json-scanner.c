/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-scanner-private.h"

#include <string.h>

#include "oai-json-scan-private.h"

#define MAX_NAMES 32

typedef enum
{
  VALUE,
  FIRST_ELEMENT, /* or the end of the array */
  FIRST_NAME,    /* or the end of the object */
  NAME,
  COLON,
  AFTER,         /* a value: a comma or the end of the container */
  DONE,
  STRING,
  ESCAPE,
  UNICODE,
  UTF8,
  LITERAL,
  MINUS,
  ZERO,
  INTEGER,
  DOT,
  FRACTION,
  EXPONENT,
  EXPONENT_SIGN,
  EXPONENT_DIGITS,
  FAILED
} State;

/* A value that contains the current position. */
typedef struct
{
  guint64 separator;
  guint64 begin;
  OaiJsonScannerType type;
  gboolean first;
  gboolean reported;
  gboolean empty;
} Level;

struct _OaiJsonScanner
{
  const OaiJsonScannerFuncs *funcs;
  gpointer user_data;
  guint64 lengths;      /* a bit for each length that a name has */
  guint8 name_lengths[MAX_NAMES];
  guint n_names;
  const guchar *data;   /* of the current feed() */
  guint64 base;         /* its position */
  State state;
  guint depth;          /* the number of open containers */
  guint tracked;        /* how many of them, from the outermost, are objects whose members are reported */
  guint64 objects[OAI_JSON_SCANNER_MAX_DEPTH / 64]; /* a bit for each open container */
  Level levels[OAI_JSON_SCANNER_MAX_PATH + 1];      /* by the depth of the value */
  guint8 path[OAI_JSON_SCANNER_MAX_PATH];
  guint64 comma;        /* position of the last one */
  guint64 name_begin;
  gboolean in_name;
  gboolean storing;     /* the name or the value that is being read */
  gboolean valid;       /* the text can be reported */
  const char *literal;  /* its remaining characters */
  guint16 unicode;
  guint16 high;         /* a high surrogate that was read before, or 0 */
  guint8 n_digits;
  guint8 utf8_left;
  guchar utf8_low, utf8_high;
  gsize length;
  char text[OAI_JSON_SCANNER_MAX_TEXT + 1];
};

OaiJsonScanner *
oai_json_scanner_new (const OaiJsonScannerFuncs *funcs, gpointer user_data)
{
  OaiJsonScanner *self = g_new (OaiJsonScanner, 1);

  self->funcs = funcs;
  self->user_data = user_data;
  self->lengths = 0;
  for (self->n_names = 0; funcs->names[self->n_names] != NULL; self->n_names++)
    {
      gsize length = strlen (funcs->names[self->n_names]);

      g_assert (self->n_names < MAX_NAMES && length < 64);
      self->name_lengths[self->n_names] = (guint8) length;
      self->lengths |= G_GUINT64_CONSTANT (1) << length;
    }
  oai_json_scanner_reset (self);

  return self;
}

void
oai_json_scanner_free (OaiJsonScanner *self)
{
  g_free (self);
}

void
oai_json_scanner_reset (OaiJsonScanner *self)
{
  memset ((char *) self + G_STRUCT_OFFSET (OaiJsonScanner, data), 0, G_STRUCT_OFFSET (OaiJsonScanner, text) - G_STRUCT_OFFSET (OaiJsonScanner, data));
}

static inline guint64
get_position (OaiJsonScanner *self, const guchar *p)
{
  return self->base + (guint64) (p - self->data);
}

static inline gboolean
is_object (OaiJsonScanner *self)
{
  guint index = self->depth - 1;

  return (self->objects[index / 64] >> (index % 64)) & 1;
}

static const guchar *
fail (OaiJsonScanner *self, const guchar *p)
{
  self->state = FAILED;

  return p;
}

/* The level of the value at the current depth, or NULL if it is too deep. */
static Level *
get_level (OaiJsonScanner *self)
{
  return self->depth <= OAI_JSON_SCANNER_MAX_PATH ? &self->levels[self->depth] : NULL;
}

static gboolean
is_reported (OaiJsonScanner *self)
{
  if (self->depth == 0)
    return TRUE;

  return self->depth <= OAI_JSON_SCANNER_MAX_PATH && self->tracked == self->depth && self->path[self->depth - 1] != OAI_JSON_SCANNER_OTHER;
}

static void
fill_value (OaiJsonScanner *self, const Level *level, OaiJsonScannerValue *value)
{
  memset (value, 0, sizeof *value);
  value->type = level->type;
  value->depth = self->depth;
  value->path = self->path;
  value->separator = level->separator;
  value->begin = level->begin;
  value->first = level->first;
}

static void
begin_value (OaiJsonScanner *self, const guchar *p, OaiJsonScannerType type)
{
  Level *level = get_level (self);
  OaiJsonScannerValue value;

  if (self->depth > 0 && !is_object (self) && self->depth - 1 <= OAI_JSON_SCANNER_MAX_PATH)
    self->levels[self->depth - 1].empty = FALSE;
  if (level == NULL)
    return;

  level->type = type;
  level->begin = get_position (self, p);
  level->empty = TRUE;
  level->reported = is_reported (self);
  if (!level->reported || self->funcs->begin == NULL)
    return;

  fill_value (self, level, &value);
  self->funcs->begin (&value, self->user_data);
}

/* end: position after the value. */
static void
end_value (OaiJsonScanner *self, guint64 end, const char *text)
{
  Level *level = get_level (self);
  OaiJsonScannerValue value;

  self->state = self->depth == 0 ? DONE : AFTER;
  if (level == NULL || !level->reported || self->funcs->end == NULL)
    return;

  fill_value (self, level, &value);
  value.end = end;
  value.empty = level->empty && (level->type == OAI_JSON_SCANNER_ARRAY || level->type == OAI_JSON_SCANNER_OBJECT);
  value.text = text;
  self->funcs->end (&value, self->user_data);
}

static const guchar *
open_container (OaiJsonScanner *self, const guchar *p)
{
  gboolean object = *p == '{';
  guint64 bit;

  if (self->depth == OAI_JSON_SCANNER_MAX_DEPTH)
    return fail (self, p);

  begin_value (self, p, object ? OAI_JSON_SCANNER_OBJECT : OAI_JSON_SCANNER_ARRAY);
  if (object && self->tracked == self->depth && self->depth < OAI_JSON_SCANNER_MAX_PATH && is_reported (self))
    self->tracked++;
  bit = G_GUINT64_CONSTANT (1) << (self->depth % 64);
  if (object)
    self->objects[self->depth / 64] |= bit;
  else
    self->objects[self->depth / 64] &= ~bit;
  self->depth++;
  self->state = object ? FIRST_NAME : FIRST_ELEMENT;

  return p + 1;
}

static const guchar *
close_container (OaiJsonScanner *self, const guchar *p)
{
  if (is_object (self) != (*p == '}'))
    return fail (self, p);

  if (self->tracked == self->depth)
    self->tracked--;
  self->depth--;
  end_value (self, get_position (self, p) + 1, NULL);

  return p + 1;
}

static void
begin_text (OaiJsonScanner *self, gboolean storing)
{
  self->length = 0;
  self->storing = storing;
  self->valid = TRUE;
  self->high = 0;
}

static void
store (OaiJsonScanner *self, const void *data, gsize size)
{
  if (!self->storing || size == 0)
    return;
  if (size > OAI_JSON_SCANNER_MAX_TEXT - self->length)
    {
      self->storing = FALSE;
      self->valid = FALSE;
      return;
    }
  memcpy (self->text + self->length, data, size);
  self->length += size;
}

static const char *
get_text (OaiJsonScanner *self)
{
  if (!self->storing || !self->valid)
    return NULL;
  self->text[self->length] = '\0';

  return self->text;
}

static const guchar *
begin_literal (OaiJsonScanner *self, const guchar *p, OaiJsonScannerType type, const char *literal)
{
  begin_value (self, p, type);
  self->storing = FALSE;
  self->literal = literal + 1;
  self->state = LITERAL;

  return p + 1;
}

static const guchar *
begin_string (OaiJsonScanner *self, const guchar *p)
{
  begin_value (self, p, OAI_JSON_SCANNER_STRING);
  begin_text (self, is_reported (self));
  self->in_name = FALSE;
  self->state = STRING;

  return p + 1;
}

static const guchar *
begin_number (OaiJsonScanner *self, const guchar *p)
{
  begin_value (self, p, OAI_JSON_SCANNER_NUMBER);
  begin_text (self, is_reported (self));
  store (self, p, 1);
  self->state = *p == '-' ? MINUS : *p == '0' ? ZERO : INTEGER;

  return p + 1;
}

static const guchar *
read_value (OaiJsonScanner *self, const guchar *p)
{
  switch (*p)
    {
    case '"':
      return begin_string (self, p);
    case '{':
    case '[':
      return open_container (self, p);
    case 't':
      return begin_literal (self, p, OAI_JSON_SCANNER_TRUE, "true");
    case 'f':
      return begin_literal (self, p, OAI_JSON_SCANNER_FALSE, "false");
    case 'n':
      return begin_literal (self, p, OAI_JSON_SCANNER_NULL, "null");
    case 'N':
      return self->funcs->tolerant ? begin_literal (self, p, OAI_JSON_SCANNER_NUMBER, "NaN") : fail (self, p);
    case 'I':
      return self->funcs->tolerant ? begin_literal (self, p, OAI_JSON_SCANNER_NUMBER, "Infinity") : fail (self, p);
    default:
      return *p == '-' || g_ascii_isdigit (*p) ? begin_number (self, p) : fail (self, p);
    }
}

static const guchar *
read_name (OaiJsonScanner *self, const guchar *p)
{
  if (*p == '}' && self->state == FIRST_NAME)
    return close_container (self, p);
  if (*p != '"')
    return fail (self, p);

  self->name_begin = get_position (self, p);
  begin_text (self, self->tracked == self->depth);
  self->in_name = TRUE;
  if (self->depth <= OAI_JSON_SCANNER_MAX_PATH)
    {
      self->levels[self->depth].first = self->levels[self->depth - 1].empty;
      self->levels[self->depth].separator = self->levels[self->depth].first ? self->name_begin : self->comma;
    }
  if (self->depth - 1 <= OAI_JSON_SCANNER_MAX_PATH)
    self->levels[self->depth - 1].empty = FALSE;
  self->state = STRING;

  return p + 1;
}

static const guchar *
read_after (OaiJsonScanner *self, const guchar *p)
{
  if (*p == '}' || *p == ']')
    return close_container (self, p);
  if (*p != ',')
    return fail (self, p);

  self->comma = get_position (self, p);
  self->state = is_object (self) ? NAME : VALUE;

  return p + 1;
}

/* Between tokens. */
static const guchar *
read_structure (OaiJsonScanner *self, const guchar *p, const guchar *end)
{
  while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    p++;
  if (p == end)
    return p;

  switch ((int) self->state)
    {
    case VALUE:
      return read_value (self, p);
    case FIRST_ELEMENT:
      return *p == ']' ? close_container (self, p) : read_value (self, p);
    case FIRST_NAME:
    case NAME:
      return read_name (self, p);
    case COLON:
      self->state = VALUE;
      return *p == ':' ? p + 1 : fail (self, p);
    case AFTER:
      return read_after (self, p);
    default:
      return fail (self, p);
    }
}

/* The letters K and S outside of ASCII become "k" and "s" in lower case, or have these in upper case. */
gboolean
oai_json_scanner_is_similar (const char *text, const char *name)
{
  for (; *name != '\0'; name++)
    {
      if (g_ascii_tolower (*text) == *name)
        text++;
      else if (*name == 'k' && strncmp (text, "\342\204\252", 3) == 0)
        text += 3;
      else if (*name == 's' && strncmp (text, "\305\277", 2) == 0)
        text += 2;
      else
        return FALSE;
    }

  return *text == '\0';
}

static void
report_similar (OaiJsonScanner *self, const char *text)
{
  const char *p = text;

  while (*p != '\0' && !g_ascii_isupper (*p) && (guchar) *p < 0x80)
    p++;
  if (*p == '\0')
    return;

  for (guint i = 0; i < self->n_names; i++)
    if (oai_json_scanner_is_similar (text, self->funcs->names[i]))
      self->funcs->similar (i, self->depth, self->path, self->user_data);
}

/* text: of self->length bytes. */
static guint8
find_name (OaiJsonScanner *self, const char *text)
{
  if (self->length < 64 && ((self->lengths >> self->length) & 1) != 0)
    for (guint i = 0; i < self->n_names; i++)
      if (self->name_lengths[i] == self->length && memcmp (text, self->funcs->names[i], self->length) == 0)
        return (guint8) i;
  if (self->funcs->similar != NULL)
    report_similar (self, text);

  return OAI_JSON_SCANNER_OTHER;
}

static const guchar *
end_string (OaiJsonScanner *self, const guchar *p)
{
  const char *text;

  if (self->high != 0)
    self->valid = FALSE;
  if (!self->in_name)
    {
      text = get_text (self);
      end_value (self, get_position (self, p) + 1, text);
      return p + 1;
    }
  /* A name that is too long is valid, but none of those that are searched for. */
  if (!self->valid && !self->funcs->tolerant && (self->storing || self->tracked != self->depth))
    return fail (self, p);
  if (self->tracked == self->depth)
    {
      text = get_text (self);
      self->path[self->depth - 1] = text != NULL ? find_name (self, text) : OAI_JSON_SCANNER_OTHER;
    }
  self->state = COLON;

  return p + 1;
}

static const guchar *
begin_utf8 (OaiJsonScanner *self, const guchar *p)
{
  guchar c = *p;

  if (c < 0xc2 || c > 0xf4)
    return fail (self, p);

  self->utf8_left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
  self->utf8_low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
  self->utf8_high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
  store (self, p, 1);
  self->state = UTF8;

  return p + 1;
}

static const guchar *
read_utf8 (OaiJsonScanner *self, const guchar *p)
{
  if (*p < self->utf8_low || *p > self->utf8_high)
    return fail (self, p);

  self->utf8_low = 0x80;
  self->utf8_high = 0xbf;
  store (self, p, 1);
  if (--self->utf8_left == 0)
    self->state = STRING;

  return p + 1;
}

static const guchar *
read_string (OaiJsonScanner *self, const guchar *p, const guchar *end)
{
  const guchar *plain = oai_json_scan_plain (p, end);

  if (plain > p)
    {
      if (self->high != 0)
        self->valid = FALSE;
      self->high = 0;
      store (self, p, (gsize) (plain - p));
    }
  if (plain == end)
    return end;
  if (*plain == '"')
    return end_string (self, plain);
  if (*plain == '\\')
    {
      self->state = ESCAPE;
      return plain + 1;
    }
  if (self->high != 0)
    self->valid = FALSE;
  self->high = 0;
  if (self->funcs->tolerant)
    {
      store (self, plain, 1);
      return plain + 1;
    }

  return *plain < 0x20 ? fail (self, plain) : begin_utf8 (self, plain);
}

static const guchar *
read_escape (OaiJsonScanner *self, const guchar *p)
{
  static const char from[] = "\"\\/bfnrt";
  static const char to[] = "\"\\/\b\f\n\r\t";
  const char *found;

  if (*p == 'u')
    {
      self->unicode = 0;
      self->n_digits = 0;
      self->state = UNICODE;
      return p + 1;
    }
  found = *p != '\0' ? strchr (from, *p) : NULL;
  if (found == NULL)
    return fail (self, p);

  if (self->high != 0)
    self->valid = FALSE;
  self->high = 0;
  store (self, &to[found - from], 1);
  self->state = STRING;

  return p + 1;
}

static void
store_character (OaiJsonScanner *self, gunichar c)
{
  char utf8[6];

  /* C programs would read the text up to here only. */
  if (c == 0)
    self->valid = FALSE;
  store (self, utf8, (gsize) g_unichar_to_utf8 (c, utf8));
}

static void
end_unicode (OaiJsonScanner *self)
{
  guint16 high = self->high;
  guint16 c = self->unicode;

  self->state = STRING;
  self->high = 0;
  if (c >= 0xdc00 && c <= 0xdfff && high != 0)
    {
      store_character (self, 0x10000 + ((gunichar) (high - 0xd800) << 10) + (c - 0xdc00));
      return;
    }
  if (high != 0 || (c >= 0xdc00 && c <= 0xdfff))
    self->valid = FALSE;
  if (c >= 0xd800 && c <= 0xdbff)
    self->high = c;
  else if (c < 0xd800 || c > 0xdfff)
    store_character (self, c);
}

static const guchar *
read_unicode (OaiJsonScanner *self, const guchar *p)
{
  int digit = g_ascii_xdigit_value ((char) *p);

  if (digit < 0)
    return fail (self, p);

  self->unicode = (guint16) (self->unicode << 4 | digit);
  if (++self->n_digits == 4)
    end_unicode (self);

  return p + 1;
}

static const guchar *
read_literal (OaiJsonScanner *self, const guchar *p)
{
  if (*p != (guchar) *self->literal)
    return fail (self, p);
  if (*++self->literal == '\0')
    end_value (self, get_position (self, p) + 1, NULL);

  return p + 1;
}

static gboolean
is_number_complete (OaiJsonScanner *self)
{
  return self->state == ZERO || self->state == INTEGER || self->state == FRACTION || self->state == EXPONENT_DIGITS;
}

/* The state after a character of a number; FAILED if it does not belong to it. */
static State
get_next_number_state (State state, guchar c)
{
  gboolean digit = g_ascii_isdigit (c);

  switch ((int) state)
    {
    case MINUS:
      return c == '0' ? ZERO : digit ? INTEGER : FAILED;
    case ZERO:
    case INTEGER:
      if (digit && state == INTEGER)
        return INTEGER;
      return c == '.' ? DOT : c == 'e' || c == 'E' ? EXPONENT : FAILED;
    case DOT:
      return digit ? FRACTION : FAILED;
    case FRACTION:
      return digit ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : FAILED;
    case EXPONENT:
      return digit ? EXPONENT_DIGITS : c == '+' || c == '-' ? EXPONENT_SIGN : FAILED;
    default:
      return digit ? EXPONENT_DIGITS : FAILED;
    }
}

static const guchar *
read_number (OaiJsonScanner *self, const guchar *p, const guchar *end)
{
  const guchar *begin = p;

  if (self->state == MINUS && *p == 'I' && self->funcs->tolerant)
    {
      self->storing = FALSE;
      self->literal = "nfinity";
      self->state = LITERAL;
      return p + 1;
    }
  for (; p < end; p++)
    {
      State next = get_next_number_state (self->state, *p);

      if (next != FAILED)
        {
          self->state = next;
          continue;
        }
      if (!is_number_complete (self))
        return fail (self, p);
      store (self, begin, (gsize) (p - begin));
      end_value (self, get_position (self, p), get_text (self));
      return p;
    }
  store (self, begin, (gsize) (end - begin));

  return end;
}

static const guchar *
read_some (OaiJsonScanner *self, const guchar *p, const guchar *end)
{
  switch (self->state)
    {
    case STRING:
      return read_string (self, p, end);
    case ESCAPE:
      return read_escape (self, p);
    case UNICODE:
      return read_unicode (self, p);
    case UTF8:
      return read_utf8 (self, p);
    case LITERAL:
      return read_literal (self, p);
    case MINUS:
    case ZERO:
    case INTEGER:
    case DOT:
    case FRACTION:
    case EXPONENT:
    case EXPONENT_SIGN:
    case EXPONENT_DIGITS:
      return read_number (self, p, end);
    case VALUE:
    case FIRST_ELEMENT:
    case FIRST_NAME:
    case NAME:
    case COLON:
    case AFTER:
    case DONE:
    case FAILED:
    default:
      return read_structure (self, p, end);
    }
}

gboolean
oai_json_scanner_feed (OaiJsonScanner *self, const char *data, gsize size)
{
  const guchar *p = (const guchar *) data;
  const guchar *end = p + size;

  if (self->state == FAILED)
    return FALSE;

  self->data = p;
  while (p < end && self->state != FAILED)
    p = read_some (self, p, end);
  self->base = get_position (self, p);
  self->data = p;

  return self->state != FAILED;
}

gboolean
oai_json_scanner_end (OaiJsonScanner *self)
{
  if (is_number_complete (self) && self->depth == 0)
    end_value (self, self->base, get_text (self));

  return self->state == DONE;
}

guint64
oai_json_scanner_get_position (OaiJsonScanner *self)
{
  return self->base;
}
