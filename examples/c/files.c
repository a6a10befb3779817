/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Uploads a file with progress, downloads it again, and deletes it.
 *
 * usage: files FILE DIRECTORY */

#include <locale.h>
#include <openai-1/openai.h>

static void
on_fraction (OaiInputFile *input, GParamSpec *pspec, gpointer user_data)
{
  g_printerr ("\r%3.0f %%", oai_input_file_get_fraction (input) * 100);
}

static gboolean
there_and_back (OaiFilesEndpoint *files, GFile *source, GFile *directory, GError **error)
{
  g_autofree char *path = g_file_get_path (source);
  g_autoptr(OaiInputFile) input = oai_input_file_new_for_file (source);
  g_autoptr(OaiFileUploadRequest) upload = oai_file_upload_request_new (input, OAI_FILE_PURPOSE_USER_DATA);
  g_autoptr(OaiFile) file = NULL;
  g_autoptr(GFile) saved = NULL;
  g_autofree char *name = NULL;

  g_signal_connect (input, "notify::fraction", G_CALLBACK (on_fraction), NULL);
  file = oai_files_endpoint_upload (files, upload, NULL, error);
  if (file == NULL)
    return FALSE;
  g_printerr ("\n");
  g_print ("%s is %s, %" G_GINT64_FORMAT " bytes\n", path, oai_file_get_id (file), oai_file_get_bytes (file));

  saved = oai_files_endpoint_download_to_directory (files, oai_file_get_id (file), directory, TRUE, NULL, error);
  if (saved == NULL)
    return FALSE;
  name = g_file_get_path (saved);
  g_print ("and again %s\n", name);

  return oai_files_endpoint_delete_when_processed (files, oai_file_get_id (file), -1, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (client);
  g_autoptr(GFile) source = NULL;
  g_autoptr(GFile) directory = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc != 3)
    {
      g_printerr ("usage: %s FILE DIRECTORY\n", argv[0]);
      return 2;
    }

  source = g_file_new_for_commandline_arg (argv[1]);
  directory = g_file_new_for_commandline_arg (argv[2]);
  if (!there_and_back (files, source, directory, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  return 0;
}
