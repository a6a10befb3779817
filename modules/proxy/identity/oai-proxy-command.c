/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-command.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "oai-i18n-private.h"
#include "oai-identity-cache-private.h"
#include "oai-json-builder-private.h"
#include "oai-json-doc-private.h"
#include "oai-limits-json-private.h"
#include "oai-redact-private.h"
#include "oai-secret-private.h"
#include "oai-source-private.h"
#include "oai-unique-members-private.h"
#include "oai-wipe-private.h"

#define DEFAULT_TIMEOUT_MS 5000
#define DEFAULT_MAX_PROCESSES 8
#define MAX_TOKEN 16384
#define MAX_OUTPUT 65536
#define MAX_LOG 2000
#define MAX_MESSAGE 500
#define CHUNK 4096
/* Requests that wait for a process, or for one to end. */
#define MAX_WAITING 256
#define MAX_CACHED 10000

/**
 * OaiProxyCommand:
 *
 * Runs a command that decides who the client is.
 *
 * The command reads a JSON object from its standard input, with the members `id` (of the request), `method`, `path`,
 * `peer` (an IP address, or `null`) and `token`. It is not run for requests without a token. It prints a JSON object and
 * exits with status 0:
 *
 * - `{"identity": "alice"}` accepts the client. The member `limits` is optional: a name as in
 *   [method@Oai.ProxyAuthenticator.set_limits], or an object with the properties of [class@Oai.ProxyLimits], such as
 *   `{"requests_per_minute": 10}`.
 * - `{"identity": null}` leaves the token to the next authenticator.
 * - `{"error": "The account is closed."}` refuses the request with status 401 and this message.
 *
 * Requests are refused with status 503 if the command fails, prints anything else or more than 64 KiB, or exceeds
 * [property@Oai.ProxyCommand:timeout-ms]; then it is killed together with its process group. What it prints to its standard
 * error appears in the log if it fails. Of the environment, it gets only variables such as `PATH`, `LANG` and `HOME`.
 *
 * A process for each request is slow. With [property@Oai.ProxyCommand:cache-ms], a result is used for all requests with the
 * same token, with any method, path and peer.
 *
 * Since: 1.0
 */
struct _OaiProxyCommand
{
  OaiProxyAuthenticator parent_instance;

  GStrv argv; /* NULL for an object that was created without one */
  guint timeout_ms;
  guint max_processes;
  guint cache_ms;

  OaiIdentityCache *cache;
  GHashTable *shared; /* OaiDigest of a Job → the Job, whose result will be cached */
  GQueue queue;       /* of Job that wait */
  guint n_processes;
  guint n_waiting;    /* requests */
};

G_DEFINE_FINAL_TYPE (OaiProxyCommand, oai_proxy_command, OAI_TYPE_PROXY_AUTHENTICATOR)

