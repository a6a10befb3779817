/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-redact-private.h"

#include <string.h>

#include "oai-find-bytes-private.h"
#include "oai-json-writer-private.h"
#include "oai-wipe-private.h"

/* Shorter secrets may appear in a text by chance. */
#define MIN_SECRET 4
/* Parts of a secret are redacted as well if it has at least this length and contains no blank. */
#define MIN_DIVISIBLE 16
#define MIN_PART 8
#define INSTEAD "***"
/* The number of bytes after the end of a truncated text that are searched; longer than any
 * secret. */
#define LOOK_AHEAD (64 * 1024)

/* A secret of a list.  It is not terminated. */
typedef struct
{
  const char *data;
  gsize length;
  gboolean divisible; /* parts of it are redacted as well */
} Secret;

/* Gets the next secret that is long enough, and moves secrets to the line after it.  Returns FALSE
 * at the end of the list. */
static gboolean
next_secret (const char **secrets, Secret *secret)
{
  const char *line = *secrets;

  while (*line != '\0')
    {
      gsize length = strcspn (line, "\n");
      gsize mark = *line == OAI_REDACT_INDIVISIBLE;

      secret->data = line + mark;
      secret->length = length - mark;
      secret->divisible = secret->length >= MIN_DIVISIBLE && strcspn (line, " \t\n") == length;
      line += length + strspn (line + length, "\n");
      if (secret->length >= MIN_SECRET)
        {
          *secrets = line;
          return TRUE;
        }
    }

  return FALSE;
}

typedef struct
{
  const char *data;
  gsize length;
  char *covered; /* for each byte, whether it belongs to a secret */
} Text;

static void
cover (Text *self, const char *secret, gsize length)
{
  const char *end = self->data + self->length;

  for (const char *found = self->data; (found = oai_find_bytes (found, end - found, secret, length)) != NULL; found += length)
    memset (self->covered + (found - self->data), TRUE, length);
}

/* Whether the secret is the same in JSON and in URLs. */
static gboolean
is_never_escaped (const Secret *secret)
{
  for (gsize i = 0; i < secret->length; i++)
    if (!g_ascii_isalnum (secret->data[i]) && strchr ("-._~", secret->data[i]) == NULL)
      return FALSE;

  return TRUE;
}

static void
cover_escaped (Text *self, const Secret *secret)
{
  g_autoptr(GString) escaped = g_string_new (NULL);
  g_autofree char *encoded = g_uri_escape_bytes ((const guint8 *) secret->data, secret->length, NULL);

  oai_json_write_string (escaped, secret->data, (gssize) secret->length);
  cover (self, escaped->str + 1, escaped->len - 2);
  cover (self, encoded, strlen (encoded));

  oai_wipe (escaped->str, escaped->len);
  oai_wipe (encoded, strlen (encoded));
}

/* The last bytes, without case, as a number. */
static guint64
slide (guint64 window, char byte)
{
  return window << 8 | (guchar) g_ascii_tolower (byte);
}

G_STATIC_ASSERT (sizeof (guint64) == MIN_PART);

