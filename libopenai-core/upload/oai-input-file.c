/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-input-file-private.h"

#include <string.h>

#include "oai-descriptor-stream-private.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-mime-private.h"

#define DEFAULT_NAME "upload"
/* If the size is unknown, progress is notified each time so many bytes were sent. */
#define REPORT_STEP (256 * 1024)
/* The number of first bytes that show the format of a stream without a name. */
#define HEAD_SIZE 64

struct _OaiInputFile
{
  GObject parent_instance;

  GFile *file;
  GBytes *bytes;
  GInputStream *stream;
  goffset stream_start;     /* the position of the stream at the beginning */
  gboolean stream_seekable;
  GBytes *head;             /* the first bytes of a stream without a name, after they were read */

  char *filename;
  char *content_type;       /* set by the program */
  char *guessed_type;       /* from the name; computed on demand */
  gboolean guess_type;
  gboolean nameless;        /* no name was given */
  gboolean keep_path;

  gint64 size;
  gint64 prepared_size;     /* from oai_input_file_prepare_async(), for one check */
  gint64 bytes_sent;
  gint64 reported;          /* bytes_sent as of the last notification */
  guint percent;
  double fraction;
  guint readings;
};

enum
{
  PROP_FILENAME = 1,
  PROP_CONTENT_TYPE,
  PROP_KEEP_PATH,
  PROP_SIZE,
  PROP_BYTES_SENT,
  PROP_FRACTION,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/**
 * OaiInputFile:
 *
 * A file, bytes in memory or a stream to upload.
 *
 * The bytes are read while they are sent, so that files of any size need little memory. Any
 * [iface@Gio.File] that GIO can read is possible, including documents of portals.
 *
 * [property@Oai.InputFile:fraction] is the progress of the upload, which can be bound to a progress
 * bar:
 *
 * ```c
 * g_object_bind_property (input, "fraction", progress_bar, "fraction", G_BINDING_SYNC_CREATE);
 * ```
 *
 * An object can be used for one upload at a time, in one thread. It can be used again, unless it
 * was created from a stream that cannot seek; see [method@Oai.InputFile.can_rewind].
 *
 * API reference: [Files](https://platform.openai.com/docs/api-reference/files/create)
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (OaiInputFile, oai_input_file, G_TYPE_OBJECT)

static void
oai_input_file_finalize (GObject *object)
{
  OaiInputFile *self = OAI_INPUT_FILE (object);

  g_clear_object (&self->file);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_object (&self->stream);
  g_clear_pointer (&self->head, g_bytes_unref);
  g_free (self->filename);
  g_free (self->content_type);
  g_free (self->guessed_type);

  G_OBJECT_CLASS (oai_input_file_parent_class)->finalize (object);
}

static void
oai_input_file_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiInputFile *self = OAI_INPUT_FILE (object);

  switch (prop_id)
    {
    case PROP_FILENAME:
      g_value_set_string (value, oai_input_file_get_filename (self));
      break;
    case PROP_CONTENT_TYPE:
      g_value_set_string (value, oai_input_file_get_content_type (self));
      break;
    case PROP_KEEP_PATH:
      g_value_set_boolean (value, self->keep_path);
      break;
    case PROP_SIZE:
      g_value_set_int64 (value, self->size);
      break;
    case PROP_BYTES_SENT:
      g_value_set_int64 (value, self->bytes_sent);
      break;
    case PROP_FRACTION:
      g_value_set_double (value, self->fraction);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_input_file_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  OaiInputFile *self = OAI_INPUT_FILE (object);

  switch (prop_id)
    {
    case PROP_FILENAME:
      oai_input_file_set_filename (self, g_value_get_string (value));
      break;
    case PROP_CONTENT_TYPE:
      oai_input_file_set_content_type (self, g_value_get_string (value));
      break;
    case PROP_KEEP_PATH:
      oai_input_file_set_keep_path (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_settings (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * OaiInputFile:filename:
   *
   * The name that is sent to the server.
   *
   * Directories in it are removed unless [property@Oai.InputFile:keep-path] is set. `NULL` restores
   * the default: the name of the file; for bytes and streams whose first bytes show an image or
   * audio format, a name such as `image.png` or `audio.wav`; otherwise `upload`. The first bytes of
   * a stream are read when it is sent.
   *
   * Since: 1.0
   */
  properties[PROP_FILENAME] = g_param_spec_string ("filename", NULL, NULL, NULL, flags);

