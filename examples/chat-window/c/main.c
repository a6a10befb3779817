/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A window for conversations with models.
 *
 * OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL are used until a server is chosen in the dialog. */

#include <glib/gi18n.h>
#include <locale.h>

#ifdef HAVE_GSTREAMER
#include <gst/gst.h>
#endif

#include "chat-application.h"

int
main (int argc, char **argv)
{
  const char *locale_directory = g_getenv ("OAI_CHAT_LOCALE_DIR");
  g_autoptr(GApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (CHAT_DOMAIN, locale_directory != NULL ? locale_directory : LOCALE_DIRECTORY);
  bind_textdomain_codeset (CHAT_DOMAIN, "UTF-8");
  textdomain (CHAT_DOMAIN);
  g_set_application_name (_("Chat"));
#ifdef HAVE_GSTREAMER
  gst_init (NULL, NULL);
#endif

  application = chat_application_new ();

  return g_application_run (application, argc, argv);
}
