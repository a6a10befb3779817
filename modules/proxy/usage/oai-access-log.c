/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-access-log-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oai-i18n-private.h"
#include "oai-source-private.h"

#define FLUSH_MS 200
/* Lines are written earlier if there are more bytes. */
#define FLUSH_SIZE (64 * 1024)
/* Lines that a slow reader has not read. */
#define MAX_PENDING (1024 * 1024)
/* A pipe that is writable accepts as many bytes without blocking. */
#define PIPE_CHUNK 4096
/* Longer texts are truncated. */
#define MAX_TEXT 1024

struct _OaiAccessLog
{
  char *path;
  int descriptor;
  gboolean regular;  /* a file, to which writing does not block */
  GMainContext *context;
  GSource *timer;
  GString *pending;
  guint64 n_lost;
};

static gboolean
set_descriptor (OaiAccessLog *self, int descriptor, GError **error)
{
  struct stat status;

  if (descriptor < 0)
    {
      int code = errno;

      /* Translators: the first %s is the path of a file, the second one is the reason. */
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _("The access log “%s” cannot be opened: %s"), self->path, g_strerror (code));
      return FALSE;
    }
  if (self->descriptor >= 0)
    close (self->descriptor);
  self->descriptor = descriptor;
  self->regular = fstat (descriptor, &status) == 0 && S_ISREG (status.st_mode);

  return TRUE;
}

static gboolean
open_log (OaiAccessLog *self, GError **error)
{
  if (strcmp (self->path, "-") == 0)
    return set_descriptor (self, fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), error);

  return set_descriptor (self, open (self->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640), error);
}

OaiAccessLog *
oai_access_log_new (const char *path, GError **error)
{
  g_autoptr(OaiAccessLog) self = g_new0 (OaiAccessLog, 1);

  self->path = g_strdup (path);
  self->descriptor = -1;
  self->context = g_main_context_ref_thread_default ();
  self->pending = g_string_new (NULL);
  if (!open_log (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

/* Returns whether the descriptor accepts PIPE_CHUNK bytes now. */
static gboolean
is_writable (OaiAccessLog *self)
{
  struct pollfd descriptor = { self->descriptor, POLLOUT, 0 };

  return self->regular || poll (&descriptor, 1, 0) > 0;
}

static void
write_pending (OaiAccessLog *self)
{
  gsize written = 0;

  while (written < self->pending->len && is_writable (self))
    {
      gsize size = self->pending->len - written;
      gssize n = write (self->descriptor, self->pending->str + written, self->regular ? size : MIN (size, PIPE_CHUNK));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      written += (gsize) n;
    }
  g_string_erase (self->pending, 0, (gssize) written);
}

static gboolean
on_timer (gpointer user_data)
{
  OaiAccessLog *self = user_data;

  write_pending (self);
  if (self->pending->len > 0)
    return G_SOURCE_CONTINUE;

  g_clear_pointer (&self->timer, g_source_unref);

  return G_SOURCE_REMOVE;
}

static void
ensure_timer (OaiAccessLog *self)
{
  if (self->timer != NULL)
    return;

  self->timer = g_timeout_source_new (FLUSH_MS);
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, self->context);
}

void
oai_access_log_flush (OaiAccessLog *self)
{
  write_pending (self);
  if (self->pending->len == 0)
    oai_drop_source (&self->timer);
}

void
oai_access_log_free (OaiAccessLog *self)
{
  if (self->descriptor >= 0)
    {
      write_pending (self);
      close (self->descriptor);
    }
  oai_drop_source (&self->timer);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_string_free (self->pending, TRUE);
  g_free (self->path);
  g_free (self);
}

static void
append_character (GString *out, gunichar c)
{
  if (c == '"' || c == '\\')
    g_string_append_printf (out, "\\%c", (char) c);
  else if (c >= 0x20 && c < 0x7f)
    g_string_append_c (out, (char) c);
  else if (c < 0x10000)
    g_string_append_printf (out, "\\u%04x", c);
  else
    g_string_append_printf (out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
}

/* Writes text so that it cannot control a terminal or end a line. */
static void
append_text (GString *out, const char *name, const char *text)
{
  const char *end;

  if (text == NULL)
    return;

  g_string_append_printf (out, ",\"%s\":\"", name);
  end = text + strnlen (text, MAX_TEXT);
  while (text < end)
    {
      gunichar c = g_utf8_get_char_validated (text, end - text);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          append_character (out, 0xfffd);
          text++;
          continue;
        }
      append_character (out, c);
      text = g_utf8_next_char (text);
    }
  g_string_append (out, *end != '\0' ? "...\"" : "\"");
}

static void
append_int (GString *out, const char *name, gint64 value)
{
  g_string_append_printf (out, ",\"%s\":%" G_GINT64_FORMAT, name, value);
}

static void
append_ms (GString *out, const char *name, gint64 us)
{
  g_string_append_printf (out, ",\"%s\":%" G_GINT64_FORMAT ".%03d", name, us / 1000, (int) (us % 1000));
}

static void
append_time (GString *out, gint64 time)
{
  g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  g_autofree char *text = date != NULL ? g_date_time_format (date, "%Y-%m-%dT%H:%M:%S") : NULL;

  g_string_append_printf (out, "{\"time\":\"%s.%06dZ\"", text != NULL ? text : "", (int) (time % G_USEC_PER_SEC));
}

static void
append_usage (GString *out, const OaiProxyReportData *data)
{
  char cost[G_ASCII_DTOSTR_BUF_SIZE];

  if (!data->has_usage)
    return;

  append_int (out, "input_tokens", data->input_tokens);
  append_int (out, "cached_tokens", data->cached_tokens);
  append_int (out, "output_tokens", data->output_tokens);
  if (data->cost >= 0)
    g_string_append_printf (out, ",\"cost\":%s", g_ascii_formatd (cost, sizeof cost, "%.9g", data->cost));
}

static void
append_line (GString *out, const OaiProxyReportData *data)
{
  append_time (out, data->begin_time);
  append_text (out, "request_id", data->request_id);
  append_text (out, "peer", data->peer);
  append_text (out, "identity", data->identity);
  append_text (out, "method", data->method);
  append_text (out, "path", data->path);
  append_text (out, "operation", data->operation);
  append_text (out, "model", data->model);
  append_text (out, "upstream", data->upstream);
  append_int (out, "status", data->status);
  append_text (out, "outcome", oai_proxy_outcome_to_string (data->outcome));
  append_text (out, "code", data->code);
  append_usage (out, data);
  append_int (out, "received_bytes", (gint64) data->received_bytes);
  append_int (out, "sent_bytes", (gint64) data->sent_bytes);
  if (data->head_us >= 0)
    append_ms (out, "head_ms", data->head_us);
  append_ms (out, "duration_ms", MAX (data->duration_us, 0));
  append_text (out, "traceparent", data->traceparent);
  g_string_append (out, "}\n");
}

void
oai_access_log_add (OaiAccessLog *self, const OaiProxyReportData *data)
{
  if (self->pending->len >= MAX_PENDING)
    {
      self->n_lost++;
      return;
    }
  append_line (self->pending, data);
  if (self->pending->len >= FLUSH_SIZE)
    write_pending (self);
  if (self->pending->len > 0)
    ensure_timer (self);
}

gboolean
oai_access_log_reopen (OaiAccessLog *self, GError **error)
{
  write_pending (self);

  return open_log (self, error);
}

guint64
oai_access_log_get_n_lost (OaiAccessLog *self)
{
  return self->n_lost;
}
