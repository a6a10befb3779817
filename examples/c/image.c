/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates an image, reports each intermediate image, and saves the result.
 *
 * usage: image DESCRIPTION FILE (OPENAI_IMAGE_MODEL names the model) */

#include <locale.h>
#include <openai-1/openai.h>

static void
on_partial_image (OaiImageStream *stream, GBytes *image, guint index, gpointer user_data)
{
  g_print ("image %u: %" G_GSIZE_FORMAT " bytes\n", index, g_bytes_get_size (image));
}

static gboolean
draw (OaiImagesEndpoint *images, const char *description, GFile *target, GError **error)
{
  const char *model = g_getenv ("OPENAI_IMAGE_MODEL");
  g_autoptr(OaiImageRequest) request = oai_image_request_new (description);
  g_autoptr(OaiImageStream) stream = NULL;
  g_autoptr(OaiRecord) list = NULL;
  GPtrArray *made;

  oai_image_request_set_model (request, model != NULL ? model : "gpt-image-1");
  oai_image_request_set_partial_images (request, 2);
  stream = oai_images_endpoint_generate_stream (images, request);
  g_signal_connect (stream, "partial-image", G_CALLBACK (on_partial_image), NULL);
  list = oai_stream_run (OAI_STREAM (stream), NULL, error);
  if (list == NULL)
    return FALSE;

  made = oai_image_list_get_data (OAI_IMAGE_LIST (list));

  return oai_image_save (g_ptr_array_index (made, 0), target, TRUE, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiImagesEndpoint) images = oai_images_endpoint_new (client);
  g_autoptr(GFile) target = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc != 3)
    {
      g_printerr ("usage: %s DESCRIPTION FILE\n", argv[0]);
      return 2;
    }

  target = g_file_new_for_commandline_arg (argv[2]);
  if (!draw (images, argv[1], target, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_print ("saved %s\n", argv[2]);

  return 0;
}