enum
{
  PROP_0,
  PROP_TIMEOUT_MS,
  PROP_MAX_PROCESSES,
  PROP_CACHE_MS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* One run of the command.  Each operation that is not complete owns a reference. */
typedef struct
{
  guint ref_count;
  OaiProxyCommand *command; /* owned; NULL after the end */
  GPtrArray *tasks;         /* of GTask: the requests that wait for it */
  OaiDigest digest;
  gboolean is_shared;
  char *token;
  char *input;
  GSubprocess *process;
  GCancellable *cancellable; /* of reading and writing */
  GSource *timer;
  GByteArray *output;
  GByteArray *log;
  guint8 chunk[CHUNK];
  guint8 log_chunk[CHUNK];
  gboolean closed; /* the output has ended */
  gboolean exited;
} Job;

static void start_next (OaiProxyCommand *self);
static void read_output (Job *job);
static void read_log (Job *job);

static Job *
job_ref (Job *self)
{
  self->ref_count++;

  return self;
}

static void
job_unref (Job *self)
{
  if (--self->ref_count > 0)
    return;

  g_ptr_array_unref (self->tasks);
  oai_secret_free (self->token);
  oai_secret_free (self->input);
  g_clear_object (&self->process);
  g_object_unref (self->cancellable);
  if (self->output->len > 0)
    oai_wipe (self->output->data, self->output->len);
  g_byte_array_unref (self->output);
  g_byte_array_unref (self->log);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_unref)

/* Results */

static gboolean
refuse (GError **error, OaiProxyError code, const char *message)
{
  g_set_error_literal (error, OAI_PROXY_ERROR, code, message);

  return FALSE;
}

static gboolean
fail (GError **error)
{
  return refuse (error, OAI_PROXY_ERROR_UNAVAILABLE, _("Tokens cannot be checked now"));
}

static OaiProxyIdentity *
create_identity (OaiProxyCommand *self, OaiJsonDoc *doc, const char *id, GError **error)
{
  OaiJsonNode node = oai_json_get_member (doc, 0, "limits");
  OaiJsonType type = oai_json_get_type (doc, node);
  g_autoptr(OaiProxyLimits) limits = NULL;

  if (node == OAI_JSON_NONE || type == OAI_JSON_NULL || type == OAI_JSON_STRING)
    return oai_proxy_authenticator_create_identity (OAI_PROXY_AUTHENTICATOR (self), id, oai_json_get_string (doc, node, NULL), error);

  limits = oai_limits_from_json (doc, node);
  if (limits != NULL && oai_proxy_identity_id_is_valid (id))
    return oai_proxy_identity_new (id, limits);

  g_warning (_("The command “%s” printed limits or an identity that are not valid"), self->argv[0]);
  fail (error);

  return NULL;
}

static gboolean
refuse_with_message (Job *job, const char *message, GError **error)
{
  g_autofree char *shown = oai_redact_and_truncate (message, strlen (message), job->token, MAX_MESSAGE);

  return refuse (error, OAI_PROXY_ERROR_UNAUTHENTICATED, shown);
}

/* Returns FALSE with an error.  identity: NULL for a token of another kind. */
static gboolean
read_reply (Job *job, OaiProxyIdentity **identity, GError **error)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy ((const char *) job->output->data, job->output->len, OAI_JSON_STRICT, NULL);
  OaiJsonNode id_node = oai_json_get_member (doc, 0, "identity");
  OaiJsonNode error_node = oai_json_get_member (doc, 0, "error");
  const char *id = oai_json_get_string (doc, id_node, NULL);
  const char *message = oai_json_get_string (doc, error_node, NULL);

  *identity = NULL;
  if (doc == NULL || oai_json_has_duplicates (doc, 0) || (id_node == OAI_JSON_NONE) == (error_node == OAI_JSON_NONE)
      || (id == NULL && message == NULL && oai_json_get_type (doc, id_node) != OAI_JSON_NULL))
    {
      g_warning (_("The command “%s” printed no reply that is valid"), job->command->argv[0]);
      return fail (error);
    }
  if (message != NULL)
    return refuse_with_message (job, message, error);
  if (id == NULL)
    return TRUE;

  *identity = create_identity (job->command, doc, id, error);

  return *identity != NULL;
}

static void
complete (Job *job, OaiProxyIdentity *identity, const GError *error)
{
  for (guint i = 0; i < job->tasks->len; i++)
    {
      GTask *task = job->tasks->pdata[i];

      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_pointer (task, identity != NULL ? g_object_ref (identity) : NULL, g_object_unref);
    }
}

/* The process may still run.  Takes error and identity. */
static void
finish (Job *job, OaiProxyIdentity *identity, GError *error)
{
  g_autoptr(OaiProxyCommand) self = g_steal_pointer (&job->command);
  g_autoptr(OaiProxyIdentity) owned = identity;
  g_autoptr(GError) owned_error = error;
  gint64 now = g_get_monotonic_time ();

  oai_drop_source (&job->timer);
  g_cancellable_cancel (job->cancellable);
  if (job->is_shared)
    g_hash_table_remove (self->shared, &job->digest);
  if (job->is_shared && owned_error == NULL)
    oai_identity_cache_add (self->cache, &job->digest, owned, now, now + (gint64) self->cache_ms * 1000);
  self->n_processes--;
  self->n_waiting -= job->tasks->len;
  complete (job, owned, owned_error);
  start_next (self);
}

