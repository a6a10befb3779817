/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-multipart-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-input-file-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"
#include "oai-multipart-stream-private.h"

/* A field with its value, or a file. */
typedef struct
{
  char *name;
  char *content_type;  /* of a value that has one */
  GBytes *value;
  OaiInputFile *file;
} Part;

struct _OaiMultipart
{
  GArray *parts;
  OaiMultipartFlags flags;
  char *content_type;
  const char *boundary; /* the end of content_type */
  GError *error;        /* the first part that cannot be sent */
};

static void
part_clear (gpointer data)
{
  Part *part = data;

  g_clear_pointer (&part->name, g_free);
  g_clear_pointer (&part->content_type, g_free);
  g_clear_pointer (&part->value, g_bytes_unref);
  g_clear_object (&part->file);
}

OaiMultipart *
oai_multipart_new (void)
{
  OaiMultipart *self = g_new0 (OaiMultipart, 1);
  g_autofree char *boundary = g_uuid_string_random ();

  self->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  g_array_set_clear_func (self->parts, part_clear);
  self->content_type = g_strconcat ("multipart/form-data; boundary=openai-", boundary, NULL);
  self->boundary = strrchr (self->content_type, '=') + 1;
  return self;
}

void
oai_multipart_free (OaiMultipart *self)
{
  g_array_unref (self->parts);
  g_free (self->content_type);
  g_clear_error (&self->error);
  g_free (self);
}

void
oai_multipart_set_flags (OaiMultipart *self, OaiMultipartFlags flags)
{
  self->flags = flags;
}

const char *
oai_multipart_get_content_type (OaiMultipart *self)
{
  return self->content_type;
}

void
oai_multipart_add_content (OaiMultipart *self, const char *name, const char *content_type, const char *value, gssize length)
{
  Part part = { 0 };

  part.name = g_utf8_make_valid (name, -1);
  part.content_type = g_strdup (content_type);
  part.value = g_bytes_new (value, length >= 0 ? (gsize) length : strlen (value));
  g_array_append_val (self->parts, part);
}

void
oai_multipart_add_text (OaiMultipart *self, const char *name, const char *value)
{
  oai_multipart_add_content (self, name, NULL, value, -1);
}

void
oai_multipart_add_file (OaiMultipart *self, const char *name, OaiInputFile *file)
{
  Part part = { 0 };

  part.name = g_utf8_make_valid (name, -1);
  part.file = g_object_ref (file);
  g_array_append_val (self->parts, part);
}

static void add_value (OaiMultipart *self, GString *name, OaiJsonDoc *doc, OaiJsonNode node);

/* Each step appends to the name, and removes what it has appended. */
static void
add_children (OaiMultipart *self, GString *name, gboolean nested, OaiJsonDoc *doc, OaiJsonNode container)
{
  gsize length = name->len;
  const char *member;
  OaiJsonIter iter;
  OaiJsonNode child;

  oai_json_iter_init (&iter, doc, container);
  while (oai_json_iter_next (&iter, &member, &child))
    {
      if (!nested)
        g_string_append (name, member);
      else
        g_string_append_printf (name, "[%s]", member != NULL ? member : "");
      add_value (self, name, doc, child);
      g_string_truncate (name, length);
    }
}

static void
refuse_null (OaiMultipart *self, const char *name)
{
  if ((self->flags & OAI_MULTIPART_REJECT_NULL) == 0 || self->error != NULL)
    return;

  /* Translators: %s is the name of a field. */
  g_set_error (&self->error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
               _("“%s” is null, which a form cannot contain. Remove it, or set a string."), name);
}

static void
add_value (OaiMultipart *self, GString *name, OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autoptr (GString) number = NULL;
  const char *text;
  gboolean truth;
  gsize length;

  switch (oai_json_get_type (doc, node))
    {
    case OAI_JSON_ARRAY:
    case OAI_JSON_OBJECT:
      add_children (self, name, TRUE, doc, node);
      break;
    case OAI_JSON_STRING:
      text = oai_json_get_string (doc, node, &length);
      oai_multipart_add_content (self, name->str, NULL, text, length);
      break;
    case OAI_JSON_BOOLEAN:
      oai_json_get_boolean (doc, node, &truth);
      oai_multipart_add_text (self, name->str, truth ? "true" : "false");
      break;
    case OAI_JSON_INT:
    case OAI_JSON_DOUBLE:
      number = g_string_new (NULL);
      oai_json_write_node (number, doc, node);
      oai_multipart_add_text (self, name->str, number->str);
      break;
    case OAI_JSON_NULL:
      refuse_null (self, name->str);
      break;
    case OAI_JSON_INVALID:
    default:
      break;
    }
}

void
oai_multipart_add_json (OaiMultipart *self, OaiJsonDoc *doc, OaiJsonNode object)
{
  g_autoptr (GString) name = g_string_new (NULL);

  if (oai_json_get_type (doc, object) != OAI_JSON_OBJECT)
    {
      if (self->error == NULL)
        g_set_error_literal (&self->error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                             _("Only the members of an object can be sent as a form."));
      return;
    }
  add_children (self, name, FALSE, doc, object);
}

