/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A connection to a server of Redis or Valkey. */

#include "oai-redis-connection-private.h"

#include <string.h>

#include <gio/gnetworking.h>
#include <gio/gunixsocketaddress.h>

#include "oai-i18n-private.h"
#include "oai-socket-source-private.h"
#include "oai-source-private.h"
#include "oai-wipe-private.h"

#define READ_SIZE 4096

typedef struct
{
  OaiRedisReplyFunc func;
  gpointer user_data;
  gint64 deadline;
} Command;

struct _OaiRedisConnection
{
  grefcount refs;           /* of the owner, and of calls in progress */
  const OaiRedisUrl *url;
  GTlsDatabase *ca_database;
  const OaiRedisConnectionFuncs *funcs;
  gpointer user_data;
  guint timeout_ms;
  GMainContext *context;
  GCancellable *cancellable;
  GSocketConnection *socket; /* NULL before it is connected, and after it was closed */
  GIOStream *stream;        /* the socket, or TLS over it */
  OaiRedisReader *reader;
  GSource *input;
  GSource *output;          /* while the socket takes no more bytes */
  GSource *flush;           /* writes what is pending, at the next iteration of the context */
  GSource *timer;
  GByteArray *pending;      /* bytes to be written */
  GQueue commands;          /* without replies */
  gboolean opened;
  gboolean closed;
};

typedef struct
{
  GSource source;
  OaiRedisConnection *connection;
} Timer;

static OaiRedisConnection *
connection_ref (OaiRedisConnection *self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

static void
connection_unref (OaiRedisConnection *self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  oai_redis_reader_free (self->reader);
  oai_wipe (self->pending->data, self->pending->len);
  g_byte_array_unref (self->pending);
  g_clear_object (&self->ca_database);
  g_object_unref (self->cancellable);
  g_main_context_unref (self->context);
  g_free (self);
}

static void
attach (OaiRedisConnection *self, GSource *source, const char *name, GSourceFunc func)
{
  g_source_set_static_name (source, name);
  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, self->context);
}

static void
close_stream (OaiRedisConnection *self)
{
  oai_drop_source (&self->input);
  oai_drop_source (&self->output);
  oai_drop_source (&self->flush);
  oai_drop_source (&self->timer);
  g_cancellable_cancel (self->cancellable);
  /* Without TLS's own end, which could block. */
  if (self->socket != NULL)
    g_socket_close (g_socket_connection_get_socket (self->socket), NULL);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
}

/* Calls the functions of all commands without a reply. */
static void
fail_commands (OaiRedisConnection *self)
{
  Command *command;

  while ((command = g_queue_pop_head (&self->commands)) != NULL)
    {
      command->func (NULL, command->user_data);
      g_free (command);
    }
}

static void
fail (OaiRedisConnection *self, const char *reason)
{
  if (self->closed)
    return;

  connection_ref (self);
  self->closed = TRUE;
  close_stream (self);
  self->funcs->closed (reason, self->user_data);
  fail_commands (self);
  connection_unref (self);
}

void
oai_redis_connection_fail (OaiRedisConnection *self, const char *reason)
{
  fail (self, reason);
}

void
oai_redis_connection_free (OaiRedisConnection *self)
{
  if (!self->closed)
    {
      self->closed = TRUE;
      close_stream (self);
      fail_commands (self);
    }
  connection_unref (self);
}

/* When the oldest command has to be answered. */
static void
update_timer (OaiRedisConnection *self)
{
  const Command *command = g_queue_peek_head (&self->commands);

  g_source_set_ready_time (self->timer, command != NULL ? command->deadline : -1);
}

/* The timer is not changed by each reply, so it may be early. */
static gboolean
on_timer (GSource *source, GSourceFunc callback, gpointer user_data)
{
  OaiRedisConnection *self = ((Timer *) source)->connection;
  const Command *command = g_queue_peek_head (&self->commands);

  if (!self->opened || (command != NULL && command->deadline <= g_source_get_time (source)))
    fail (self, _("it did not reply in time"));
  else
    update_timer (self);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs timer_funcs = { .dispatch = on_timer };

static void
start_timer (OaiRedisConnection *self)
{
  self->timer = g_source_new (&timer_funcs, sizeof (Timer));
  g_source_set_static_name (self->timer, "OaiRedisConnection timer");
  ((Timer *) self->timer)->connection = self;
  g_source_set_ready_time (self->timer, g_get_monotonic_time () + self->timeout_ms * G_GINT64_CONSTANT (1000));
  g_source_attach (self->timer, self->context);
}

static void try_write (OaiRedisConnection *self);

static gboolean
on_writable (GObject *stream, gpointer user_data)
{
  OaiRedisConnection *self = user_data;

  oai_drop_source (&self->output);
  try_write (self);

  return G_SOURCE_REMOVE;
}

static void
try_write (OaiRedisConnection *self)
{
  GPollableOutputStream *stream = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->stream));
  gsize written = 0;

  while (written < self->pending->len)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_pollable_output_stream_write_nonblocking (stream, self->pending->data + written, self->pending->len - written, NULL, &error);

      if (n < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          fail (self, _("the connection was closed"));
          return;
        }
      if (n < 0)
        {
          self->output = g_pollable_output_stream_create_source (stream, NULL);
          attach (self, self->output, "OaiRedisConnection output", G_SOURCE_FUNC (on_writable));
          break;
        }
      written += n;
    }
  if (written == 0)
    return;

  /* There may be a password in it. */
  oai_wipe (self->pending->data, written);
  g_byte_array_remove_range (self->pending, 0, written);
}

