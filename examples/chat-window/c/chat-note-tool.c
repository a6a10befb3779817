/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The model can save a note, if the user allows it. */

#include "chat-note-tool.h"

#define MAX_NAME 80 /* characters */

static const char parameters[] =
  "{\"type\": \"object\", \"properties\": {"
  "\"title\": {\"type\": \"string\", \"description\": \"the title of the note\"},"
  "\"text\": {\"type\": \"string\", \"description\": \"the text\"}},"
  "\"required\": [\"title\", \"text\"]}";

/* Returns a file name without separators. */
static char *
get_name (const char *title)
{
  GString *name = g_string_new (NULL);
  glong length = 0;

  for (const char *end = title; *end != '\0' && length < MAX_NAME; end = g_utf8_next_char (end), length++)
    {
      gunichar c = g_utf8_get_char (end);

      g_string_append_unichar (name, g_unichar_isalnum (c) || c == ' ' || c == '-' ? c : '_');
    }
  g_strstrip (name->str);
  if (*name->str == '\0')
    g_string_assign (name, "Note");

  return g_string_free (name, FALSE);
}

static void
save_note (OaiToolCall *call, gpointer user_data)
{
  const char *directory = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
  const char *text = oai_tool_call_get_string (call, "text");
  g_autofree char *name = get_name (oai_tool_call_get_string (call, "title"));
  g_autofree char *filename = g_strconcat (name, ".txt", NULL);
  g_autoptr(GFile) file = g_file_new_build_filename (directory != NULL ? directory : g_get_user_data_dir (), filename, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GFileOutputStream) stream = g_file_create (file, G_FILE_CREATE_NONE, NULL, &error);

  if (stream != NULL && g_output_stream_write_all (G_OUTPUT_STREAM (stream), text, strlen (text), NULL, NULL, &error)
      && g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error))
    oai_tool_call_respond (call, g_file_peek_path (file));
  else
    oai_tool_call_fail_with_message (call, error->message);
}

OaiToolset *
chat_note_tool_new_toolset (void)
{
  OaiToolset *toolset = oai_toolset_new ();
  OaiTool *tool = oai_toolset_add_function (toolset, "save_note", "Saves a note as a text file in the documents of the user.", parameters, save_note, NULL, NULL, NULL);

  oai_tool_set_needs_approval (tool, TRUE);

  return toolset;
}
