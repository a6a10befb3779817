/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mock-private.h"

#include <string.h>

typedef struct {
  char *method;
  char *path;
  OaiMockReply *reply;
  guint left;
} Entry;

struct _OaiMockScript {
  GPtrArray *entries;
};

static void
entry_free (Entry *entry)
{
  g_free (entry->method);
  g_free (entry->path);
  g_clear_object (&entry->reply);
  g_free (entry);
}

OaiMockScript *
_oai_mock_script_new (void)
{
  OaiMockScript *self = g_new0 (OaiMockScript, 1);

  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  return self;
}

void
_oai_mock_script_free (OaiMockScript *self)
{
  g_ptr_array_unref (self->entries);
  g_free (self);
}

void
_oai_mock_script_push (OaiMockScript *self, const char *method, const char *path, OaiMockReply *reply)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->method = g_strdup (method);
  entry->path = g_strdup (path);
  entry->reply = g_object_ref (reply);
  entry->left = reply->times;
  g_ptr_array_add (self->entries, entry);
}

static gboolean
entry_matches (Entry *entry, const char *method, const char *path)
{
  if (entry->method != NULL && g_ascii_strcasecmp (entry->method, method) != 0)
    return FALSE;

  return entry->path == NULL || _oai_mock_path_matches (entry->path, path, NULL);
}

/* Takes the first matching reply from the queue. A reply with 0 times stays in the queue. */
OaiMockReply *
_oai_mock_script_take (OaiMockScript *self, const char *method, const char *path)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);
      OaiMockReply *reply;

      if (!entry_matches (entry, method, path))
        continue;
      reply = g_object_ref (entry->reply);
      if (entry->left > 0 && --entry->left == 0)
        g_ptr_array_remove_index (self->entries, i);
      return reply;
    }

  return NULL;
}

guint
_oai_mock_script_get_n_pending (OaiMockScript *self)
{
  guint n = 0;

  for (guint i = 0; i < self->entries->len; i++)
    n += ((Entry *) g_ptr_array_index (self->entries, i))->left;

  return n;
}

void
_oai_mock_script_clear (OaiMockScript *self)
{
  g_ptr_array_set_size (self->entries, 0);
}

/* Compares an encoded path with a pattern such as `/files/{file_id}`, and returns the decoded parameters. */
gboolean
_oai_mock_path_matches (const char *pattern, const char *path, char ***params)
{
  g_auto (GStrv) wanted = g_strsplit (pattern, "/", -1);
  g_auto (GStrv) given = g_strsplit (path, "/", -1);
  g_autoptr (GStrvBuilder) values = g_strv_builder_new ();

  if (g_strv_length (wanted) != g_strv_length (given))
    return FALSE;

  for (guint i = 0; wanted[i] != NULL; i++)
    {
      g_autofree char *segment = g_uri_unescape_string (given[i], NULL);

      if (segment == NULL)
        return FALSE;
      if (wanted[i][0] != '{')
        {
          if (!g_str_equal (wanted[i], segment))
            return FALSE;
          continue;
        }
      if (*segment == '\0')
        return FALSE;
      g_strv_builder_add (values, segment);
    }
  if (params != NULL)
    *params = g_strv_builder_end (values);

  return TRUE;
}
