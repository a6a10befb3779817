/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-input-file-private.h"

#include <gio/gfiledescriptorbased.h>
#include <string.h>
#include <sys/stat.h>

#include "oai-mime-private.h"

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
 * What a program gives to an upload: a file, bytes in memory or a stream.
 *
 * The bytes are read while they are sent, so that a file of any size takes
 * little memory. A [iface@Gio.File] may be anywhere GIO reaches, a document
 * that was opened through a portal included.
 *
 * The upload tells how far it is by [property@Oai.InputFile:fraction], which
 * can be bound to a progress bar:
 *
 * ```c
 * g_object_bind_property (input, "fraction", progress_bar, "fraction", G_BINDING_SYNC_CREATE);
 * ```
 *
 * One object describes one upload at a time, and belongs to the thread of that upload. It can be used again, unless it
 * was made of a stream that cannot be wound back; see
 * [method@Oai.InputFile.can_rewind].
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
   * Directories in it are left out unless [property@Oai.InputFile:keep-path] is
   * set. `NULL` goes back to the default: the name of the file; for bytes and
   * streams whose first bytes show an image or audio format, a name such as
   * `image.png` or `audio.wav`; else `upload`. The first bytes of a stream are read
   * when it is sent.
   *
   * Since: 1.0
   */
  properties[PROP_FILENAME] = g_param_spec_string ("filename", NULL, NULL, NULL, flags);

  /**
   * OaiInputFile:content-type:
   *
   * The media type that the server is told, such as `audio/mpeg`.
   *
   * `NULL` goes back to the default: guessed by the name, and
   * `application/octet-stream` where the name tells nothing.
   *
   * Since: 1.0
   */
  properties[PROP_CONTENT_TYPE] = g_param_spec_string ("content-type", NULL, NULL, NULL, flags);

  /**
   * OaiInputFile:keep-path:
   *
   * Whether the server is told the directories in the name as well.
   *
   * Uploads of many files that belong together need it: `my-skill/SKILL.md`.
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
   * How many bytes there are to send, or -1 while that is unknown.
   *
   * The size of a file is looked up when its upload starts.
   *
   * Since: 1.0
   */
  properties[PROP_SIZE] = g_param_spec_int64 ("size", NULL, NULL, -1, G_MAXINT64, -1, flags);

  /**
   * OaiInputFile:bytes-sent:
   *
   * How many bytes the upload that runs, or ran last, has handed to the network.
   *
   * It is exact when read; its changes are notified together with those of
   * [property@Oai.InputFile:fraction], not for each few bytes. An upload that is
   * tried again starts at 0.
   *
   * Since: 1.0
   */
  properties[PROP_BYTES_SENT] = g_param_spec_int64 ("bytes-sent", NULL, NULL, 0, G_MAXINT64, 0, flags);

  /**
   * OaiInputFile:fraction:
   *
   * How much of it was sent, from 0 to 1, in steps of a hundredth.
   *
   * It stays 0 until the end where the size is unknown.
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

static void
oai_input_file_init (OaiInputFile *self)
{
  self->size = -1;
  self->prepared_size = -1;
  oai_input_file_take_filename (self, NULL);
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

  return g_utf8_make_valid (name != NULL ? name : OAI_INPUT_FILE_DEFAULT_NAME, -1);
}

void
oai_input_file_take_filename (OaiInputFile *self, const char *filename)
{
  gboolean given = filename != NULL && *filename != '\0';

  self->nameless = !given;
  g_free (self->filename);
  self->filename = given ? g_utf8_make_valid (filename, -1) : default_filename (self);
  self->guess_type = given || self->file != NULL || strcmp (self->filename, OAI_INPUT_FILE_DEFAULT_NAME) != 0;
  g_clear_pointer (&self->guessed_type, g_free);
}

/**
 * oai_input_file_new_for_file:
 * @file: the file to send
 *
 * Makes an upload of a file.
 *
 * The file is opened when the upload reaches it; that it cannot be read is an
 * error of the upload.
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
  oai_input_file_take_filename (self, NULL);
  return self;
}

/**
 * oai_input_file_new_for_path:
 * @path: (type filename): path of the file to send
 *
 * Makes an upload of a file, by its path.
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
 * @bytes: what to send
 * @filename: (nullable): its name, or %NULL for one by its content
 *
 * Makes an upload of bytes in memory.
 *
 * Several endpoints tell the format by the end of the name, such as `speech.mp3`.
 * With none, the usual formats of pictures and sound are known by their first
 * bytes and called `image.png`, `audio.mp3` and so on; all else is `upload`.
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
  oai_input_file_take_filename (self, filename);
  return self;
}

/* What can be told about a stream without waiting for anything. */
static gint64
stream_find_size (OaiInputFile *self)
{
  if (G_IS_FILE_DESCRIPTOR_BASED (self->stream))
    {
      struct stat info;
      int fd = g_file_descriptor_based_get_fd (G_FILE_DESCRIPTOR_BASED (self->stream));

      if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
        return MAX (info.st_size - self->stream_start, 0);
    }

  if (G_IS_MEMORY_INPUT_STREAM (self->stream) &&
      g_seekable_seek (G_SEEKABLE (self->stream), 0, G_SEEK_END, NULL, NULL))
    {
      goffset end = g_seekable_tell (G_SEEKABLE (self->stream));

      g_seekable_seek (G_SEEKABLE (self->stream), self->stream_start, G_SEEK_SET, NULL, NULL);
      return end - self->stream_start;
    }
  return -1;
}

