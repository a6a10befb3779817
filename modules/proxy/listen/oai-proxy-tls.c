/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-tls-private.h"

#include <glib/gstdio.h>
#include <sys/socket.h>

#include "oai-i18n-private.h"

#define CHECK_INTERVAL_US G_USEC_PER_SEC

/* By which changes of a file are recognised. */
typedef struct
{
  guint64 device;
  guint64 inode;
  gint64 size;
  gint64 seconds;
  gint64 nanoseconds;
} Stamp;

typedef struct
{
  Stamp certificate;
  Stamp key;
  Stamp client_ca;
} Stamps;

struct _OaiProxyTls
{
  char *certificate_file; /* NULL for a certificate of the program */
  char *key_file;         /* NULL if it is the same */
  char *client_ca_file;   /* or NULL */
  GTlsCertificate *certificate;
  GTlsDatabase *client_ca; /* NULL: no certificates of clients */
  gboolean require_client;
  Stamps stamps; /* of the files that were loaded, or could not be loaded */
  gint64 checked; /* monotonic time */
};

static Stamp
read_stamp (const char *path)
{
  Stamp stamp = { 0 };
  GStatBuf status;

  if (path == NULL || g_stat (path, &status) != 0)
    return stamp;

  stamp.device = status.st_dev;
  stamp.inode = status.st_ino;
  stamp.size = status.st_size;
  stamp.seconds = status.st_mtim.tv_sec;
  stamp.nanoseconds = status.st_mtim.tv_nsec;
  return stamp;
}

static gboolean
stamp_equal (const Stamp *a, const Stamp *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size && a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

static Stamps
read_stamps (OaiProxyTls *self)
{
  return (Stamps) { read_stamp (self->certificate_file), read_stamp (self->key_file), read_stamp (self->client_ca_file) };
}

static gboolean
stamps_equal (const Stamps *a, const Stamps *b)
{
  return stamp_equal (&a->certificate, &b->certificate) && stamp_equal (&a->key, &b->key) && stamp_equal (&a->client_ca, &b->client_ca);
}

typedef struct
{
  GIOStream *sockets[2];
  guint n_complete;
  GError *error; /* of the server */
} Trial;

static gboolean
accept_any (GTlsConnection *connection, GTlsCertificate *certificate, GTlsCertificateFlags errors, gpointer user_data)
{
  return TRUE;
}

static void
end_trial (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Trial *trial = user_data;
  g_autoptr(GError) error = NULL;

  trial->n_complete++;
  if (g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error))
    return;

  if (trial->error == NULL)
    trial->error = g_steal_pointer (&error);
  /* Ends the other handshake. */
  for (guint i = 0; i < G_N_ELEMENTS (trial->sockets); i++)
    g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (trial->sockets[i])), TRUE, TRUE, NULL);
}

static gboolean
open_pair (GIOStream **streams, GError **error)
{
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "socketpair");
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      g_autoptr(GSocket) socket = g_socket_new_from_fd (fds[i], NULL);

      streams[i] = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
    }

  return TRUE;
}

static void
run_trial (Trial *trial, GTlsCertificate *certificate, GError **error)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GIOStream) server = g_tls_server_connection_new (trial->sockets[0], certificate, error);
  g_autoptr(GIOStream) client = server != NULL ? g_tls_client_connection_new (trial->sockets[1], NULL, error) : NULL;

  if (client == NULL)
    return;

  g_main_context_push_thread_default (context);
  g_signal_connect (client, "accept-certificate", G_CALLBACK (accept_any), NULL);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (server), G_PRIORITY_DEFAULT, NULL, end_trial, trial);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (client), G_PRIORITY_DEFAULT, NULL, end_trial, trial);
  while (trial->n_complete < 2)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  if (trial->error == NULL)
    return;

  /* Translators: %s is a message of the TLS library. */
  g_set_error (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, _("The certificate cannot be used with its key: %s"), trial->error->message);
  g_error_free (trial->error);
}

