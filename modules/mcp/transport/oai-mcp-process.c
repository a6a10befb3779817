/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-process-private.h"

#include <signal.h>
#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-redact-private.h"
#include "oai-secret-private.h"
#include "oai-source-private.h"

#define CHUNK 65536
#define MAX_LOG_LINE 2000
/* Time for the server to end by itself, and then after SIGTERM. */
#define GRACE_MS 2000
/* Time between the end of the output and the end of the process, or the reverse. */
#define END_MS 500

struct _OaiMcpProcess
{
  OaiMcpTransport parent_instance;

  GStrv argv;
  GStrv environment;
  char *working_directory;

  GMainContext *context;
  GSubprocess *process;
  GCancellable *cancellable; /* of all operations */
  char *chunk;       /* CHUNK bytes of the output */
  GByteArray *line;  /* an incomplete line of the output */
  GQueue lines;      /* of GBytes: lines that are not received yet */
  char log_chunk[1024];
  GString *log_line; /* an incomplete line of the log */
  GQueue queue;      /* of GBytes: lines to write */
  gboolean writing;
  gboolean ended;    /* the output has ended */
  gboolean exited;
  gboolean terminated; /* SIGTERM was sent */
  GSource *timer;
  GTask *close_task;
  GSource *cancelled_source;
};

G_DEFINE_FINAL_TYPE (OaiMcpProcess, oai_mcp_process, OAI_TYPE_MCP_TRANSPORT)

static void write_next (OaiMcpProcess *self);
static void read_next (OaiMcpProcess *self);
static void read_log (OaiMcpProcess *self);

static void
start_timer (OaiMcpProcess *self, guint milliseconds, GSourceFunc func)
{
  oai_drop_source (&self->timer);
  self->timer = g_timeout_source_new (milliseconds);
  g_source_set_static_name (self->timer, "[oai] MCP process");
  g_source_set_callback (self->timer, func, self, NULL);
  g_source_attach (self->timer, self->context);
}

static const char *
get_name (OaiMcpProcess *self)
{
  return self->argv[0];
}

/* The end */

static GError *
new_end_error (OaiMcpProcess *self)
{
  if (!self->exited)
    return g_error_new (OAI_ERROR, OAI_ERROR_CONNECTION, _("The MCP server “%s” closed its output"), get_name (self));
  if (g_subprocess_get_if_signaled (self->process))
    /* Translators: %d is the number of a signal. */
    return g_error_new (OAI_ERROR, OAI_ERROR_CONNECTION, _("The MCP server “%s” was ended by signal %d"), get_name (self),
                        g_subprocess_get_term_sig (self->process));

  return g_error_new (OAI_ERROR, OAI_ERROR_CONNECTION, _("The MCP server “%s” ended with exit status %d"), get_name (self),
                      g_subprocess_get_exit_status (self->process));
}

/* Ends all operations.  The process may still run. */
static void
stop (OaiMcpProcess *self)
{
  oai_drop_source (&self->timer);
  oai_drop_source (&self->cancelled_source);
  g_cancellable_cancel (self->cancellable);
  g_queue_clear_full (&self->lines, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&self->queue, (GDestroyNotify) g_bytes_unref);
}

static void
oai_mcp_process_abandon (OaiMcpTransport *transport)
{
  OaiMcpProcess *self = OAI_MCP_PROCESS (transport);

  stop (self);
  if (self->process != NULL && !self->exited)
    g_subprocess_force_exit (self->process);
}

static void
lose (OaiMcpProcess *self, GError *error)
{
  g_autoptr(OaiMcpProcess) guard G_GNUC_UNUSED = g_object_ref (self);

  oai_mcp_process_abandon (OAI_MCP_TRANSPORT (self));
  oai_mcp_transport_lose (OAI_MCP_TRANSPORT (self), error);
}

/* A handler of a message may iterate the main loop, which then receives the next messages. */
static void
receive_lines (OaiMcpProcess *self)
{
  while (self->close_task == NULL && !g_cancellable_is_cancelled (self->cancellable) && !g_queue_is_empty (&self->lines))
    {
      g_autoptr(GBytes) line = g_queue_pop_head (&self->lines);
      gsize length;
      const char *text = g_bytes_get_data (line, &length);

      oai_mcp_transport_receive (OAI_MCP_TRANSPORT (self), text, length, OAI_MCP_NO_ID);
    }
}