  /**
   * OaiInputFile:content-type:
   *
   * The media type that is sent to the server, such as `audio/mpeg`.
   *
   * `NULL` restores the default, which is guessed from the name; `application/octet-stream` if the
   * name does not show a type.
   *
   * Since: 1.0
   */
  properties[PROP_CONTENT_TYPE] = g_param_spec_string ("content-type", NULL, NULL, NULL, flags);

  /**
   * OaiInputFile:keep-path:
   *
   * Whether the directories in the name are sent as well.
   *
   * Uploads of several related files need them: `my-skill/SKILL.md`.
   *
   * Since: 1.0
   */
  properties[PROP_KEEP_PATH] = g_param_spec_boolean ("keep-path", NULL, NULL, FALSE, flags);
}

static void
install_progress (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * OaiInputFile:size:
   *
   * The number of bytes to send, or -1 as long as it is unknown.
   *
   * The size of a file is read when its upload starts.
   *
   * Since: 1.0
   */
  properties[PROP_SIZE] = g_param_spec_int64 ("size", NULL, NULL, -1, G_MAXINT64, -1, flags);

  /**
   * OaiInputFile:bytes-sent:
   *
   * The number of bytes that the current or the last upload has sent.
   *
   * Its value is exact; changes are notified only together with those of
   * [property@Oai.InputFile:fraction]. A retried upload starts at 0.
   *
   * Since: 1.0
   */
  properties[PROP_BYTES_SENT] = g_param_spec_int64 ("bytes-sent", NULL, NULL, 0, G_MAXINT64, 0, flags);

  /**
   * OaiInputFile:fraction:
   *
   * The fraction that was sent, from 0 to 1, in steps of 0.01.
   *
   * If the size is unknown, it stays 0 until the end.
   *
   * Since: 1.0
   */
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0.0, 1.0, 0.0, flags);
}

static void
oai_input_file_class_init (OaiInputFileClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_input_file_finalize;
  object_class->get_property = oai_input_file_get_property;
  object_class->set_property = oai_input_file_set_property;

  install_settings ();
  install_progress ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

/* Servers recognize image and audio formats by the extension of the name. */
static char *
name_by_content (GBytes *bytes)
{
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);
  const char *type = length > 0 ? oai_mime_sniff (data, length) : NULL;
  const char *extension = type != NULL ? oai_mime_get_extension (type) : NULL;
  const char *stem = "audio";

  if (extension == NULL || g_str_has_prefix (type, "application/"))
    return NULL;
  if (g_str_has_prefix (type, "image/"))
    stem = "image";

  return g_strconcat (stem, ".", extension, NULL);
}

static char *
default_filename (OaiInputFile *self)
{
  g_autofree char *name = NULL;

  if (self->file != NULL)
    name = g_file_get_basename (self->file);
  else if (self->bytes != NULL)
    name = name_by_content (self->bytes);
  else if (self->head != NULL)
    name = name_by_content (self->head);

  return g_utf8_make_valid (name != NULL ? name : DEFAULT_NAME, -1);
}

static void
take_filename (OaiInputFile *self, const char *filename)
{
  gboolean given = filename != NULL && *filename != '\0';

  self->nameless = !given;
  g_free (self->filename);
  self->filename = given ? g_utf8_make_valid (filename, -1) : default_filename (self);
  self->guess_type = given || self->file != NULL || strcmp (self->filename, DEFAULT_NAME) != 0;
  g_clear_pointer (&self->guessed_type, g_free);
}

static void
oai_input_file_init (OaiInputFile *self)
{
  self->size = -1;
  self->prepared_size = -1;
  take_filename (self, NULL);
}

/**
 * oai_input_file_new_for_file:
 * @file: the file to send
 *
 * Creates an input file from a file.
 *
 * The file is opened when it is sent. If it cannot be read, the upload fails.
 *
 * Returns: (transfer full): a new input file
 *
 * Since: 1.0
 */
OaiInputFile *
oai_input_file_new_for_file (GFile *file)
{
  OaiInputFile *self;

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  self = g_object_new (OAI_TYPE_INPUT_FILE, NULL);
  self->file = g_object_ref (file);
  take_filename (self, NULL);
  return self;
}