/* The number of the process is not used again before it was waited for. */
static void
kill_process (Job *job)
{
  const char *id = g_subprocess_get_identifier (job->process);

  if (id != NULL)
    kill (-(pid_t) g_ascii_strtoll (id, NULL, 10), SIGKILL);
}

/* reason: translated */
static void
abandon (Job *job, const char *reason)
{
  GError *error = NULL;

  g_warning ("%s: %s", job->command->argv[0], reason);
  kill_process (job);
  fail (&error);
  finish (job, NULL, error);
}

static void
log_failure (Job *job)
{
  g_autofree char *text = NULL;

  g_byte_array_append (job->log, (const guint8 *) "", 1);
  text = oai_redact_and_truncate ((const char *) job->log->data, job->log->len - 1, job->token, MAX_LOG);
  if (g_subprocess_get_if_signaled (job->process))
    /* Translators: the first %s is the name of a command, %d the number of a signal, the second %s what it printed. */
    g_warning (_("The command “%s” ended by signal %d: %s"), job->command->argv[0], g_subprocess_get_term_sig (job->process), text);
  else
    /* Translators: the first %s is the name of a command, the second %s what it printed. */
    g_warning (_("The command “%s” ended with exit status %d: %s"), job->command->argv[0], g_subprocess_get_exit_status (job->process), text);
}

static void
finish_if_ended (Job *job)
{
  OaiProxyIdentity *identity = NULL;
  GError *error = NULL;

  if (job->command == NULL || !job->closed || !job->exited)
    return;

  if (g_subprocess_get_successful (job->process))
    {
      read_reply (job, &identity, &error);
    }
  else
    {
      log_failure (job);
      fail (&error);
    }
  finish (job, identity, error);
}

/* The process */

static void
exited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Job) job = user_data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  job->exited = TRUE;
  finish_if_ended (job);
}

static gboolean
timeout_cb (gpointer user_data)
{
  g_autoptr(Job) job = job_ref (user_data);

  abandon (job, _("The command did not end in time"));

  return G_SOURCE_REMOVE;
}

static void
output_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Job) job = user_data;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (job->command == NULL)
    return;
  if (size <= 0)
    {
      job->closed = TRUE;
      finish_if_ended (job);
      return;
    }
  if (job->output->len + size > MAX_OUTPUT)
    {
      abandon (job, _("The command printed too much"));
      return;
    }

  g_byte_array_append (job->output, job->chunk, size);
  read_output (job);
}

static void
read_output (Job *job)
{
  g_input_stream_read_async (g_subprocess_get_stdout_pipe (job->process), job->chunk, CHUNK, G_PRIORITY_DEFAULT, job->cancellable, output_cb, job_ref (job));
}

static void
log_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Job) job = user_data;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (size <= 0 || job->command == NULL)
    return;

  /* The rest is read and discarded, so that the command is not blocked. */
  if (job->log->len < MAX_LOG)
    g_byte_array_append (job->log, job->log_chunk, size);
  read_log (job);
}

static void
read_log (Job *job)
{
  g_input_stream_read_async (g_subprocess_get_stderr_pipe (job->process), job->log_chunk, CHUNK, G_PRIORITY_DEFAULT, job->cancellable, log_cb, job_ref (job));
}

/* A command may decide without reading its input. */
static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Job) job G_GNUC_UNUSED = user_data;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_output_stream_close (G_OUTPUT_STREAM (source), NULL, NULL);
}

static void
write_input (Job *job)
{
  g_output_stream_write_all_async (g_subprocess_get_stdin_pipe (job->process), job->input, strlen (job->input), G_PRIORITY_DEFAULT, job->cancellable, written_cb,
                                   job_ref (job));
}

static void
start_timer (Job *job)
{
  if (job->command->timeout_ms == 0)
    return;

  job->timer = g_timeout_source_new (job->command->timeout_ms);
  g_source_set_static_name (job->timer, "[oai] authenticating command");
  g_source_set_callback (job->timer, timeout_cb, job, NULL);
  g_source_attach (job->timer, g_task_get_context (job->tasks->pdata[0]));
}

