/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-content-decoder-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"

struct _OaiContentDecoder
{
  GObject parent_instance;

  char *encoding;
  char *failure;
  GConverter *inner; /* created with the first byte */
  gboolean finished;
};

static void oai_content_decoder_converter_init (GConverterIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OaiContentDecoder, oai_content_decoder, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_CONVERTER, oai_content_decoder_converter_init))

static void
oai_content_decoder_finalize (GObject *object)
{
  OaiContentDecoder *self = OAI_CONTENT_DECODER (object);

  g_free (self->encoding);
  g_free (self->failure);
  g_clear_object (&self->inner);

  G_OBJECT_CLASS (oai_content_decoder_parent_class)->finalize (object);
}

static void
oai_content_decoder_class_init (OaiContentDecoderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_content_decoder_finalize;
}

static void
oai_content_decoder_init (OaiContentDecoder *self)
{
}

static GConverterResult
ask_for_more (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, _("the connection ended"));
  return G_CONVERTER_ERROR;
}

/* Servers use "deflate" for two formats: RFC 1950, which is correct, and RFC 1951. */
static GZlibCompressorFormat
guess_deflate (guint8 first)
{
  return (first & 0x0f) == 8 && first >> 4 <= 7 ? G_ZLIB_COMPRESSOR_FORMAT_ZLIB : G_ZLIB_COMPRESSOR_FORMAT_RAW;
}

static gboolean
make_inner (OaiContentDecoder *self, guint8 first, GError **error)
{
  GZlibCompressorFormat format = G_ZLIB_COMPRESSOR_FORMAT_GZIP;

  if (g_ascii_strcasecmp (self->encoding, "deflate") == 0)
    {
      format = guess_deflate (first);
    }
  else if (g_ascii_strcasecmp (self->encoding, "gzip") != 0 && g_ascii_strcasecmp (self->encoding, "x-gzip") != 0)
    {
      /* Translators: %s is the name of an encoding such as “br”. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply has an unknown content encoding: %s"), self->encoding);
      return FALSE;
    }

  self->inner = G_CONVERTER (g_zlib_decompressor_new (format));

  return TRUE;
}

/* Takes reason, which describes bytes.  The message names the encoding, which helps to find the
 * cause. */
static GConverterResult
fail (OaiContentDecoder *self, GError *reason, gboolean at_end, GError **error)
{
  gboolean short_input = g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT);

  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_NO_SPACE) || (short_input && !at_end))
    {
      g_propagate_error (error, reason);
      return G_CONVERTER_ERROR;
    }

  g_error_free (reason);
  if (short_input)
    /* Translators: %s is the name of an encoding such as “gzip”. */
    g_set_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The compressed reply (%s) ended before it was complete"), self->encoding);
  else
    /* Translators: %s is the name of an encoding such as “gzip”. */
    g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The compressed reply (%s) is damaged"), self->encoding);

  return G_CONVERTER_ERROR;
}

static GConverterResult
drop_rest (gsize size, gboolean at_end, gsize *n_read, GError **error)
{
  *n_read = size;
  if (at_end)
    return G_CONVERTER_FINISHED;

  return size > 0 ? G_CONVERTER_CONVERTED : ask_for_more (error);
}

static GConverterResult
oai_content_decoder_convert (GConverter *converter, const void *in, gsize in_size, void *out, gsize out_size, GConverterFlags flags, gsize *n_read, gsize *n_written, GError **error)
{
  OaiContentDecoder *self = OAI_CONTENT_DECODER (converter);
  gboolean at_end = (flags & G_CONVERTER_INPUT_AT_END) != 0;
  GError *reason = NULL;
  GConverterResult result;

  *n_read = *n_written = 0;
  if (self->failure != NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, self->failure);
      return G_CONVERTER_ERROR;
    }
  if (self->finished)
    return drop_rest (in_size, at_end, n_read, error);
  if (self->inner == NULL && in_size == 0)
    return at_end ? G_CONVERTER_FINISHED : ask_for_more (error);
  if (self->inner == NULL && !make_inner (self, *(const guint8 *) in, error))
    return G_CONVERTER_ERROR;

  result = g_converter_convert (self->inner, in, in_size, out, out_size, flags, n_read, n_written, &reason);
  if (result == G_CONVERTER_ERROR)
    return fail (self, reason, at_end, error);
  if (result != G_CONVERTER_FINISHED)
    return result;

  self->finished = TRUE;

  return at_end && *n_read == in_size ? G_CONVERTER_FINISHED : G_CONVERTER_CONVERTED;
}

static void
oai_content_decoder_reset (GConverter *converter)
{
  OaiContentDecoder *self = OAI_CONTENT_DECODER (converter);

  g_clear_object (&self->inner);
  self->finished = FALSE;
}

static void
oai_content_decoder_converter_init (GConverterIface *iface)
{
  iface->convert = oai_content_decoder_convert;
  iface->reset = oai_content_decoder_reset;
}

GConverter *
oai_content_decoder_new (const char *encoding)
{
  OaiContentDecoder *self = g_object_new (OAI_TYPE_CONTENT_DECODER, NULL);

  self->encoding = g_strdup (encoding);

  return G_CONVERTER (self);
}

GConverter *
oai_content_decoder_new_failing (const char *message)
{
  OaiContentDecoder *self = g_object_new (OAI_TYPE_CONTENT_DECODER, NULL);

  self->failure = g_strdup (message);

  return G_CONVERTER (self);
}

/* Checks Content-Length, since libsoup accepts any text as a number. */
static gboolean
has_good_length (SoupMessageHeaders *headers)
{
  const char *length = soup_message_headers_get_one (headers, "Content-Length");

  return length == NULL || g_ascii_isdigit (*length);
}

GInputStream *
oai_content_decoder_wrap (GInputStream *body, SoupMessageHeaders *headers)
{
  const char *encoding = soup_message_headers_get_list (headers, "Content-Encoding");
  g_autoptr(GInputStream) encoded = body;
  g_autoptr(GConverter) decoder = NULL;

  if (!has_good_length (headers))
    decoder = oai_content_decoder_new_failing (_("The server sent a Content-Length that is not a number"));
  else if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    decoder = oai_content_decoder_new (encoding);
  if (decoder == NULL)
    return g_steal_pointer (&encoded);

  return g_converter_input_stream_new (encoded, decoder);
}
