/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mime-private.h"

#include "oai-base64-private.h"

#include <string.h>

#include "oai-find-bytes-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"

typedef struct
{
  const char *magic;
  guint8 length;
  guint8 offset;
  const char *type;
} Magic;

#define MAGIC(bytes, offset, type) { bytes, sizeof (bytes) - 1, offset, type }

static const Magic magics[] = {
  MAGIC ("\x89PNG\r\n\x1a\n", 0, "image/png"),
  MAGIC ("\xff\xd8\xff", 0, "image/jpeg"),
  MAGIC ("GIF87a", 0, "image/gif"),
  MAGIC ("GIF89a", 0, "image/gif"),
  MAGIC ("%PDF-", 0, "application/pdf"),
  MAGIC ("ID3", 0, "audio/mpeg"),
  MAGIC ("OggS", 0, "audio/ogg"),
  MAGIC ("fLaC", 0, "audio/flac"),
  MAGIC ("ftypM4A ", 4, "audio/mp4"),
  MAGIC ("ftypM4B ", 4, "audio/mp4"),
  MAGIC ("ftypavif", 4, "image/avif"),
  MAGIC ("ftyphei", 4, "image/heic"),
  MAGIC ("ftypmif1", 4, "image/heif"),
  MAGIC ("ftypqt  ", 4, "video/quicktime"),
  MAGIC ("ftyp", 4, "video/mp4"),
};

/* The formats of the API.  The table is fixed, since that of the system may be incomplete. */
static const struct
{
  const char *extension;
  const char *type;
} extensions[] = {
  { "png", "image/png" },
  { "jpg", "image/jpeg" },
  { "jpeg", "image/jpeg" },
  { "gif", "image/gif" },
  { "webp", "image/webp" },
  { "svg", "image/svg+xml" },
  { "mp3", "audio/mpeg" },
  { "mpga", "audio/mpeg" },
  { "mpeg", "audio/mpeg" },
  { "m4a", "audio/mp4" },
  { "wav", "audio/wav" },
  { "flac", "audio/flac" },
  { "ogg", "audio/ogg" },
  { "oga", "audio/ogg" },
  { "opus", "audio/ogg" },
  { "aac", "audio/aac" },
  { "webm", "video/webm" },
  { "mp4", "video/mp4" },
  { "pdf", "application/pdf" },
  { "json", "application/json" },
  { "jsonl", "application/jsonl" },
  { "csv", "text/csv" },
  { "txt", "text/plain" },
  { "md", "text/markdown" },
  { "html", "text/html" },
  { "zip", "application/zip" },
};

static const char *
sniff_riff (const guint8 *data, gsize length)
{
  if (length < 12 || memcmp (data, "RIFF", 4) != 0)
    return NULL;
  if (memcmp (data + 8, "WEBP", 4) == 0)
    return "image/webp";
  return memcmp (data + 8, "WAVE", 4) == 0 ? "audio/wav" : NULL;
}

static const char *
sniff_matroska (const guint8 *data, gsize length)
{
  if (length < 4 || memcmp (data, "\x1a\x45\xdf\xa3", 4) != 0)
    return NULL;
  return oai_find_bytes (data, MIN (length, 64), "webm", 4) != NULL ? "video/webm" : "video/x-matroska";
}

/* Audio without a header shows its format in the first frame.  Invalid bits are refused, since
 * two bytes alone would match too much. */
static const char *
sniff_mpeg_frame (const guint8 *data, gsize length)
{
  if (length < 3 || data[0] != 0xff || (data[1] & 0xe0) != 0xe0)
    return NULL;
  if ((data[1] & 0xf6) == 0xf0)
    return "audio/aac";
  if ((data[1] & 0x18) == 0x08 || (data[1] & 0x06) != 0x02)
    return NULL;
  if ((data[2] & 0xf0) == 0xf0 || (data[2] & 0x0c) == 0x0c)
    return NULL;
  return "audio/mpeg";
}

const char *
oai_mime_sniff (gconstpointer data, gsize length)
{
  const char *type;

  for (guint i = 0; i < G_N_ELEMENTS (magics); i++)
    {
      const Magic *magic = &magics[i];

      if (length >= (gsize) magic->offset + magic->length &&
          memcmp ((const guint8 *) data + magic->offset, magic->magic, magic->length) == 0)
        return magic->type;
    }

  type = sniff_riff (data, length);
  if (type == NULL)
    type = sniff_matroska (data, length);
  if (type == NULL)
    type = sniff_mpeg_frame (data, length);
  return type;
}