gboolean
oai_proxy_tls_check_certificate (GTlsCertificate *certificate, GError **error)
{
  Trial trial = { 0 };
  g_autoptr(GError) failure = NULL;

  if (!open_pair (trial.sockets, error))
    return FALSE;

  run_trial (&trial, certificate, &failure);
  g_object_unref (trial.sockets[0]);
  g_object_unref (trial.sockets[1]);
  if (failure == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static GTlsCertificate *
load_certificate (OaiProxyTls *self, GError **error)
{
  g_autoptr(GTlsCertificate) certificate = NULL;
  g_autofree char *shown = g_filename_display_name (self->certificate_file);

  if (self->key_file != NULL)
    certificate = g_tls_certificate_new_from_files (self->certificate_file, self->key_file, error);
  else
    certificate = g_tls_certificate_new_from_file (self->certificate_file, error);
  if (certificate == NULL || !oai_proxy_tls_check_certificate (certificate, error))
    {
      /* Translators: %s is the path of a file. */
      g_prefix_error (error, _("The certificate “%s” cannot be loaded: "), shown);
      return NULL;
    }

  return g_steal_pointer (&certificate);
}

static GTlsDatabase *
load_client_ca (OaiProxyTls *self, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (self->client_ca_file, NULL);
  g_autofree char *shown = g_filename_display_name (path);
  GTlsDatabase *database = g_tls_file_database_new (path, error);

  if (database == NULL)
    /* Translators: %s is the path of a file. */
    g_prefix_error (error, _("The authorities of certificates “%s” cannot be loaded: "), shown);

  return database;
}

gboolean
oai_proxy_tls_reload (OaiProxyTls *self, GError **error)
{
  g_autoptr(GTlsCertificate) certificate = NULL;
  g_autoptr(GTlsDatabase) database = NULL;

  if (self->certificate_file == NULL)
    return TRUE;

  self->stamps = read_stamps (self);
  certificate = load_certificate (self, error);
  if (certificate == NULL)
    return FALSE;
  if (self->client_ca_file != NULL)
    {
      database = load_client_ca (self, error);
      if (database == NULL)
        return FALSE;
    }

  g_set_object (&self->certificate, certificate);
  g_set_object (&self->client_ca, database);
  return TRUE;
}

OaiProxyTls *
oai_proxy_tls_new (const char *certificate_file, const char *key_file, const char *client_ca_file, gboolean require_client, GError **error)
{
  g_autoptr(OaiProxyTls) self = g_rc_box_new0 (OaiProxyTls);

  self->certificate_file = g_strdup (certificate_file);
  self->key_file = g_strdup (key_file);
  self->client_ca_file = g_strdup (client_ca_file);
  self->require_client = require_client;
  if (!oai_proxy_tls_reload (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

OaiProxyTls *
oai_proxy_tls_new_for_certificate (GTlsCertificate *certificate, GTlsDatabase *client_ca, gboolean require_client)
{
  OaiProxyTls *self = g_rc_box_new0 (OaiProxyTls);

  self->certificate = g_object_ref (certificate);
  g_set_object (&self->client_ca, client_ca);
  self->require_client = require_client;

  return self;
}

static void
replace_text (char **location, const char *text)
{
  g_free (*location);
  *location = g_strdup (text);
}

void
oai_proxy_tls_assign (OaiProxyTls *self, OaiProxyTls *other)
{
  if (self == other)
    return;

  replace_text (&self->certificate_file, other->certificate_file);
  replace_text (&self->key_file, other->key_file);
  replace_text (&self->client_ca_file, other->client_ca_file);
  g_set_object (&self->certificate, other->certificate);
  g_set_object (&self->client_ca, other->client_ca);
  self->require_client = other->require_client;
  self->stamps = other->stamps;
}

OaiProxyTls *
oai_proxy_tls_ref (OaiProxyTls *self)
{
  return g_rc_box_acquire (self);
}

static void
tls_clear (gpointer data)
{
  OaiProxyTls *self = data;

  g_free (self->certificate_file);
  g_free (self->key_file);
  g_free (self->client_ca_file);
  g_clear_object (&self->certificate);
  g_clear_object (&self->client_ca);
}

void
oai_proxy_tls_unref (OaiProxyTls *self)
{
  g_rc_box_release_full (self, tls_clear);
}

/* Files that cannot be loaded are reported once for each change. */
static void
check_files (OaiProxyTls *self)
{
  gint64 now = g_get_monotonic_time ();
  g_autoptr(GError) error = NULL;
  Stamps stamps;

  if (self->certificate_file == NULL || now - self->checked < CHECK_INTERVAL_US)
    return;

  self->checked = now;
  stamps = read_stamps (self);
  if (!stamps_equal (&stamps, &self->stamps) && !oai_proxy_tls_reload (self, &error))
    g_warning ("%s", error->message);
}

/* GIO reports the certificates of clients without errors as well. */
static gboolean
accept_verified (GTlsConnection *connection, GTlsCertificate *certificate, GTlsCertificateFlags errors, gpointer user_data)
{
  return errors == G_TLS_CERTIFICATE_NO_FLAGS;
}

GIOStream *
oai_proxy_tls_wrap (OaiProxyTls *self, GIOStream *stream, GError **error)
{
  static const char *const protocols[] = { "http/1.1", NULL };
  GIOStream *connection;
  GTlsAuthenticationMode mode = G_TLS_AUTHENTICATION_NONE;

  check_files (self);
  connection = g_tls_server_connection_new (stream, self->certificate, error);
  if (connection == NULL)
    return NULL;

  if (self->client_ca != NULL)
    {
      mode = self->require_client ? G_TLS_AUTHENTICATION_REQUIRED : G_TLS_AUTHENTICATION_REQUESTED;
      g_tls_connection_set_database (G_TLS_CONNECTION (connection), self->client_ca);
      g_signal_connect (connection, "accept-certificate", G_CALLBACK (accept_verified), NULL);
    }
  g_object_set (connection, "authentication-mode", mode, NULL);
  /* HTTP says itself where bodies end. */
  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (connection), FALSE);
  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (connection), protocols);

  return connection;
}