static void
lose_ended (OaiMcpProcess *self)
{
  receive_lines (self);
  if (self->close_task == NULL && !g_cancellable_is_cancelled (self->cancellable))
    lose (self, new_end_error (self));
}

static gboolean
end_cb (gpointer user_data)
{
  g_autoptr(OaiMcpProcess) self = g_object_ref (user_data);

  oai_drop_source (&self->timer);
  lose_ended (self);

  return G_SOURCE_REMOVE;
}

/* The output has ended, or the process has. */
static void
note_end (OaiMcpProcess *self)
{
  if (self->close_task != NULL || g_cancellable_is_cancelled (self->cancellable))
    return;

  if (self->ended && self->exited)
    lose_ended (self);
  else
    start_timer (self, END_MS, end_cb);
}

static void
finish_close (OaiMcpProcess *self)
{
  GTask *task = g_steal_pointer (&self->close_task);
  GError *error = NULL;

  stop (self);
  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
exited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiMcpProcess) self = user_data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  self->exited = TRUE;
  if (self->close_task != NULL)
    finish_close (self);
  else
    note_end (self);
}

/* The output: one message a line */

/* A server may print text that is no message, for example when it starts; OaiMcpRpc ignores such lines. */
static void
add_line (OaiMcpProcess *self, const char *text, gsize length)
{
  if (length > 0 && text[length - 1] == '\r')
    length--;
  if (length > 0)
    g_queue_push_tail (&self->lines, g_bytes_new (text, length));
}

static void
add_lines (OaiMcpProcess *self, gsize size)
{
  const char *next = self->chunk;
  const char *end = self->chunk + size;
  const char *line_end;

  while (next < end && (line_end = memchr (next, '\n', end - next)) != NULL)
    {
      if (self->line->len > 0)
        {
          g_byte_array_append (self->line, (const guint8 *) next, line_end - next);
          add_line (self, (const char *) self->line->data, self->line->len);
          g_byte_array_set_size (self->line, 0);
        }
      else
        {
          add_line (self, next, line_end - next);
        }
      next = line_end + 1;
    }
  g_byte_array_append (self->line, (const guint8 *) next, end - next);
}

static gboolean
is_too_large (OaiMcpProcess *self)
{
  gsize max = oai_mcp_transport_get_max_message_size (OAI_MCP_TRANSPORT (self));

  return max > 0 && self->line->len > max;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiMcpProcess) self = user_data;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
  gboolean too_large;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (size <= 0)
    {
      receive_lines (self);
      self->ended = TRUE;
      note_end (self);
      return;
    }

  /* While the server is being closed, its output is discarded, so that it is not blocked. */
  if (self->close_task == NULL)
    add_lines (self, size);
  too_large = is_too_large (self);
  if (!too_large)
    read_next (self);
  receive_lines (self);
  if (too_large && !g_cancellable_is_cancelled (self->cancellable))
    lose (self, oai_mcp_transport_new_too_large_error (OAI_MCP_TRANSPORT (self)));
}

static void
read_next (OaiMcpProcess *self)
{
  g_input_stream_read_async (g_subprocess_get_stdout_pipe (self->process), self->chunk, CHUNK, G_PRIORITY_DEFAULT,
                             self->cancellable, read_cb, g_object_ref (self));
}

/* The log: its lines become messages of the debug log */

static void
log_line (OaiMcpProcess *self)
{
  g_autofree char *text = oai_redact_and_truncate (self->log_line->str, self->log_line->len,
                                                   oai_mcp_transport_get_secrets (OAI_MCP_TRANSPORT (self)), MAX_LOG_LINE);

  if (*text != '\0')
    g_debug ("MCP server “%s”: %s", get_name (self), text);
  g_string_truncate (self->log_line, 0);
}