/* The program may have keys in its environment. */
static GStrv
build_environment (void)
{
  static const char *const names[] = { "HOME", "LANG", "LANGUAGE", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER" };
  GStrv environment = g_new0 (char *, 1);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *value = g_getenv (names[i]);

      if (value != NULL)
        environment = g_environ_setenv (environment, names[i], value, TRUE);
    }

  return environment;
}

/* Runs between fork() and exec(). */
static void
begin_group (gpointer user_data)
{
  setpgid (0, 0);
}

static GSubprocess *
spawn (OaiProxyCommand *self, GError **error)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                                       | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_auto(GStrv) environment = build_environment ();

  /* Its class ignores SIGPIPE, which a write to a command that has ended would cause. */
  g_type_class_unref (g_type_class_ref (G_TYPE_SOCKET));

  g_subprocess_launcher_set_environ (launcher, environment);
  g_subprocess_launcher_set_child_setup (launcher, begin_group, NULL, NULL);

  return g_subprocess_launcher_spawnv (launcher, (const char *const *) self->argv, error);
}

static void
start (Job *job)
{
  g_autoptr(GError) reason = NULL;
  GError *error = NULL;

  job->process = spawn (job->command, &reason);
  if (job->process == NULL)
    {
      /* Translators: the first %s is the name of a command, the second the reason. */
      g_warning (_("The command “%s” cannot be started: %s"), job->command->argv[0], reason->message);
      fail (&error);
      finish (job, NULL, error);
      return;
    }

  start_timer (job);
  g_subprocess_wait_async (job->process, NULL, exited_cb, job_ref (job));
  read_output (job);
  read_log (job);
  write_input (job);
}

/* Completes the requests whose clients went away. */
static void
drop_cancelled (Job *job)
{
  for (guint i = job->tasks->len; i > 0; i--)
    {
      GTask *task = job->tasks->pdata[i - 1];

      if (!g_cancellable_is_cancelled (g_task_get_cancellable (task)))
        continue;
      g_task_return_error_if_cancelled (task);
      g_ptr_array_remove_index (job->tasks, i - 1);
      job->command->n_waiting--;
    }
}

static void
start_next (OaiProxyCommand *self)
{
  while (self->n_processes < self->max_processes && !g_queue_is_empty (&self->queue))
    {
      g_autoptr(Job) job = g_queue_pop_head (&self->queue);

      drop_cancelled (job);
      self->n_processes++;
      if (job->tasks->len > 0)
        start (job);
      else
        finish (job, NULL, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "All clients went away"));
    }
}

/* Requests */

static void
add_peer (OaiJsonBuilder *builder, GSocketAddress *address)
{
  g_autofree char *text = NULL;

  if (G_IS_INET_SOCKET_ADDRESS (address))
    text = g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
  if (text != NULL)
    oai_json_builder_add_string (builder, "peer", text, -1);
  else
    oai_json_builder_add_null (builder, "peer");
}

static char *
build_input (OaiProxyRequest *request)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();

  oai_json_builder_add_string (builder, "id", oai_proxy_request_get_id (request), -1);
  oai_json_builder_add_string (builder, "method", oai_proxy_request_get_method (request), -1);
  oai_json_builder_add_string (builder, "path", oai_proxy_request_get_path (request), -1);
  add_peer (builder, oai_proxy_request_get_peer_address (request));
  oai_json_builder_add_string (builder, "token", oai_proxy_request_get_token (request), -1);

  return oai_json_builder_finish_text (builder);
}

static Job *
add_job (OaiProxyCommand *self, OaiProxyRequest *request)
{
  Job *job = g_new0 (Job, 1);

  job->ref_count = 1;
  job->command = g_object_ref (self);
  job->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  job->token = g_strdup (oai_proxy_request_get_token (request));
  job->input = build_input (request);
  job->cancellable = g_cancellable_new ();
  job->output = g_byte_array_new ();
  job->log = g_byte_array_new ();
  job->is_shared = self->cache_ms > 0;
  oai_identity_cache_compute (self->cache, job->token, &job->digest);
  if (job->is_shared)
    g_hash_table_insert (self->shared, &job->digest, job);
  g_queue_push_tail (&self->queue, job);

  return job;
}