static char *
mime_from_gio (const char *filename)
{
  gboolean uncertain = FALSE;
  g_autofree char *content_type = g_content_type_guess (filename, NULL, 0, &uncertain);
  g_autofree char *type = NULL;

  if (content_type == NULL || uncertain || g_content_type_is_unknown (content_type))
    return g_strdup (OAI_MIME_UNKNOWN);

  type = g_content_type_get_mime_type (content_type);
  if (type == NULL || !oai_mime_is_valid (type))
    return g_strdup (OAI_MIME_UNKNOWN);
  return g_steal_pointer (&type);
}

char *
oai_mime_from_name (const char *filename)
{
  const char *dot = strrchr (filename, '.');

  if (dot == NULL)
    return g_strdup (OAI_MIME_UNKNOWN);

  for (guint i = 0; i < G_N_ELEMENTS (extensions); i++)
    if (g_ascii_strcasecmp (dot + 1, extensions[i].extension) == 0)
      return g_strdup (extensions[i].type);

  return mime_from_gio (filename);
}

const char *
oai_mime_get_extension (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (extensions); i++)
    if (strcmp (type, extensions[i].type) == 0)
      return extensions[i].extension;

  return NULL;
}

char *
oai_mime_guess (const char *filename, gconstpointer data, gsize length)
{
  const char *type = length > 0 ? oai_mime_sniff (data, length) : NULL;

  if (type != NULL)
    return g_strdup (type);
  if (filename == NULL)
    return g_strdup (OAI_MIME_UNKNOWN);
  return oai_mime_from_name (filename);
}

gboolean
oai_mime_is_valid (const char *content_type)
{
  const char *slash = strchr (content_type, '/');

  if (slash == NULL || slash == content_type || slash[1] == '\0')
    return FALSE;

  for (const char *p = content_type; *p != '\0'; p++)
    if (*p < 0x20 || *p > 0x7e)
      return FALSE;
  return TRUE;
}

char *
oai_data_url_build (const char *content_type, GBytes *bytes)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  g_autofree char *guessed = NULL;
  gsize used;
  int state = 0;
  int save = 0;
  char *url;

  if (content_type == NULL)
    content_type = guessed = oai_mime_guess (NULL, data, length);

  used = strlen ("data:") + strlen (content_type) + strlen (";base64,");
  url = g_malloc (used + (length / 3 + 1) * 4 + 5);
  g_snprintf (url, used + 1, "data:%s;base64,", content_type);
  if (length > 0)
    used += g_base64_encode_step (data, length, FALSE, url + used, &state, &save);
  used += g_base64_encode_close (FALSE, url + used, &state, &save);
  url[used] = '\0';
  return url;
}

static void
set_bad_url (GError **error)
{
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                       _("This is not a valid data URL."));
}

static char *
take_content_type (const char *head, gsize length, gboolean *base64)
{
  g_autofree char *type = g_strndup (head, length);
  char *last = strrchr (type, ';');

  *base64 = last != NULL && g_ascii_strcasecmp (g_strstrip (last + 1), "base64") == 0;
  if (*base64)
    *last = '\0';
  if (type[0] == '\0')
    return g_strdup ("text/plain;charset=US-ASCII");
  if (type[0] == ';')
    return g_strconcat ("text/plain", type, NULL);
  return g_steal_pointer (&type);
}

GBytes *
oai_data_url_parse (const char *url, char **content_type, GError **error)
{
  g_autofree char *type = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const char *comma = strchr (url, ',');
  gboolean base64 = FALSE;

  if (g_ascii_strncasecmp (url, "data:", 5) != 0 || comma == NULL)
    return set_bad_url (error), NULL;

  type = take_content_type (url + 5, comma - url - 5, &base64);
  if (!base64 || strchr (comma, '%') != NULL)
    {
      bytes = g_uri_unescape_bytes (comma + 1, -1, NULL, NULL);
      if (bytes == NULL)
        return set_bad_url (error), NULL;
    }
  if (base64)
    {
      gsize length = strlen (comma + 1);
      const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : comma + 1;
      GBytes *decoded = oai_base64_decode (text, length, NULL);

      if (decoded == NULL)
        return set_bad_url (error), NULL;
      g_clear_pointer (&bytes, g_bytes_unref);
      bytes = decoded;
    }

  if (content_type != NULL)
    *content_type = g_steal_pointer (&type);
  return g_steal_pointer (&bytes);
}