static void
read_log_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiMcpProcess) self = user_data;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (size <= 0)
    {
      log_line (self);
      return;
    }

  for (gssize i = 0; i < size; i++)
    {
      if (self->log_chunk[i] == '\n')
        log_line (self);
      else if (self->log_line->len < 4 * MAX_LOG_LINE)
        g_string_append_c (self->log_line, self->log_chunk[i]);
    }
  read_log (self);
}

static void
read_log (OaiMcpProcess *self)
{
  g_input_stream_read_async (g_subprocess_get_stderr_pipe (self->process), self->log_chunk, sizeof self->log_chunk,
                             G_PRIORITY_LOW, self->cancellable, read_log_cb, g_object_ref (self));
}

/* The input */

static void
close_input (OaiMcpProcess *self)
{
  g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, NULL);
}

/* A failure is not reported here: the end of the output follows. */
static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiMcpProcess) self = user_data;
  gboolean written = g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);

  self->writing = FALSE;
  if (!written)
    g_queue_clear_full (&self->queue, (GDestroyNotify) g_bytes_unref);
  else
    g_bytes_unref (g_queue_pop_head (&self->queue));

  if (self->close_task != NULL)
    close_input (self);
  else
    write_next (self);
}

static void
write_next (OaiMcpProcess *self)
{
  GBytes *bytes = g_queue_peek_head (&self->queue);

  if (bytes == NULL || self->writing)
    return;

  self->writing = TRUE;
  g_output_stream_write_all_async (g_subprocess_get_stdin_pipe (self->process), g_bytes_get_data (bytes, NULL),
                                   g_bytes_get_size (bytes), G_PRIORITY_DEFAULT, self->cancellable, written_cb,
                                   g_object_ref (self));
}

static void
oai_mcp_process_send (OaiMcpTransport *transport, const OaiMcpMessage *message)
{
  OaiMcpProcess *self = OAI_MCP_PROCESS (transport);
  gsize length = strlen (message->text);

  /* The line end replaces the NUL. */
  message->text[length] = '\n';
  g_queue_push_tail (&self->queue, g_bytes_new_take (message->text, length + 1));
  write_next (self);
  if (message->delivered == NULL)
    return;

  g_task_return_boolean (message->delivered, TRUE);
  g_object_unref (message->delivered);
}

/* Start */

/* The variables of the program that a server gets: not the others, which may contain keys. */
static gboolean
is_passed (const char *name)
{
  static const char *const names[] = {
    "DISPLAY", "HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SHELL", "SYSTEMROOT", "TEMP", "TERM", "TMPDIR", "TZ", "USER",
    "WAYLAND_DISPLAY", NULL
  };

  return g_strv_contains (names, name) || g_str_has_prefix (name, "LC_") || g_str_has_prefix (name, "XDG_");
}

static void
unset_variables (GSubprocessLauncher *launcher)
{
  g_auto(GStrv) names = g_listenv ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!is_passed (names[i]))
        g_subprocess_launcher_unsetenv (launcher, names[i]);
    }
}

static void
set_variables (OaiMcpProcess *self, GSubprocessLauncher *launcher)
{
  for (guint i = 0; self->environment != NULL && self->environment[i] != NULL; i++)
    {
      const char *value = strchr (self->environment[i], '=');
      g_autofree char *name = value != NULL ? g_strndup (self->environment[i], value - self->environment[i]) : NULL;

      if (name != NULL && *name != '\0')
        g_subprocess_launcher_setenv (launcher, name, value + 1, TRUE);
    }
}

static gboolean
oai_mcp_process_start (OaiMcpTransport *transport, GError **error)
{
  OaiMcpProcess *self = OAI_MCP_PROCESS (transport);
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE
                                                                       | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                                       | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GError) reason = NULL;

  /* Its class ignores SIGPIPE, which a write to a server that has ended would cause. */
  g_type_class_unref (g_type_class_ref (G_TYPE_SOCKET));

  unset_variables (launcher);
  set_variables (self, launcher);
  if (self->working_directory != NULL)
    g_subprocess_launcher_set_cwd (launcher, self->working_directory);
  self->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) self->argv, &reason);
  if (self->process == NULL)
    {
      /* Translators: the first %s is the name of a program, the second the reason. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_CONNECTION, _("The MCP server “%s” cannot be started: %s"), get_name (self), reason->message);
      return FALSE;
    }

  g_subprocess_wait_async (self->process, NULL, exited_cb, g_object_ref (self));
  read_next (self);
  read_log (self);

  return TRUE;
}

/* Close */

static gboolean
grace_cb (gpointer user_data)
{
  OaiMcpProcess *self = user_data;

  if (self->terminated)
    {
      g_subprocess_force_exit (self->process);
      return G_SOURCE_REMOVE;
    }

  self->terminated = TRUE;
  g_subprocess_send_signal (self->process, SIGTERM);

  return G_SOURCE_CONTINUE;
}

static gboolean
close_cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  OaiMcpProcess *self = user_data;

  g_subprocess_force_exit (self->process);

  return G_SOURCE_REMOVE;
}