/**
 * oai_input_file_new_for_path:
 * @path: (type filename): path of the file to send
 *
 * Creates an input file from a path.
 *
 * Returns: (transfer full): a new input file
 *
 * Since: 1.0
 */
OaiInputFile *
oai_input_file_new_for_path (const char *path)
{
  g_autoptr (GFile) file = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  file = g_file_new_for_path (path);
  return oai_input_file_new_for_file (file);
}

/**
 * oai_input_file_new_for_bytes:
 * @bytes: the bytes to send
 * @filename: (nullable): the name; %NULL to derive it from the content
 *
 * Creates an input file from bytes in memory.
 *
 * Several operations detect the format by the extension of the name, such as `speech.mp3`. Without
 * a name, the first bytes show the usual formats of images and audio, and the name is `image.png`,
 * `audio.mp3` and so on; otherwise it is `upload`.
 *
 * Returns: (transfer full): a new input file
 *
 * Since: 1.0
 */
OaiInputFile *
oai_input_file_new_for_bytes (GBytes *bytes, const char *filename)
{
  OaiInputFile *self;

  g_return_val_if_fail (bytes != NULL, NULL);

  self = g_object_new (OAI_TYPE_INPUT_FILE, NULL);
  self->bytes = g_bytes_ref (bytes);
  self->size = g_bytes_get_size (bytes);
  take_filename (self, filename);
  return self;
}

/* Returns the size of a stream, if it can be found without waiting; otherwise -1. */
static gint64
find_stream_size (OaiInputFile *self)
{
  gint64 size = oai_descriptor_stream_get_size (self->stream);

  if (size >= 0)
    return MAX (size - self->stream_start, 0);

  if (G_IS_MEMORY_INPUT_STREAM (self->stream) && g_seekable_seek (G_SEEKABLE (self->stream), 0, G_SEEK_END, NULL, NULL))
    {
      goffset end = g_seekable_tell (G_SEEKABLE (self->stream));

      g_seekable_seek (G_SEEKABLE (self->stream), self->stream_start, G_SEEK_SET, NULL, NULL);
      return end - self->stream_start;
    }

  return -1;
}

/**
 * oai_input_file_new_for_input_stream:
 * @stream: the stream, which is sent from its current position
 * @filename: (nullable): the name; %NULL to derive it from the content
 * @size: the number of bytes to send, or -1 for all until the end of the stream
 *
 * Creates an input file from a stream.
 *
 * Pass the size if it is known: not every server accepts uploads of unknown length. If the stream
 * ends before @size bytes, the upload fails; no more than that are read from it.
 *
 * Without a name, the first bytes are read before the upload. They show the usual formats of images
 * and audio, and the name is `image.png`, `audio.wav` and so on; otherwise it is `upload`.
 *
 * The stream is not closed. During the upload, nothing else may read it.
 *
 * Returns: (transfer full): a new input file
 *
 * Since: 1.0
 */
OaiInputFile *
oai_input_file_new_for_input_stream (GInputStream *stream, const char *filename, gint64 size)
{
  OaiInputFile *self;

  g_return_val_if_fail (G_IS_INPUT_STREAM (stream), NULL);
  g_return_val_if_fail (size >= -1, NULL);

  self = g_object_new (OAI_TYPE_INPUT_FILE, NULL);
  self->stream = g_object_ref (stream);
  self->stream_seekable = G_IS_SEEKABLE (stream) && g_seekable_can_seek (G_SEEKABLE (stream));
  if (self->stream_seekable)
    self->stream_start = g_seekable_tell (G_SEEKABLE (stream));
  self->size = size >= 0 ? size : find_stream_size (self);
  take_filename (self, filename);
  return self;
}

/**
 * oai_input_file_get_filename:
 * @self: an input file
 *
 * Gets the name of the file.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
oai_input_file_get_filename (OaiInputFile *self)
{
  g_return_val_if_fail (OAI_IS_INPUT_FILE (self), NULL);

  return self->filename;
}

/**
 * oai_input_file_set_filename:
 * @self: an input file
 * @filename: (nullable): the name, or %NULL for the default
 *
 * Sets the name that is sent to the server.
 *
 * Since: 1.0
 */
