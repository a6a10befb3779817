/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parser makes one pass over the bytes, without recursion: the cell of an open container
 * refers to its parent.  Strings are scanned sixteen bytes at a time, and unescaped in place, since
 * an escape is never shorter than its character.  Only U+FFFD, in place of invalid UTF-8 and raw
 * NULs, may need more space; a string with such a replacement is built in the side buffer. */

#include "oai-json-parser-private.h"

#include "oai-error.h"
#include "oai-json-beginning-private.h"
#include "oai-json-number-private.h"
#include "oai-json-scan-private.h"
#include "oai-json-tape-private.h"
#include "oai-large-pages-private.h"

/* A number of cells that take one megabyte. */
#define LARGE (64 * 1024)

typedef struct
{
  OaiJsonDoc *doc;
  guchar *start;
  guchar *p; /* current position of the slow paths; position of the error */
  guchar *end;
  gboolean tolerant;
  gboolean lone_surrogates;
  OaiJsonCell *cell; /* the next free cell; last_cell is the end of the allocated cells */
  OaiJsonCell *last_cell;
  guint32 open;  /* the innermost open container, or OAI_JSON_NONE */
  guint32 count; /* number of values in it so far */
  char closer;   /* the bracket that closes it */
  guint depth;
  guint max_depth;
  gboolean number_arrays; /* whether numbers in long arrays get no cells */
  const guchar *special;  /* the first string with an escape or a replaced byte, or NULL */
  const char *expected; /* what was expected at p when parsing failed */
} Parser;

/* The string that is being unescaped, in place or in the side buffer. */
typedef struct
{
  guchar *start;
  guchar *w;
  GString *side;
  gsize side_start;
  gunichar low;     /* low surrogate at the beginning, or 0 */
  gunichar high;    /* high surrogate that ends at high_end, or 0 */
  guchar *high_end;
} Text;

static gboolean
fail (Parser *self, guchar *at, const char *expected)
{
  self->p = at;
  self->expected = expected;
  return FALSE;
}

/* Returns how many cells to allocate.  For a large text, estimates the total number of cells from
 * the cells per byte so far.  The estimate may be too low after replaced bytes, whose offsets are
 * those in the side buffer. */
static guint32
get_next_size (Parser *self, const guchar *at, guint32 used)
{
  guint64 read = (guint64) (at - self->start) + 1, all = (guint64) (self->end - self->start), size;

  if (used == 0)
    return 64;
  if (used < LARGE)
    return used * 2;

  size = (guint64) ((double) used * (double) all / (double) read * 1.02) + LARGE;

  return (guint32) CLAMP (size, (guint64) used + LARGE, MIN ((guint64) used * 64, G_MAXUINT32));
}

static G_GNUC_NO_INLINE OaiJsonCell *
grow (Parser *self, const guchar *at)
{
  OaiJsonDoc *doc = self->doc;
  guint32 used = doc->n_allocated;

  doc->n_allocated = get_next_size (self, at, used);
  doc->cells = g_renew (OaiJsonCell, doc->cells, doc->n_allocated);
  self->last_cell = doc->cells + doc->n_allocated;
  if (doc->n_allocated > LARGE)
    oai_large_pages_advise (doc->cells, (gsize) doc->n_allocated * sizeof (OaiJsonCell));

  return doc->cells + used;
}

static inline G_ALWAYS_INLINE OaiJsonCell *
push (Parser *self, OaiJsonType type, guint flags, const guchar *text, gsize length)
{
  OaiJsonCell *cell = self->cell;

  if (G_UNLIKELY (cell == self->last_cell))
    cell = grow (self, text);

  self->cell = cell + 1;
  cell->offset = (guint32) (text - self->start);
  cell->length = (guint32) length;
  cell->type = (guint8) type;
  cell->state = OAI_JSON_TEXT;
  cell->flags = (guint16) flags;

  return cell;
}

static inline guint32
count_cells (Parser *self)
{
  return (guint32) (self->cell - self->doc->cells);
}