/**
 * oai_input_file_new_for_stream:
 * @stream: what to send, from where it stands now
 * @filename: (nullable): its name, or %NULL for one by its content
 * @size: how many bytes of it to send, or -1 for all until its end
 *
 * Makes an upload of a stream.
 *
 * Give the size if it is known: not every server takes uploads of unknown
 * length. A stream that ends before @size bytes fails the upload; more than
 * that are not read from it.
 *
 * With no name, the first bytes are read before the upload, and the usual formats
 * of images and audio are called `image.png`, `audio.wav` and so on; all else is
 * `upload`.
 *
 * The stream is not closed. While the upload runs, nothing else may read it.
 *
 * Returns: (transfer full): a new input file
 *
 * Since: 1.0
 */
OaiInputFile *
oai_input_file_new_for_stream (GInputStream *stream, const char *filename, gint64 size)
{
  OaiInputFile *self;

  g_return_val_if_fail (G_IS_INPUT_STREAM (stream), NULL);
  g_return_val_if_fail (size >= -1, NULL);

  self = g_object_new (OAI_TYPE_INPUT_FILE, NULL);
  self->stream = g_object_ref (stream);
  self->stream_seekable = G_IS_SEEKABLE (stream) && g_seekable_can_seek (G_SEEKABLE (stream));
  if (self->stream_seekable)
    self->stream_start = g_seekable_tell (G_SEEKABLE (stream));
  self->size = size >= 0 ? size : stream_find_size (self);
  oai_input_file_take_filename (self, filename);
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
 * Sets the name that the server is told.
 *
 * Since: 1.0
 */
void
oai_input_file_set_filename (OaiInputFile *self, const char *filename)
{
  g_autofree char *before = NULL;

  g_return_if_fail (OAI_IS_INPUT_FILE (self));

  before = g_strdup (self->filename);
  oai_input_file_take_filename (self, filename);
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
 * Sets the media type that the server is told.
 *
 * One that is none, because it has no `/` or holds line ends, counts as unset.
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
 * Returns: %TRUE if they are
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
 * Gets how many bytes there are to send.
 *
 * Returns: the number of bytes, or -1 if it is not known (yet)
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
 * Gets how many bytes were handed to the network.
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
 * Gets how much of it was sent.
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
 * Gets whether it can be sent more than once.
 *
 * What can be is sent again by itself when an attempt fails and is worth another
 * one. Only a stream that cannot seek, such as a pipe, is lost once read.
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