static void
oai_mcp_process_close (OaiMcpTransport *transport, GTask *task)
{
  OaiMcpProcess *self = OAI_MCP_PROCESS (transport);

  self->close_task = task;
  if (self->process == NULL || self->exited || g_cancellable_is_cancelled (self->cancellable))
    {
      finish_close (self);
      return;
    }

  start_timer (self, GRACE_MS, grace_cb);
  if (g_task_get_cancellable (task) != NULL)
    {
      self->cancelled_source = g_cancellable_source_new (g_task_get_cancellable (task));
      g_source_set_callback (self->cancelled_source, G_SOURCE_FUNC (close_cancelled_cb), self, NULL);
      g_source_attach (self->cancelled_source, self->context);
    }
  /* A message that is being written is completed before. */
  if (!self->writing)
    close_input (self);
}

/* The object */

static void
oai_mcp_process_finalize (GObject *object)
{
  OaiMcpProcess *self = OAI_MCP_PROCESS (object);

  oai_drop_source (&self->timer);
  g_strfreev (self->argv);
  g_strfreev (self->environment);
  g_free (self->working_directory);
  g_clear_object (&self->process);
  g_clear_object (&self->cancellable);
  g_free (self->chunk);
  g_clear_pointer (&self->line, g_byte_array_unref);
  g_string_free (self->log_line, TRUE);
  g_queue_clear_full (&self->lines, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&self->queue, (GDestroyNotify) g_bytes_unref);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (oai_mcp_process_parent_class)->finalize (object);
}

static void
oai_mcp_process_class_init (OaiMcpProcessClass *klass)
{
  OaiMcpTransportClass *transport_class = OAI_MCP_TRANSPORT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = oai_mcp_process_finalize;
  transport_class->start = oai_mcp_process_start;
  transport_class->send = oai_mcp_process_send;
  transport_class->close = oai_mcp_process_close;
  transport_class->abandon = oai_mcp_process_abandon;
}

static void
oai_mcp_process_init (OaiMcpProcess *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->cancellable = g_cancellable_new ();
  self->chunk = g_malloc (CHUNK);
  self->line = g_byte_array_new ();
  self->log_line = g_string_new (NULL);
  g_queue_init (&self->lines);
  g_queue_init (&self->queue);
}

/* The values of the environment, one on each line.  Shorter values appear in a text by chance. */
static char *
collect_secrets (const char *const *environment)
{
  GString *secrets = g_string_new (NULL);

  for (guint i = 0; environment != NULL && environment[i] != NULL; i++)
    {
      const char *value = strchr (environment[i], '=');

      if (value != NULL && strlen (value + 1) >= 8 && strchr (value, '\n') == NULL)
        g_string_append_printf (secrets, "%s\n", value + 1);
    }

  return g_string_free (secrets, secrets->len == 0);
}

OaiMcpTransport *
oai_mcp_process_new (const char *const *argv, const char *const *environment, const char *working_directory)
{
  OaiMcpProcess *self = g_object_new (OAI_TYPE_MCP_PROCESS, NULL);
  oai_autosecret char *secrets = NULL;

  self->argv = g_strdupv ((GStrv) argv);
  self->environment = g_strdupv ((GStrv) environment);
  self->working_directory = g_strdup (working_directory);
  secrets = collect_secrets (environment);
  oai_mcp_transport_set_secrets (OAI_MCP_TRANSPORT (self), secrets);

  return OAI_MCP_TRANSPORT (self);
}