void
oai_input_file_set_filename (OaiInputFile *self, const char *filename)
{
  g_autofree char *before = NULL;

  g_return_if_fail (OAI_IS_INPUT_FILE (self));

  before = g_strdup (self->filename);
  take_filename (self, filename);
  if (g_strcmp0 (before, self->filename) == 0)
    return;

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FILENAME]);
  if (self->content_type == NULL)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONTENT_TYPE]);
}

/**
 * oai_input_file_get_content_type:
 * @self: an input file
 *
 * Gets the media type of the file.
 *
 * Returns: (transfer none): the media type
 *
 * Since: 1.0
 */
const char *
oai_input_file_get_content_type (OaiInputFile *self)
{
  g_return_val_if_fail (OAI_IS_INPUT_FILE (self), NULL);

  if (self->content_type != NULL)
    return self->content_type;
  if (!self->guess_type)
    return OAI_MIME_UNKNOWN;
  if (self->guessed_type == NULL)
    self->guessed_type = oai_mime_from_name (self->filename);
  return self->guessed_type;
}

/**
 * oai_input_file_set_content_type:
 * @self: an input file
 * @content_type: (nullable): a media type, or %NULL for the default
 *
 * Sets the media type that is sent to the server.
 *
 * Text that is not a media type, such as one without `/` or with line ends, counts as unset.
 *
 * Since: 1.0
 */
void
oai_input_file_set_content_type (OaiInputFile *self, const char *content_type)
{
  g_return_if_fail (OAI_IS_INPUT_FILE (self));

  if (content_type != NULL && !oai_mime_is_valid (content_type))
    content_type = NULL;
  if (g_strcmp0 (self->content_type, content_type) == 0)
    return;

  g_free (self->content_type);
  self->content_type = g_strdup (content_type);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONTENT_TYPE]);
}

/**
 * oai_input_file_get_keep_path:
 * @self: an input file
 *
 * Gets whether the directories in the name are sent.
 *
 * Returns: %TRUE if they are sent
 *
 * Since: 1.0
 */
gboolean
oai_input_file_get_keep_path (OaiInputFile *self)
{
  g_return_val_if_fail (OAI_IS_INPUT_FILE (self), FALSE);

  return self->keep_path;
}

/**
 * oai_input_file_set_keep_path:
 * @self: an input file
 * @keep_path: whether to send them
 *
 * Sets whether the directories in the name are sent.
 *
 * Since: 1.0
 */
void
oai_input_file_set_keep_path (OaiInputFile *self, gboolean keep_path)
{
  g_return_if_fail (OAI_IS_INPUT_FILE (self));

  keep_path = !!keep_path;
  if (self->keep_path == keep_path)
    return;

  self->keep_path = keep_path;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KEEP_PATH]);
}

/**
 * oai_input_file_get_size:
 * @self: an input file
 *
 * Gets the number of bytes to send.
 *
 * Returns: the number of bytes, or -1 if it is not known yet
 *
 * Since: 1.0
 */
gint64
oai_input_file_get_size (OaiInputFile *self)
{
  g_return_val_if_fail (OAI_IS_INPUT_FILE (self), -1);

  return self->size;
}

/**
 * oai_input_file_get_bytes_sent:
 * @self: an input file
 *
 * Gets the number of bytes that were sent.
 *
 * Returns: the number of bytes
 *
 * Since: 1.0
 */
gint64
oai_input_file_get_bytes_sent (OaiInputFile *self)
{
  g_return_val_if_fail (OAI_IS_INPUT_FILE (self), 0);

  return self->bytes_sent;
}

/**
 * oai_input_file_get_fraction:
 * @self: an input file
 *
 * Gets the fraction that was sent.
 *
 * Returns: a number from 0 to 1
 *
 * Since: 1.0
 */
double
oai_input_file_get_fraction (OaiInputFile *self)
{
  g_return_val_if_fail (OAI_IS_INPUT_FILE (self), 0.0);

  return self->fraction;
}

/**
 * oai_input_file_can_rewind:
 * @self: an input file
 *
 * Checks whether the file can be sent more than once.
 *
 * If it can, a failed request is retried. Only streams that cannot seek, such as pipes, can be sent
 * once only.
 *
 * Returns: %TRUE if it can be sent again
 *
 * Since: 1.0
 */
