/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-refused-upgrade-private.h"

#define MAX_BODY (1024 * 1024)
/* The GString of a message. */
#define BODY "oai-refused-upgrade"

/* The body that the logger prints next. */
typedef struct
{
  GString *body; /* or NULL */
} Printer;

/* The logger calls this before it prints a reply. */
static SoupLoggerLogLevel
filter_cb (SoupLogger *logger, SoupMessage *message, gpointer user_data)
{
  Printer *printer = user_data;

  printer->body = g_object_get_data (G_OBJECT (message), BODY);

  return printer->body != NULL ? SOUP_LOGGER_LOG_BODY : SOUP_LOGGER_LOG_NONE;
}

/* The logger prints line by line. */
static void
print_cb (SoupLogger *logger, SoupLoggerLogLevel level, char direction, const char *line, gpointer user_data)
{
  Printer *printer = user_data;

  if (printer->body == NULL || level != SOUP_LOGGER_LOG_BODY || direction != '<')
    return;

  if (printer->body->len > 0)
    g_string_append_c (printer->body, '\n');
  g_string_append (printer->body, line);
}

static void
free_body (gpointer body)
{
  g_string_free (body, TRUE);
}

void
oai_refused_upgrade_watch_session (SoupSession *session)
{
  g_autoptr(SoupLogger) logger = soup_logger_new (SOUP_LOGGER_LOG_BODY);
  Printer *printer = g_new0 (Printer, 1);

  soup_logger_set_max_body_size (logger, MAX_BODY);
  soup_logger_set_request_filter (logger, filter_cb, printer, NULL);
  soup_logger_set_response_filter (logger, filter_cb, printer, NULL);
  soup_logger_set_printer (logger, print_cb, printer, g_free);
  soup_session_add_feature (session, SOUP_SESSION_FEATURE (logger));
}

void
oai_refused_upgrade_watch_message (SoupMessage *message)
{
  g_object_set_data_full (G_OBJECT (message), BODY, g_string_new (NULL), free_body);
}

GInputStream *
oai_refused_upgrade_open_body (SoupMessage *message)
{
  GString *body = g_object_get_data (G_OBJECT (message), BODY);

  return g_memory_input_stream_new_from_data (g_memdup2 (body->str, body->len), body->len, g_free);
}