/* Skips white space.  Optimised for line ends followed by indentation. */
static inline guchar *
skip_space (guchar *p, const guchar *end)
{
  if (p < end && *p == '\n')
    p++;
  while (end - p >= 8 && memcmp (p, "        ", 8) == 0)
    p += 8;
  while (p < end && *p <= ' ' && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    p++;

  return p;
}

static void
put (Text *text, const void *bytes, gsize length)
{
  if (text->side != NULL)
    {
      g_string_append_len (text->side, bytes, (gssize) length);
      return;
    }

  if (text->w != bytes)
    memmove (text->w, bytes, length);
  text->w += length;
}

/* Continues in the side buffer, since the replacement may be longer than the bytes. */
static void
put_replacement (Parser *self, Text *text)
{
  OaiJsonDoc *doc = self->doc;

  if (text->side == NULL)
    {
      if (doc->side == NULL)
        doc->side = g_string_new (NULL);
      text->side = doc->side;
      text->side_start = doc->side->len;
      g_string_append_len (text->side, (char *) text->start, text->w - text->start);
    }
  g_string_append (text->side, OAI_JSON_REPLACEMENT);
}

static int
read_hex (const guchar *p, const guchar *end)
{
  int value = 0;
  int i;

  if (end - p < 4)
    return -1;
  for (i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value ((char) p[i]);

      if (digit < 0)
        return -1;
      value = value * 16 + digit;
    }

  return value;
}

/* Notes a lone surrogate.  p is at the "u" of its escape. */
static void
note_surrogate (Parser *self, Text *text, gunichar surrogate)
{
  if (surrogate < 0xdc00)
    {
      text->high = surrogate;
      text->high_end = self->p + strlen ("u0000");
    }
  else if (self->p == text->start + strlen ("\\"))
    {
      text->low = surrogate;
    }
}

/* p is at the "u" of an escape. */
static gboolean
unescape_unicode (Parser *self, Text *text)
{
  int code = read_hex (self->p + 1, self->end);
  char bytes[6];

  if (code < 0)
    return fail (self, self->p, "four hexadecimal digits after “\\u”");

  if (code >= 0xd800 && code < 0xdc00 && self->end - self->p >= 11 && self->p[5] == '\\' && self->p[6] == 'u')
    {
      int low = read_hex (self->p + 7, self->end);

      if (low >= 0xdc00 && low < 0xe000)
        {
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          self->p += 6;
        }
    }
  if (code >= 0xd800 && code < 0xe000)
    {
      if (!self->lone_surrogates)
        return fail (self, self->p, "both halves of a surrogate pair");
      note_surrogate (self, text, (gunichar) code);
      code = 0xfffd;
    }
  self->p += 5;
  put (text, bytes, (gsize) g_unichar_to_utf8 (code == 0 ? 0xfffd : (gunichar) code, bytes));

  return TRUE;
}

/* p is after a backslash. */
static gboolean
unescape (Parser *self, Text *text)
{
  static const char names[] = "\"\\/bfnrt";
  static const char values[] = "\"\\/\b\f\n\r\t";
  const char *name;

  if (self->p == self->end)
    return fail (self, self->p, "the rest of an escape");
  if (*self->p == 'u')
    return unescape_unicode (self, text);

  name = *self->p == '\0' ? NULL : strchr (names, *self->p);
  if (name == NULL)
    return fail (self, self->p, "an escape that JSON knows");

  put (text, &values[name - names], 1);
  self->p++;

  return TRUE;
}

/* Takes an escape, a control character or a sequence of UTF-8. */
static gboolean
take_special (Parser *self, Text *text)
{
  int length;

  if (*self->p == '\\')
    {
      self->p++;
      return unescape (self, text);
    }
  if (*self->p < 0x20 && !self->tolerant)
    return fail (self, self->p, "an escape instead of a control character");
  if (*self->p == '\0')
    {
      put_replacement (self, text);
      self->p++;
      return TRUE;
    }

  length = oai_json_scan_utf8 (self->p, self->end);
  if (length > 0)
    {
      put (text, self->p, (gsize) length);
      self->p += length;
      return TRUE;
    }
  if (!self->tolerant)
    return fail (self, self->p, "UTF-8");
  put_replacement (self, text);
  self->p -= length;

  return TRUE;
}

static guchar *
finish_text (Parser *self, Text *text)
{
  if (text->high_end != self->p)
    text->high = 0;
  if (text->low != 0 || text->high != 0)
    oai_json_doc_add_surrogates (self->doc, count_cells (self), text->low, text->high);

  if (text->side == NULL)
    {
      push (self, OAI_JSON_STRING, 0, text->start, (gsize) (text->w - text->start));
      *text->w = '\0';
      return self->p + 1;
    }

  if (text->side->len >= G_MAXUINT32)
    {
      fail (self, self->p, "less text that has to be repaired");
      return NULL;
    }
  push (self, OAI_JSON_STRING, OAI_JSON_CELL_SIDE, self->start + text->side_start, text->side->len - text->side_start);
  g_string_append_c (text->side, '\0');

  return self->p + 1;
}

static G_GNUC_NO_INLINE guchar *
parse_special_string (Parser *self, guchar *start, guchar *p)
{
  Text text = { .start = start, .w = p };

  if (self->special == NULL)
    self->special = start;
  self->p = p;
  while (self->p < self->end && *self->p != '"')
    {
      const guchar *plain;

      if (!take_special (self, &text))
        return NULL;
      plain = oai_json_scan_plain (self->p, self->end);
      if (plain > self->p)
        put (&text, self->p, (gsize) (plain - self->p));
      self->p = (guchar *) plain;
    }
  if (self->p < self->end)
    return finish_text (self, &text);

  fail (self, self->p, "the end of a string");
  return NULL;
}

/* The following functions parse at p, and return the end of the parsed text, or NULL. */

/* p is at the opening quote. */
static inline G_ALWAYS_INLINE guchar *
parse_string (Parser *self, guchar *p)
{
  guchar *start = p + 1;

  p = (guchar *) oai_json_scan_plain (start, self->end);
  if (G_UNLIKELY (p == self->end || *p != '"'))
    return parse_special_string (self, start, p);

  push (self, OAI_JSON_STRING, 0, start, (gsize) (p - start));
  *p = '\0';

  return p + 1;
}

static inline guchar *
skip_digits (guchar *p, const guchar *end)
{
  while (end - p >= 8 && oai_json_are_digits (p))
    p += 8;
  while (p < end && (guchar) (*p - '0') <= 9)
    p++;

  return p;
}

static G_GNUC_NO_INLINE guchar *
fail_here (Parser *self, guchar *p, const char *expected)
{
  fail (self, p, expected);

  return NULL;
}

static guchar *
parse_fraction (Parser *self, guchar *p)
{
  guchar *end = self->end, *digits;

  if (*p == '.')
    {
      digits = p + 1;
      p = skip_digits (digits, end);
      if (p == digits)
        return fail_here (self, p, "a digit");
    }
  if (p < end && (*p == 'e' || *p == 'E'))
    {
      digits = p + 1;
      if (digits < end && (*digits == '+' || *digits == '-'))
        digits++;
      p = skip_digits (digits, end);
      if (p == digits)
        return fail_here (self, p, "a digit");
    }

  return p;
}

static inline G_ALWAYS_INLINE guchar *
parse_word (Parser *self, guchar *p, const char *word, gsize length, OaiJsonType type, guint flags)
{
  if (G_UNLIKELY ((gsize) (self->end - p) < length || memcmp (p, word, length) != 0))
    return fail_here (self, p, "a value");

  push (self, type, flags, p, type == OAI_JSON_BOOLEAN ? length == 4 : length);

  return p + length;
}

static guchar *
parse_number (Parser *self, guchar *p)
{
  guchar *start = p, *end = self->end, *digits;
  OaiJsonType type = OAI_JSON_INT;
  guint flags = 0;

  if (*p == '-')
    p++;
  if (G_UNLIKELY (p > start && self->tolerant && p < end && *p == 'I'))
    return parse_word (self, start, "-Infinity", 9, OAI_JSON_DOUBLE, OAI_JSON_CELL_NOT_FINITE);

  digits = p;
  p = p < end && *p == '0' ? p + 1 : skip_digits (p, end);
  if (p == digits)
    return fail_here (self, p, "a digit");

  if (p < end && (*p == '.' || *p == 'e' || *p == 'E'))
    {
      p = parse_fraction (self, p);
      if (p == NULL)
        return NULL;
      type = OAI_JSON_DOUBLE;
    }
  else if (p - start >= 19 && !oai_json_number_fits ((char *) start, (gsize) (p - start)))
    {
      type = OAI_JSON_DOUBLE;
      flags = OAI_JSON_CELL_BIG;
    }
  push (self, type, flags, start, (gsize) (p - start));

  return p;
}

static inline G_ALWAYS_INLINE guchar *
parse_scalar (Parser *self, guchar *p)
{
  switch (*p)
    {
    case 't':
      return parse_word (self, p, "true", 4, OAI_JSON_BOOLEAN, 0);
    case 'f':
      return parse_word (self, p, "false", 5, OAI_JSON_BOOLEAN, 0);
    case 'n':
      return parse_word (self, p, "null", 4, OAI_JSON_NULL, 0);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return parse_number (self, p);
    default:
      if (self->tolerant && *p == 'N')
        return parse_word (self, p, "NaN", 3, OAI_JSON_DOUBLE, OAI_JSON_CELL_NOT_FINITE);
      if (self->tolerant && *p == 'I')
        return parse_word (self, p, "Infinity", 8, OAI_JSON_DOUBLE, OAI_JSON_CELL_NOT_FINITE);
      return fail_here (self, p, "a value");
    }
}

static inline G_ALWAYS_INLINE guchar *
parse_name (Parser *self, guchar *p)
{
  guchar *end = self->end;

  if (G_UNLIKELY (p == end || *p != '"'))
    {
      p = skip_space (p, end);
      if (p == end || *p != '"')
        return fail_here (self, p, "the name of a member");
    }
  p = parse_string (self, p);
  if (G_UNLIKELY (p == NULL))
    return NULL;

  if (G_UNLIKELY (p == end || *p != ':'))
    {
      p = skip_space (p, end);
      if (p == end || *p != ':')
        return fail_here (self, p, "“:”");
    }

  return p + 1;
}

static inline void
close_container (Parser *self)
{
  OaiJsonCell *cells = self->doc->cells;
  OaiJsonCell *cell = &cells[self->open];

  self->open = cell->next;
  cell->length = self->count;
  cell->next = count_cells (self);
  self->depth--;
  self->closer = '\0';
  if (self->open == OAI_JSON_NONE)
    return;

  self->count = cells[self->open].length;
  self->closer = cells[self->open].type == OAI_JSON_OBJECT ? '}' : ']';
}

/* p is at the first number of an array.  If the array can be a number array, makes it one and
 * returns its end; else returns p. */
static G_GNUC_NO_INLINE guchar *
try_number_array (Parser *self, guchar *p, gboolean *is_whole)
{
  guint n_numbers;
  guchar *array_end = self->number_arrays ? (guchar *) oai_json_scan_number_array (p, self->end, &n_numbers) : NULL;

  if (array_end == NULL)
    return p;

  *is_whole = TRUE;
  self->doc->cells[self->open].flags = OAI_JSON_CELL_NUMBER_ARRAY;
  self->count = n_numbers;
  close_container (self);

  return array_end;
}

/* p is at the opening bracket.  Returns the first value, or the end of a container that is already
 * complete. */
static inline guchar *
open_container (Parser *self, guchar *p, gboolean *is_whole)
{
  gboolean object = *p == '{';
  guchar *end = self->end;
  OaiJsonCell *cell;

  *is_whole = FALSE;
  if (G_UNLIKELY (self->depth == self->max_depth))
    return fail_here (self, p, self->max_depth == OAI_JSON_MAX_DEPTH ? "no more than 512 levels of nesting" : "no more than 2048 levels of nesting");

  if (self->open != OAI_JSON_NONE)
    self->doc->cells[self->open].length = self->count;
  cell = push (self, object ? OAI_JSON_OBJECT : OAI_JSON_ARRAY, 0, p, 0);
  cell->next = self->open;
  self->open = count_cells (self) - 1;
  self->closer = object ? '}' : ']';
  self->count = 0;
  self->depth++;

  p = skip_space (p + 1, end);
  if (p < end && *p <= '9' && *p >= '-' && !object)
    return try_number_array (self, p, is_whole);
  if (p == end || *p != self->closer)
    return p;

  *is_whole = TRUE;
  close_container (self);

  return p + 1;
}

/* p is after a value.  Returns the next value, after its comma, or the end of the outermost
 * container. */
static inline G_ALWAYS_INLINE guchar *
parse_separator (Parser *self, guchar *p)
{
  guchar *end = self->end;

  while (self->open != OAI_JSON_NONE)
    {
      self->count++;
      if (G_UNLIKELY (p == end || *p <= ' '))
        p = skip_space (p, end);
      if (p < end && *p == ',')
        return p + 1;
      if (G_UNLIKELY (p == end || *p != self->closer))
        return fail_here (self, p, self->closer == '}' ? "“,” or “}”" : "“,” or “]”");
      close_container (self);
      p++;
    }

  return p;
}

static guchar *
parse_root (Parser *self, guchar *p)
{
  guchar *end = self->end;

  do
    {
      gboolean is_whole = TRUE;

      if (self->closer == '}')
        {
          p = parse_name (self, p);
          if (G_UNLIKELY (p == NULL))
            return NULL;
        }
      if (p == end || *p <= ' ')
        p = skip_space (p, end);
      if (G_UNLIKELY (p == end))
        return fail_here (self, p, "a value");

      if (*p == '"')
        p = parse_string (self, p);
      else if (*p == '{' || *p == '[')
        p = open_container (self, p, &is_whole);
      else
        p = parse_scalar (self, p);
      if (p != NULL && is_whole)
        p = parse_separator (self, p);
    }
  while (p != NULL && self->open != OAI_JSON_NONE);

  return p;
}

/* Returns where to continue after the beginning of the text if it is that of the previous text, else
 * its start. */
static guchar *
resume (Parser *self, gsize length, OaiJsonFlags flags)
{
  OaiJsonResumption end;

  if (!oai_json_beginning_apply (self->doc, length, flags, &end))
    return self->start;

  self->cell += end.n_cells;
  self->open = end.n_cells - 1;
  self->closer = '}';
  self->depth = end.depth;

  return self->start + end.offset;
}

static gboolean
report (Parser *self, GError **error)
{
  gsize offset = (gsize) (self->p - self->start);
  int code = self->tolerant ? OAI_ERROR_PROTOCOL : OAI_ERROR_INVALID_ARGUMENT;

  if (self->p == self->end)
    g_set_error (error, OAI_ERROR, code, "Invalid JSON: it ends at byte %" G_GSIZE_FORMAT ", where %s was expected", offset, self->expected);
  else
    g_set_error (error, OAI_ERROR, code, "Invalid JSON at byte %" G_GSIZE_FORMAT ": expected %s", offset, self->expected);

  return FALSE;
}

/* Only white space may follow. */
static gboolean
check_end (Parser *self, guchar *p)
{
  p = skip_space (p, self->end);

  return p == self->end || fail (self, p, "nothing more");
}

gboolean
oai_json_parse_element (OaiJsonDoc *doc, gsize offset, gsize length, GError **error)
{
  Parser self = { .doc = doc, .start = (guchar *) doc->data, .open = OAI_JSON_NONE, .max_depth = OAI_JSON_MAX_DEPTH - 1, .number_arrays = TRUE };
  guchar *p;

  self.cell = doc->cells + doc->n_cells;
  self.last_cell = doc->cells + doc->n_allocated;
  self.end = self.start + offset + length;
  p = parse_root (&self, self.start + offset);
  if (p == NULL || !check_end (&self, p))
    return report (&self, error);

  doc->n_cells = count_cells (&self);
  doc->cells[0].next = doc->n_cells;
  doc->cells[0].length++;

  return TRUE;
}

gboolean
oai_json_parse_document (OaiJsonDoc *doc, gsize length, OaiJsonFlags flags, GError **error)
{
  Parser self = { .doc = doc, .start = (guchar *) doc->data, .open = OAI_JSON_NONE };
  guchar *p = self.start;
  gboolean resumed;

  doc->n_cells = 0;
  doc->consumed = 0;
  if (doc->side != NULL)
    g_string_truncate (doc->side, 0);
  if (doc->surrogates != NULL)
    g_array_set_size (doc->surrogates, 0);

  self.cell = doc->cells;
  self.last_cell = doc->cells == NULL ? NULL : doc->cells + doc->n_allocated;
  self.tolerant = (flags & OAI_JSON_TOLERANT) != 0;
  self.lone_surrogates = (flags & (OAI_JSON_TOLERANT | OAI_JSON_LONE_SURROGATES)) != 0;
  self.end = self.start + length;
  self.max_depth = (flags & OAI_JSON_OWN) != 0 ? OAI_JSON_MAX_OWN_DEPTH : OAI_JSON_MAX_DEPTH;
  /* A node is the index of a cell, or the number of cells plus an offset in bytes; it must fit 32
   * bits. */
  self.number_arrays = length < G_MAXUINT32 / 2;
  if ((flags & OAI_JSON_SIMILAR) != 0)
    p = resume (&self, length, flags);
  resumed = p != self.start;
  if (!resumed && self.tolerant && length >= 3 && memcmp (p, "\357\273\277", 3) == 0)
    p += 3;
  p = parse_root (&self, p);
  if (p == NULL)
    return report (&self, error);

  if ((flags & OAI_JSON_PREFIX) == 0 && !check_end (&self, p))
    return report (&self, error);
  doc->n_cells = count_cells (&self);
  doc->consumed = (gsize) (p - self.start);
  if ((flags & OAI_JSON_SIMILAR) != 0 && !resumed)
    oai_json_beginning_store (doc, self.special != NULL ? (gsize) (self.special - self.start) : doc->consumed, flags);

  return TRUE;
}