gboolean
oai_input_file_can_rewind (OaiInputFile *self)
{
  g_return_val_if_fail (OAI_IS_INPUT_FILE (self), FALSE);

  return self->stream == NULL || self->stream_seekable;
}

/* Sending */

void
oai_input_file_get_source (OaiInputFile *self, OaiInputSource *source)
{
  source->file = self->file;
  source->bytes = self->bytes;
  source->stream = self->stream;
  source->head = self->stream_seekable ? NULL : self->head;
}

/* "a\..\./b//c.txt" becomes "a/b/c.txt", which does not leave its directory. */
static char *
clean_path (const char *filename)
{
  g_auto (GStrv) steps = g_strsplit_set (filename, "/\\", -1);
  GString *path = g_string_new (NULL);

  for (guint i = 0; steps[i] != NULL; i++)
    {
      if (*steps[i] == '\0' || strcmp (steps[i], ".") == 0 || strcmp (steps[i], "..") == 0)
        continue;
      if (path->len > 0)
        g_string_append_c (path, '/');
      g_string_append (path, steps[i]);
    }
  return g_string_free (path, FALSE);
}

char *
oai_input_file_dup_sent_name (OaiInputFile *self, gboolean keep_path)
{
  g_autofree char *path = clean_path (self->filename);
  const char *slash = strrchr (path, '/');

  if (*path == '\0')
    return g_strdup (DEFAULT_NAME);
  if (slash == NULL || keep_path || self->keep_path)
    return g_steal_pointer (&path);
  return g_strdup (slash + 1);
}

static void
set_size (OaiInputFile *self, gint64 size)
{
  if (self->size == size)
    return;

  self->size = size;
  oai_emit_notify (self, properties[PROP_SIZE]);
}

/* -1: unknown, as for pipes; -2: an error. */
static gint64
size_from_info (OaiInputFile *self, GFileInfo *info, GError **error)
{
  GFileType type = g_file_info_get_file_type (info);

  if (type == G_FILE_TYPE_DIRECTORY)
    {
      /* Translators: %s is the name of a directory. */
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                   _("“%s” is a directory, and cannot be sent as a file."), self->filename);
      return -2;
    }
  if (type == G_FILE_TYPE_SPECIAL || !g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_STANDARD_SIZE))
    return -1;
  return g_file_info_get_size (info);
}

#define SIZE_ATTRIBUTES G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE

static gboolean
has_unknown_format (OaiInputFile *self)
{
  return self->stream != NULL && self->nameless && self->head == NULL && self->readings == 0 && self->size != 0;
}

static gboolean
seek_to_start (OaiInputFile *self, GError **error)
{
  return g_seekable_seek (G_SEEKABLE (self->stream), self->stream_start, G_SEEK_SET, NULL, error);
}

static void
on_head (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OaiInputFile *self = g_task_get_source_object (task);
  guint8 *buffer = g_task_get_task_data (task);
  GError *error = NULL;
  gsize n_read = 0;
  gboolean done = g_input_stream_read_all_finish (G_INPUT_STREAM (object), result, &n_read, &error);

  if (self->stream_seekable)
    done = seek_to_start (self, done ? &error : NULL) && done;
  /* Bytes that were read from a stream that cannot seek are sent by a later upload. */
  if (done || !self->stream_seekable)
    self->head = g_bytes_new (buffer, n_read);
  if (!done)
    {
      /* Translators: %s is the name of a file; why it cannot be read follows. */
      g_prefix_error (&error, _("“%s” cannot be read: "), self->filename);
      g_task_return_error (task, error);
      return;
    }

  if (self->nameless)
    oai_input_file_set_filename (self, NULL);
  g_task_return_boolean (task, TRUE);
}

/* Takes task. */
static void
read_head (OaiInputFile *self, GTask *task)
{
  gsize wanted = self->size >= 0 ? MIN (self->size, HEAD_SIZE) : HEAD_SIZE;
  guint8 *buffer = g_malloc (HEAD_SIZE);

  g_task_set_task_data (task, buffer, g_free);
  g_input_stream_read_all_async (self->stream, buffer, wanted, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), on_head, task);
}