static void
append_text (GByteArray *bytes, const char *text, gsize length)
{
  g_byte_array_append (bytes, (const guint8 *) text, length);
}

static void
append_size (GByteArray *bytes, char type, gsize size)
{
  char text[32];
  int length = g_snprintf (text, sizeof text, "%c%" G_GSIZE_FORMAT "\r\n", type, size);

  append_text (bytes, text, length);
}

static void
append_command (GByteArray *bytes, guint n_words, const char *const *words)
{
  append_size (bytes, '*', n_words);
  for (guint i = 0; i < n_words; i++)
    {
      gsize length = strlen (words[i]);

      append_size (bytes, '$', length);
      append_text (bytes, words[i], length);
      append_text (bytes, "\r\n", 2);
    }
}

static gboolean on_flush (gpointer user_data);

void
oai_redis_connection_send (OaiRedisConnection *self, guint n_words, const char *const *words, OaiRedisReplyFunc func, gpointer user_data)
{
  Command *command;

  if (self->closed)
    {
      func (NULL, user_data);
      return;
    }

  command = g_new (Command, 1);
  *command = (Command) { func, user_data, g_get_monotonic_time () + self->timeout_ms * G_GINT64_CONSTANT (1000) };
  g_queue_push_tail (&self->commands, command);
  if (self->opened && g_source_get_ready_time (self->timer) == -1)
    update_timer (self);

  append_command (self->pending, n_words, words);
  if (self->flush == NULL && self->output == NULL && self->stream != NULL)
    {
      self->flush = g_idle_source_new ();
      g_source_set_priority (self->flush, G_PRIORITY_DEFAULT);
      attach (self, self->flush, "OaiRedisConnection flush", on_flush);
    }
}

void
oai_redis_connection_flush (OaiRedisConnection *self)
{
  oai_drop_source (&self->flush);
  if (self->stream != NULL && self->output == NULL && self->pending->len > 0)
    try_write (self);
}

static gboolean
on_flush (gpointer user_data)
{
  oai_redis_connection_flush (user_data);

  return G_SOURCE_REMOVE;
}

static void
take_reply (OaiRedisConnection *self, const OaiRedisReply *reply)
{
  Command *command = g_queue_pop_head (&self->commands);

  if (command == NULL)
    {
      fail (self, _("it sent a reply without a command"));
      return;
    }

  command->func (reply, command->user_data);
  g_free (command);
}

static void
take_replies (OaiRedisConnection *self)
{
  while (!self->closed)
    {
      g_autoptr(OaiRedisReply) reply = NULL;

      if (!oai_redis_reader_read (self->reader, &reply))
        fail (self, _("its reply is not valid"));
      else if (reply == NULL)
        return;
      else
        take_reply (self, reply);
    }
}

/* Returns FALSE if there is nothing more to read now. */
static gboolean
read_some (OaiRedisConnection *self)
{
  GPollableInputStream *stream = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream));
  g_autoptr(GError) error = NULL;
  char buffer[READ_SIZE];
  gssize n = g_pollable_input_stream_read_nonblocking (stream, buffer, sizeof buffer, NULL, &error);

  if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  if (n <= 0)
    fail (self, _("the connection was closed"));
  else if (!oai_redis_reader_feed (self->reader, buffer, n))
    fail (self, _("its reply is not valid"));
  else
    take_replies (self);

  /* TLS may have decrypted more than what was read. */
  return !self->closed && (n == sizeof buffer || self->url->tls);
}

static gboolean
on_socket_readable (gpointer user_data)
{
  OaiRedisConnection *self = connection_ref (user_data);

  while (read_some (self))
    ;
  connection_unref (self);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_stream_readable (GObject *stream, gpointer user_data)
{
  return on_socket_readable (user_data);
}

static void
start_reading (OaiRedisConnection *self)
{
  self->input = self->url->tls ? NULL : oai_socket_source_new (g_socket_connection_get_socket (self->socket));
  if (self->input != NULL)
    {
      attach (self, self->input, "OaiRedisConnection socket", on_socket_readable);
      return;
    }

  self->input = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream)), NULL);
  attach (self, self->input, "OaiRedisConnection input", G_SOURCE_FUNC (on_stream_readable));
}

static void
open_connection (OaiRedisConnection *self)
{
  self->opened = TRUE;
  update_timer (self);
  self->funcs->opened (self->user_data);
}

