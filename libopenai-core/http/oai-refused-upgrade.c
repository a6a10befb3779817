/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-refused-upgrade-private.h"

#define MAX_BODY (1024 * 1024)

struct _OaiRefusedUpgrade
{
  SoupSession *session;
  SoupLogger *logger;
  GString *body; /* owned by the logger */
};

/* The message is only compared: it holds a reference to the logger, and may be freed before. */
static SoupLoggerLogLevel
filter_cb (SoupLogger *logger, SoupMessage *message, gpointer watched)
{
  return message == watched ? SOUP_LOGGER_LOG_BODY : SOUP_LOGGER_LOG_NONE;
}

/* The logger prints line by line. */
static void
print_cb (SoupLogger *logger, SoupLoggerLogLevel level, char direction, const char *line, gpointer user_data)
{
  GString *body = user_data;

  if (level != SOUP_LOGGER_LOG_BODY || direction != '<')
    return;

  if (body->len > 0)
    g_string_append_c (body, '\n');
  g_string_append (body, line);
}

static void
free_body (gpointer body)
{
  g_string_free (body, TRUE);
}

OaiRefusedUpgrade *
oai_refused_upgrade_new (SoupSession *session, SoupMessage *message)
{
  OaiRefusedUpgrade *self = g_new0 (OaiRefusedUpgrade, 1);

  self->session = g_object_ref (session);
  self->logger = soup_logger_new (SOUP_LOGGER_LOG_BODY);
  self->body = g_string_new (NULL);
  soup_logger_set_max_body_size (self->logger, MAX_BODY);
  soup_logger_set_request_filter (self->logger, filter_cb, message, NULL);
  soup_logger_set_response_filter (self->logger, filter_cb, message, NULL);
  soup_logger_set_printer (self->logger, print_cb, self->body, free_body);
  /* The signals of the message are connected to the logger, also after it left the session. */
  g_object_set_data_full (G_OBJECT (message), "oai-refused-upgrade", g_object_ref (self->logger), g_object_unref);
  soup_session_add_feature (session, SOUP_SESSION_FEATURE (self->logger));

  return self;
}

void
oai_refused_upgrade_free (OaiRefusedUpgrade *self)
{
  soup_session_remove_feature (self->session, SOUP_SESSION_FEATURE (self->logger));
  g_object_unref (self->logger);
  g_object_unref (self->session);
  g_free (self);
}

GInputStream *
oai_refused_upgrade_open_body (OaiRefusedUpgrade *self)
{
  return g_memory_input_stream_new_from_data (g_memdup2 (self->body->str, self->body->len), self->body->len, g_free);
}