static void
on_info (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (object), result, &error);
  OaiInputFile *self = g_task_get_source_object (task);
  gint64 size = info != NULL ? size_from_info (self, info, &error) : -2;

  if (size == -2)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  self->prepared_size = size;
  g_task_return_boolean (task, TRUE);
}

/* GIO also creates a file for the empty path, which cannot be read. */
static gboolean
check_named (OaiInputFile *self, GError **error)
{
  g_autofree char *uri = g_file_get_uri (self->file);

  if (uri != NULL && *uri != '\0')
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The path of the file to send is empty"));
  return FALSE;
}

gboolean
oai_input_file_needs_prepare (OaiInputFile *self)
{
  return has_unknown_format (self) || (self->file != NULL && !g_file_is_native (self->file));
}

void
oai_input_file_prepare_async (OaiInputFile *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, oai_input_file_prepare_async);
  if (!oai_input_file_needs_prepare (self))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (self->file == NULL)
    {
      read_head (self, g_steal_pointer (&task));
      return;
    }
  if (!check_named (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_file_query_info_async (self->file, SIZE_ATTRIBUTES, G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT,
                           cancellable, on_info, g_steal_pointer (&task));
}

gboolean
oai_input_file_prepare_finish (OaiInputFile *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
oai_input_file_is_used_up (OaiInputFile *self)
{
  return self->readings > 0 && !oai_input_file_can_rewind (self);
}

static gboolean
check_file (OaiInputFile *self, gint64 *size, GError **error)
{
  g_autoptr (GFileInfo) info = NULL;

  *size = self->prepared_size;
  self->prepared_size = -1;
  if (*size >= 0)
    return TRUE;
  if (!check_named (self, error))
    return FALSE;

  info = g_file_query_info (self->file, SIZE_ATTRIBUTES, G_FILE_QUERY_INFO_NONE, NULL, error);
  if (info == NULL)
    {
      /* Translators: %s is the name of a file; why it cannot be read follows. */
      g_prefix_error (error, _("“%s” cannot be read: "), self->filename);
      return FALSE;
    }
  *size = size_from_info (self, info, error);
  return *size != -2;
}

gboolean
oai_input_file_check (OaiInputFile *self, gint64 *size, GError **error)
{
  *size = self->size;
  if (self->file == NULL && self->bytes == NULL && self->stream == NULL)
    {
      /* Translators: %s is the name of a file. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                   _("“%s” cannot be sent: it was created without a file, bytes or a stream."), self->filename);
      return FALSE;
    }
  if (self->file != NULL && !check_file (self, size, error))
    return FALSE;

  if (oai_input_file_is_used_up (self))
    {
      /* Translators: %s is the name of a file. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                   _("“%s” was sent before, and is read from a stream that cannot be rewound."), self->filename);
      return FALSE;
    }

  set_size (self, *size);
  return TRUE;
}

static void
reset_progress (OaiInputFile *self)
{
  gboolean sent = self->bytes_sent != 0;
  gboolean shown = self->fraction != 0.0;

  self->bytes_sent = 0;
  self->reported = 0;
  self->percent = 0;
  self->fraction = 0.0;
  if (sent)
    oai_emit_notify (self, properties[PROP_BYTES_SENT]);
  if (shown)
    oai_emit_notify (self, properties[PROP_FRACTION]);
}

guint
oai_input_file_begin (OaiInputFile *self, GError **error)
{
  if (self->readings > 0 && self->stream != NULL && !seek_to_start (self, error))
    return 0;

  self->readings++;
  reset_progress (self);
  return self->readings;
}

gboolean
oai_input_file_is_current (OaiInputFile *self, guint reading)
{
  return self->stream == NULL || self->readings == reading;
}

void
oai_input_file_report (OaiInputFile *self, gint64 sent, gint64 total, gboolean finished)
{
  guint percent = finished ? 100 : total > 0 ? (guint) (sent * 100.0 / total) : 0;
  gboolean notify = percent != self->percent || (total < 0 && sent - self->reported >= REPORT_STEP);

  self->bytes_sent = sent;
  if (!notify)
    return;

  self->reported = sent;
  oai_emit_notify (self, properties[PROP_BYTES_SENT]);
  if (percent == self->percent)
    return;

  self->percent = percent;
  self->fraction = percent / 100.0;
  oai_emit_notify (self, properties[PROP_FRACTION]);
}