/* Quotes a name like browsers: UTF-8 is kept, quotes and line ends are encoded.  A backslash is
 * doubled for parsers that take it for an escape. */
static void
append_quoted (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '\\')
        g_string_append (out, "\\\\");
      else if (*p == '"' || g_ascii_iscntrl (*p))
        g_string_append_printf (out, "%%%02X", (guint) (guchar) *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

static void
append_head (OaiMultipart *self, GString *out, Part *part)
{
  const char *content_type = part->content_type;

  g_string_append_printf (out, "--%s\r\nContent-Disposition: form-data; name=", self->boundary);
  append_quoted (out, part->name);
  if (part->file != NULL)
    {
      gboolean keep_path = (self->flags & OAI_MULTIPART_KEEP_PATHS) != 0;
      g_autofree char *filename = oai_input_file_dup_sent_name (part->file, keep_path);

      content_type = oai_input_file_get_content_type (part->file);
      g_string_append (out, "; filename=");
      append_quoted (out, filename);
    }
  if (content_type != NULL)
    g_string_append_printf (out, "\r\nContent-Type: %s", content_type);
  g_string_append (out, "\r\n\r\n");
}

static void
flush_text (OaiMultipartStream *stream, GString *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text->str, text->len);

  oai_multipart_stream_add_bytes (stream, bytes);
  g_string_truncate (text, 0);
}

static gboolean
append_part (OaiMultipart *self, OaiMultipartStream *stream, GString *text, Part *part, GError **error)
{
  append_head (self, text, part);
  if (part->value != NULL)
    {
      gsize length;
      const char *value = g_bytes_get_data (part->value, &length);

      g_string_append_len (text, value, length);
    }
  if (part->file != NULL)
    {
      gint64 size;

      if (!oai_input_file_check (part->file, &size, error))
        return FALSE;
      flush_text (stream, text);
      oai_multipart_stream_add_file (stream, part->file, size);
    }
  g_string_append (text, "\r\n");
  return TRUE;
}

GInputStream *
oai_multipart_open (OaiMultipart *self, goffset *length, GError **error)
{
  g_autoptr (OaiMultipartStream) stream = NULL;
  g_autoptr (GString) text = NULL;

  if (self->error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return NULL;
    }

  stream = oai_multipart_stream_new ();
  text = g_string_new (NULL);
  for (guint i = 0; i < self->parts->len; i++)
    if (!append_part (self, stream, text, &g_array_index (self->parts, Part, i), error))
      return NULL;
  g_string_append_printf (text, "--%s--\r\n", self->boundary);
  flush_text (stream, text);

  if (length != NULL)
    *length = oai_multipart_stream_get_length (stream);
  return G_INPUT_STREAM (g_steal_pointer (&stream));
}

gboolean
oai_multipart_can_rewind (OaiMultipart *self)
{
  for (guint i = 0; i < self->parts->len; i++)
    {
      OaiInputFile *file = g_array_index (self->parts, Part, i).file;

      if (file != NULL && !oai_input_file_can_rewind (file))
        return FALSE;
    }
  return TRUE;
}

gboolean
oai_multipart_can_open (OaiMultipart *self)
{
  for (guint i = 0; i < self->parts->len; i++)
    {
      OaiInputFile *file = g_array_index (self->parts, Part, i).file;

      if (file != NULL && oai_input_file_is_used_up (file))
        return FALSE;
    }
  return TRUE;
}

typedef struct
{
  GPtrArray *files;
  guint next;
} Prepare;

static void
prepare_free (gpointer data)
{
  Prepare *prepare = data;

  g_ptr_array_unref (prepare->files);
  g_free (prepare);
}

static void on_prepared (GObject *object, GAsyncResult *result, gpointer user_data);

/* Files are prepared one after another, so that errors have the order of the parts. */
static void
prepare_next (GTask *task)
{
  Prepare *prepare = g_task_get_task_data (task);

  if (g_task_return_error_if_cancelled (task))
    return;
  if (prepare->next == prepare->files->len)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  oai_input_file_prepare_async (g_ptr_array_index (prepare->files, prepare->next++), g_task_get_cancellable (task),
                                on_prepared, g_object_ref (task));
}

static void
on_prepared (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!oai_input_file_prepare_finish (OAI_INPUT_FILE (object), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  prepare_next (task);
}

void
oai_multipart_prepare_async (OaiMultipart *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Prepare *prepare = g_new0 (Prepare, 1);

  prepare->files = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->parts->len; i++)
    {
      OaiInputFile *file = g_array_index (self->parts, Part, i).file;

      if (file != NULL && oai_input_file_needs_prepare (file))
        g_ptr_array_add (prepare->files, g_object_ref (file));
    }
  g_task_set_source_tag (task, oai_multipart_prepare_async);
  g_task_set_task_data (task, prepare, prepare_free);
  prepare_next (task);
}

gboolean
oai_multipart_prepare_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
