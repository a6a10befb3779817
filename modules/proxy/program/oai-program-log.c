/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-program-log-private.h"

#include <string.h>
#include <unistd.h>

static GLogLevelFlags max_level = G_LOG_LEVEL_MESSAGE;
static gboolean to_journal;

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if ((level & G_LOG_LEVEL_MASK) > max_level)
    return G_LOG_WRITER_HANDLED;
  if (to_journal && g_log_writer_journald (level, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED)
    return G_LOG_WRITER_HANDLED;

  return g_log_writer_standard_streams (level, fields, n_fields, NULL);
}

void
oai_program_log_init (void)
{
  to_journal = g_log_writer_is_journald (STDERR_FILENO);
  /* The standard output is for the access log. */
  g_log_writer_default_set_use_stderr (TRUE);
  g_log_set_writer_func (write_log, NULL, NULL);
}

void
oai_program_log_set_level (const char *level)
{
  if (g_strcmp0 (level, "warning") == 0)
    max_level = G_LOG_LEVEL_WARNING;
  else if (g_strcmp0 (level, "info") == 0)
    max_level = G_LOG_LEVEL_INFO;
  else if (g_strcmp0 (level, "debug") == 0)
    max_level = G_LOG_LEVEL_DEBUG;
  else
    max_level = G_LOG_LEVEL_MESSAGE;
}
