/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-reply-redactor-private.h"

#include <string.h>

#include "oai-wipe-private.h"

/* Shorter texts appear by chance, and servers require longer keys. */
#define MIN_SECRET 8

typedef struct
{
  char *text;
  gsize length;
} Secret;

struct _OaiReplyRedactor
{
  GArray *secrets;  /* of Secret */
  GByteArray *kept; /* the end of the bytes so far that may be the beginning of a secret */
};

static void
clear_secret (gpointer data)
{
  Secret *secret = data;

  oai_wipe (secret->text, secret->length);
  g_free (secret->text);
}

/* The first character of a line may be a control character for the redaction of errors. */
static void
add_secret (OaiReplyRedactor *self, const char *line, gsize length)
{
  Secret secret;

  if (length > 0 && g_ascii_iscntrl (*line))
    {
      line++;
      length--;
    }
  if (length < MIN_SECRET)
    return;

  secret = (Secret) { g_strndup (line, length), length };
  g_array_append_val (self->secrets, secret);
}

OaiReplyRedactor *
oai_reply_redactor_new (const char *secrets)
{
  OaiReplyRedactor *self;

  if (secrets == NULL)
    return NULL;

  self = g_new (OaiReplyRedactor, 1);
  self->secrets = g_array_new (FALSE, FALSE, sizeof (Secret));
  g_array_set_clear_func (self->secrets, clear_secret);
  self->kept = g_byte_array_new ();
  while (*secrets != '\0')
    {
      gsize length = strcspn (secrets, "\n");

      add_secret (self, secrets, length);
      secrets += length + (secrets[length] == '\n');
    }

  return self;
}

void
oai_reply_redactor_free (OaiReplyRedactor *self)
{
  g_array_unref (self->secrets);
  if (self->kept->len > 0)
    oai_wipe (self->kept->data, self->kept->len);
  g_byte_array_unref (self->kept);
  g_free (self);
}

gsize
oai_reply_redactor_get_n_kept (OaiReplyRedactor *self)
{
  return self->kept->len;
}

static void
overwrite (const Secret *secret, char *data, gsize size)
{
  char *end = data + size;
  char *found;

  while ((found = memmem (data, end - data, secret->text, secret->length)) != NULL)
    {
      memset (found, '*', secret->length);
      data = found + secret->length;
    }
}

/* Returns how many bytes at the end of data are the beginning of the secret. */
static gsize
count_begun (const Secret *secret, const char *data, gsize size)
{
  const char *end = data + size;
  const char *from = end - MIN (size, secret->length - 1);

  while ((from = memchr (from, secret->text[0], end - from)) != NULL)
    {
      if (memcmp (from, secret->text, end - from) == 0)
        return end - from;
      from++;
    }

  return 0;
}

gsize
oai_reply_redactor_take (OaiReplyRedactor *self, char *data, gsize size)
{
  gsize begun = 0;

  if (self->kept->len > 0)
    memcpy (data, self->kept->data, self->kept->len);
  size += self->kept->len;
  for (guint i = 0; i < self->secrets->len; i++)
    {
      const Secret *secret = &g_array_index (self->secrets, Secret, i);

      overwrite (secret, data, size);
      begun = MAX (begun, count_begun (secret, data, size));
    }
  g_byte_array_set_size (self->kept, 0);
  g_byte_array_append (self->kept, (const guint8 *) data + size - begun, begun);

  return size - begun;
}

const char *
oai_reply_redactor_end (OaiReplyRedactor *self, gsize *size)
{
  *size = self->kept->len;

  return (const char *) self->kept->data;
}