/* The slot of a part in the table, or a free one. */
static gsize
find_slot (const guint64 *table, guint bits, guint64 part)
{
  const gsize mask = ((gsize) 1 << bits) - 1;
  gsize slot = (gsize) ((part * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> (64 - bits));

  while (table[slot] != 0 && table[slot] != part)
    slot = (slot + 1) & mask;

  return slot;
}

/* Servers truncate and split what they echo, and change its case.  All parts of the secret are
 * put into a table, in which the parts of the text are looked up. */
static void
cover_parts (Text *self, const Secret *secret)
{
  const gsize length = secret->length;
  const guint bits = g_bit_storage (2 * length);
  const gsize size = sizeof (guint64) << bits;
  g_autofree guint64 *table = g_malloc0 (size);
  guint64 window = 0;

  for (gsize i = 0; i < length; i++)
    {
      window = slide (window, secret->data[i]);
      if (i + 1 >= MIN_PART)
        table[find_slot (table, bits, window)] = window;
    }

  window = 0;
  for (gsize i = 0; i < self->length; i++)
    {
      window = slide (window, self->data[i]);
      if (i + 1 >= MIN_PART && window != 0 && table[find_slot (table, bits, window)] == window)
        memset (self->covered + i + 1 - MIN_PART, TRUE, MIN_PART);
    }

  oai_wipe (table, size);
}

/* A truncated text may end with the beginning of a secret. */
static void
cover_end (Text *self, const Secret *secret)
{
  for (gsize n = MIN (secret->length, self->length); n >= MIN_SECRET; n--)
    if (memcmp (self->data + self->length - n, secret->data, n) == 0)
      {
        memset (self->covered + self->length - n, TRUE, n);
        return;
      }
}

static void
cover_all (Text *self, const char *secrets, gboolean truncated)
{
  Secret secret;

  while (next_secret (&secrets, &secret))
    {
      cover (self, secret.data, secret.length);
      if (!is_never_escaped (&secret))
        cover_escaped (self, &secret);
      if (secret.divisible)
        cover_parts (self, &secret);
      if (truncated)
        cover_end (self, &secret);
    }
}

static GString *
redact (const char *data, gsize length, const char *secrets, gboolean truncated)
{
  g_autofree char *covered = g_malloc0 (length + 1);
  GString *redacted = g_string_sized_new (length);
  Text text = { data, length, covered };

  cover_all (&text, secrets, truncated);
  for (gsize i = 0; i < length; i++)
    if (!covered[i])
      g_string_append_c (redacted, data[i]);
    else if (!covered[i + 1])
      g_string_append (redacted, INSTEAD);

  return redacted;
}

static char *
redact_text (const char *text, gssize length, const char *secrets, gboolean truncated)
{
  g_autoptr(GString) redacted = NULL;

  if (secrets == NULL)
    return g_utf8_make_valid (text, length);

  redacted = redact (text, length < 0 ? strlen (text) : (gsize) length, secrets, truncated);
  return g_utf8_make_valid (redacted->str, redacted->len);
}

char *
oai_redact (const char *text, const char *secrets)
{
  return text != NULL ? redact_text (text, -1, secrets, FALSE) : NULL;
}

char *
oai_redact_and_truncate (const char *text, gsize length, const char *secrets, gsize max_length)
{
  /* The text after the limit is only needed to recognize a secret that crosses it. */
  gsize considered = MIN (length, max_length + LOOK_AHEAD);
  char *redacted = redact_text (text, considered, secrets, considered < length);

  oai_utf8_truncate (redacted, max_length);
  return redacted;
}

GBytes *
oai_redact_body (GBytes *body, const char *secrets, gboolean truncated)
{
  gsize length;
  const char *data = g_bytes_get_data (body, &length);

  if (secrets == NULL || length == 0)
    return g_bytes_ref (body);

  return g_string_free_to_bytes (redact (data, length, secrets, truncated));
}

void
oai_utf8_truncate (char *text, gsize max_length)
{
  gsize length = max_length;

  if (strlen (text) <= max_length)
    return;

  while (length > 0 && ((guchar) text[length] & 0xc0) == 0x80)
    length--;
  text[length] = '\0';
}

static gboolean
is_printable (gunichar c)
{
  if (g_unichar_iscntrl (c))
    return c == '\n' || c == '\t';

  return !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

void
oai_make_printable (char *text)
{
  char *out = text;

  while (*text != '\0')
    {
      gsize length = g_utf8_next_char (text) - text;

      if (is_printable (g_utf8_get_char (text)))
        {
          memmove (out, text, length);
          out += length;
        }
      else
        {
          *out++ = ' ';
        }
      text += length;
    }
  *out = '\0';
}

void
oai_redact_error (GError *error, const char *secrets)
{
  char *message;

  if (error == NULL)
    return;

  message = oai_redact (error->message, secrets);
  oai_make_printable (message);
  g_free (error->message);
  error->message = message;
}

/* Headers */

typedef struct
{
  const char *name; /* names of the headers that are collected */
  const char *secrets;
  GPtrArray *found;
} Headers;

static gboolean
is_request_id (const char *name)
{
  return g_ascii_strcasecmp (name, "x-request-id") == 0 || g_ascii_strcasecmp (name, "apim-request-id") == 0;
}

/* Headers are checked for whole secrets only, which needs no copies. */
gboolean
oai_contains_secret (const char *text, const char *secrets)
{
  gsize length = strlen (text);
  Secret secret;

  while (secrets != NULL && next_secret (&secrets, &secret))
    if (oai_find_bytes (text, length, secret.data, secret.length) != NULL)
      return TRUE;

  return FALSE;
}

/* Parts of secrets are also redacted in the request id, which errors quote. */
static gboolean
is_clean (const char *name, const char *value, const char *secrets)
{
  g_autofree char *redacted = NULL;

  if (!is_request_id (name))
    return !oai_contains_secret (value, secrets) && g_utf8_validate (value, -1, NULL);

  redacted = oai_redact (value, secrets);
  return strcmp (redacted, value) == 0;
}

static void
find_header (const char *name, const char *value, gpointer user_data)
{
  Headers *self = user_data;

  if (self->name != NULL && g_ascii_strcasecmp (name, self->name) == 0)
    g_ptr_array_add (self->found, oai_redact (value, self->secrets));
  if (self->name == NULL && g_ascii_strcasecmp (name, "Location") != 0 && !is_clean (name, value, self->secrets))
    g_ptr_array_add (self->found, g_strdup (name));
}

static GPtrArray *
find_headers (SoupMessageHeaders *headers, const char *name, const char *secrets)
{
  Headers self = { name, secrets, g_ptr_array_new_with_free_func (g_free) };

  soup_message_headers_foreach (headers, find_header, &self);
  return self.found;
}

void
oai_redact_headers (SoupMessageHeaders *headers, const char *secrets)
{
  g_autoptr(GPtrArray) names = find_headers (headers, NULL, secrets);

  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr(GPtrArray) values = find_headers (headers, names->pdata[i], secrets);

      soup_message_headers_remove (headers, names->pdata[i]);
      for (guint j = 0; j < values->len; j++)
        soup_message_headers_append (headers, names->pdata[i], values->pdata[j]);
    }
}