static Job *
find_shared (OaiProxyCommand *self, const char *token)
{
  OaiDigest digest;

  if (self->cache_ms == 0)
    return NULL;

  oai_identity_cache_compute (self->cache, token, &digest);

  return g_hash_table_lookup (self->shared, &digest);
}

static gboolean
oai_proxy_command_authenticate_now (OaiProxyAuthenticator *authenticator, OaiProxyRequest *request, OaiProxyIdentity **identity, GError **error)
{
  OaiProxyCommand *self = OAI_PROXY_COMMAND (authenticator);
  const char *token = oai_proxy_request_get_token (request);
  OaiProxyIdentity *cached;
  OaiDigest digest;

  if (token == NULL || self->argv == NULL || strlen (token) > MAX_TOKEN)
    return TRUE;
  if (self->cache_ms == 0)
    return FALSE;

  oai_identity_cache_compute (self->cache, token, &digest);
  if (!oai_identity_cache_find (self->cache, &digest, g_get_monotonic_time (), &cached))
    return FALSE;

  g_set_object (identity, cached);

  return TRUE;
}

static void
oai_proxy_command_authenticate_async (OaiProxyAuthenticator *authenticator, OaiProxyRequest *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  OaiProxyCommand *self = OAI_PROXY_COMMAND (authenticator);
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  Job *job;

  g_task_set_source_tag (task, oai_proxy_command_authenticate_async);
  if (self->n_waiting >= MAX_WAITING)
    {
      g_task_return_new_error (task, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE, "%s", _("Too many tokens are being checked"));
      return;
    }

  job = find_shared (self, oai_proxy_request_get_token (request));
  if (job == NULL)
    job = add_job (self, request);
  g_ptr_array_add (job->tasks, g_steal_pointer (&task));
  self->n_waiting++;
  start_next (self);
}

/* The object */

static void
set_number (OaiProxyCommand *self, guint *location, guint number, guint property_id)
{
  if (*location == number)
    return;

  *location = number;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property_id]);
}