static void
on_ping (const OaiRedisReply *reply, gpointer user_data)
{
  OaiRedisConnection *self = user_data;
  char code[32];

  if (reply == NULL)
    return;

  if (reply->type == OAI_REDIS_REPLY_STATUS && strcmp (reply->text, "PONG") == 0)
    {
      open_connection (self);
    }
  else if (oai_redis_reply_is_error (reply, "NOAUTH"))
    {
      fail (self, _("it requires a password"));
    }
  else
    {
      /* Translators: %s is an error code of Redis, such as LOADING. */
      g_autofree char *reason = oai_redis_reply_get_code (reply, code) ? g_strdup_printf (_("it replied with the error %s"), code) : NULL;

      fail (self, reason != NULL ? reason : _("its reply is not valid"));
    }
}

static void
on_authenticated (const OaiRedisReply *reply, gpointer user_data)
{
  if (reply != NULL && (reply->type != OAI_REDIS_REPLY_STATUS || strcmp (reply->text, "OK") != 0))
    fail (user_data, _("it rejected the user or the password"));
}

static void
on_selected (const OaiRedisReply *reply, gpointer user_data)
{
  if (reply == NULL || (reply->type == OAI_REDIS_REPLY_STATUS && strcmp (reply->text, "OK") == 0))
    return;
  /* That of PING says why. */
  if (oai_redis_reply_is_error (reply, "NOAUTH"))
    return;

  fail (user_data, _("it does not have the database"));
}

/* The commands at the beginning of a connection. */
static void
greet (OaiRedisConnection *self)
{
  const OaiRedisUrl *url = self->url;
  char database[16];

  if (url->password != NULL && url->user != NULL)
    oai_redis_connection_send (self, 3, (const char *[]) { "AUTH", url->user, url->password }, on_authenticated, self);
  else if (url->password != NULL)
    oai_redis_connection_send (self, 2, (const char *[]) { "AUTH", url->password }, on_authenticated, self);
  if (url->database != 0)
    {
      g_snprintf (database, sizeof database, "%u", url->database);
      oai_redis_connection_send (self, 2, (const char *[]) { "SELECT", database }, on_selected, self);
    }
  oai_redis_connection_send (self, 1, (const char *[]) { "PING" }, on_ping, self);
  oai_redis_connection_flush (self);
  if (!self->closed)
    start_reading (self);
}

static void
on_handshake (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiRedisConnection *self = user_data;
  g_autoptr(GError) error = NULL;
  gboolean done = g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error);

  if (!self->closed)
    {
      if (done)
        greet (self);
      else if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
        fail (self, _("its certificate is not accepted"));
      else
        fail (self, _("it does not offer TLS"));
    }
  connection_unref (self);
}

static void
start_tls (OaiRedisConnection *self)
{
  g_autoptr(GSocketConnectable) identity = g_network_address_new (self->url->host, self->url->port);
  g_autoptr(GError) error = NULL;

  g_clear_object (&self->stream);
  self->stream = g_tls_client_connection_new (G_IO_STREAM (self->socket), identity, &error);
  if (self->stream == NULL)
    {
      fail (self, _("TLS is not available on this system"));
      return;
    }

  if (self->ca_database != NULL)
    g_tls_connection_set_database (G_TLS_CONNECTION (self->stream), self->ca_database);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (self->stream), G_PRIORITY_DEFAULT, self->cancellable, on_handshake, connection_ref (self));
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiRedisConnection *self = user_data;
  g_autoptr(GSocketConnection) socket = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, NULL);

  if (!self->closed && socket == NULL)
    {
      fail (self, _("it does not accept connections"));
    }
  else if (!self->closed)
    {
      self->socket = g_object_ref (socket);
      self->stream = g_object_ref (G_IO_STREAM (socket));
      if (G_IS_TCP_CONNECTION (socket))
        g_socket_set_option (g_socket_connection_get_socket (socket), IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
      if (self->url->tls)
        start_tls (self);
      else
        greet (self);
    }
  connection_unref (self);
}

OaiRedisConnection *
oai_redis_connection_new (const OaiRedisUrl *url, GTlsDatabase *ca_database, guint timeout_ms, const OaiRedisConnectionFuncs *funcs, gpointer user_data)
{
  OaiRedisConnection *self = g_new0 (OaiRedisConnection, 1);
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketConnectable) address = NULL;

  g_ref_count_init (&self->refs);
  self->url = url;
  g_set_object (&self->ca_database, ca_database);
  self->timeout_ms = timeout_ms;
  self->funcs = funcs;
  self->user_data = user_data;
  self->context = g_main_context_ref_thread_default ();
  self->cancellable = g_cancellable_new ();
  self->reader = oai_redis_reader_new ();
  /* Large enough for a password, so that it is not copied. */
  self->pending = g_byte_array_sized_new (4096);
  start_timer (self);

  address = url->path != NULL ? G_SOCKET_CONNECTABLE (g_unix_socket_address_new (url->path)) : g_network_address_new (url->host, url->port);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_async (client, address, self->cancellable, on_connected, connection_ref (self));

  return self;
}