static void
oai_proxy_command_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  OaiProxyCommand *self = OAI_PROXY_COMMAND (object);

  switch (property_id)
    {
    case PROP_TIMEOUT_MS:
      g_value_set_uint (value, self->timeout_ms);
      break;
    case PROP_MAX_PROCESSES:
      g_value_set_uint (value, self->max_processes);
      break;
    case PROP_CACHE_MS:
      g_value_set_uint (value, self->cache_ms);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
oai_proxy_command_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  OaiProxyCommand *self = OAI_PROXY_COMMAND (object);

  switch (property_id)
    {
    case PROP_TIMEOUT_MS:
      oai_proxy_command_set_timeout_ms (self, g_value_get_uint (value));
      break;
    case PROP_MAX_PROCESSES:
      oai_proxy_command_set_max_processes (self, g_value_get_uint (value));
      break;
    case PROP_CACHE_MS:
      oai_proxy_command_set_cache_ms (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

/* No job exists, since it owns a reference. */
static void
oai_proxy_command_finalize (GObject *object)
{
  OaiProxyCommand *self = OAI_PROXY_COMMAND (object);

  g_strfreev (self->argv);
  oai_identity_cache_free (self->cache);
  g_hash_table_unref (self->shared);

  G_OBJECT_CLASS (oai_proxy_command_parent_class)->finalize (object);
}

static void
oai_proxy_command_class_init (OaiProxyCommandClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  OaiProxyAuthenticatorClass *authenticator_class = OAI_PROXY_AUTHENTICATOR_CLASS (klass);

  object_class->get_property = oai_proxy_command_get_property;
  object_class->set_property = oai_proxy_command_set_property;
  object_class->finalize = oai_proxy_command_finalize;
  authenticator_class->authenticate_now = oai_proxy_command_authenticate_now;
  authenticator_class->authenticate_async = oai_proxy_command_authenticate_async;

  /**
   * OaiProxyCommand:timeout-ms:
   *
   * The time after which the command is killed, in milliseconds; 0 for no limit.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT_MS] = g_param_spec_uint ("timeout-ms", NULL, NULL, 0, G_MAXUINT, DEFAULT_TIMEOUT_MS, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * OaiProxyCommand:max-processes:
   *
   * The number of processes that run at the same time. Other requests wait for one to end; more than 256 waiting
   * requests are refused with status 503.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_PROCESSES] = g_param_spec_uint ("max-processes", NULL, NULL, 1, G_MAXUINT, DEFAULT_MAX_PROCESSES, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * OaiProxyCommand:cache-ms:
   *
   * The time for which a result is used for other requests with the same token, in milliseconds; 0 to run the command
   * for each request. Refusals are not kept.
   *
   * Since: 1.0
   */
  properties[PROP_CACHE_MS] = g_param_spec_uint ("cache-ms", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_proxy_command_init (OaiProxyCommand *self)
{
  self->timeout_ms = DEFAULT_TIMEOUT_MS;
  self->max_processes = DEFAULT_MAX_PROCESSES;
  self->cache = oai_identity_cache_new (MAX_CACHED);
  self->shared = g_hash_table_new (oai_digest_hash, oai_digest_equal);
  g_queue_init (&self->queue);
}

/**
 * oai_proxy_command_new:
 * @argv: (array zero-terminated=1): the program, which is searched in `PATH`, and its arguments
 *
 * Creates an authenticator that runs a command.
 *
 * Returns: (transfer full): an authenticator
 *
 * Since: 1.0
 */
OaiProxyCommand *
oai_proxy_command_new (const char *const *argv)
{
  OaiProxyCommand *self;

  g_return_val_if_fail (argv != NULL && argv[0] != NULL, NULL);

  self = g_object_new (OAI_TYPE_PROXY_COMMAND, NULL);
  self->argv = g_strdupv ((GStrv) argv);

  return self;
}

/**
 * oai_proxy_command_get_timeout_ms:
 * @self: an authenticator
 *
 * Returns the value of [property@Oai.ProxyCommand:timeout-ms].
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
guint
oai_proxy_command_get_timeout_ms (OaiProxyCommand *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_COMMAND (self), 0);

  return self->timeout_ms;
}

/**
 * oai_proxy_command_set_timeout_ms:
 * @self: an authenticator
 * @timeout_ms: milliseconds
 *
 * Sets [property@Oai.ProxyCommand:timeout-ms].
 *
 * Since: 1.0
 */
void
oai_proxy_command_set_timeout_ms (OaiProxyCommand *self, guint timeout_ms)
{
  g_return_if_fail (OAI_IS_PROXY_COMMAND (self));

  set_number (self, &self->timeout_ms, timeout_ms, PROP_TIMEOUT_MS);
}

/**
 * oai_proxy_command_get_max_processes:
 * @self: an authenticator
 *
 * Returns the value of [property@Oai.ProxyCommand:max-processes].
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
oai_proxy_command_get_max_processes (OaiProxyCommand *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_COMMAND (self), 0);

  return self->max_processes;
}

/**
 * oai_proxy_command_set_max_processes:
 * @self: an authenticator
 * @max_processes: a number
 *
 * Sets [property@Oai.ProxyCommand:max-processes].
 *
 * Since: 1.0
 */
void
oai_proxy_command_set_max_processes (OaiProxyCommand *self, guint max_processes)
{
  g_return_if_fail (OAI_IS_PROXY_COMMAND (self));
  g_return_if_fail (max_processes > 0);

  set_number (self, &self->max_processes, max_processes, PROP_MAX_PROCESSES);
}

/**
 * oai_proxy_command_get_cache_ms:
 * @self: an authenticator
 *
 * Returns the value of [property@Oai.ProxyCommand:cache-ms].
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
guint
oai_proxy_command_get_cache_ms (OaiProxyCommand *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_COMMAND (self), 0);

  return self->cache_ms;
}

/**
 * oai_proxy_command_set_cache_ms:
 * @self: an authenticator
 * @cache_ms: milliseconds
 *
 * Sets [property@Oai.ProxyCommand:cache-ms].
 *
 * Since: 1.0
 */
void
oai_proxy_command_set_cache_ms (OaiProxyCommand *self, guint cache_ms)
{
  g_return_if_fail (OAI_IS_PROXY_COMMAND (self));

  set_number (self, &self->cache_ms, cache_ms, PROP_CACHE_MS);
}
