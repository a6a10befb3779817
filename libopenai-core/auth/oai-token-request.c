/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-token-request-private.h"

#include "oai-deadline-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-name-values-private.h"
#include "oai-secret-private.h"

#include <string.h>

/**
 * OaiTokenRequest:
 *
 * A request for a token, an argument of [signal@Oai.Auth::token-requested].
 *
 * A handler responds at once, or keeps a reference and responds later. Only the first response is
 * used. If the last reference is released without a response, the call fails. If the call is
 * cancelled, later responses are ignored.
 *
 * ```c
 * static void
 * on_token_requested (OaiAuth *auth, OaiTokenRequest *request, gpointer user_data)
 * {
 *   oai_token_request_respond (request, user_data);
 * }
 *
 * g_signal_connect (auth, "token-requested", G_CALLBACK (on_token_requested), token);
 * ```
 *
 * Since: 1.0
 */
struct _OaiTokenRequest
{
  GObject parent_instance;

  GTask *task; /* until the response */
  GCancellable *cancellable;
  OaiDeadline deadline; /* watches the cancellable */
};

G_DEFINE_FINAL_TYPE (OaiTokenRequest, oai_token_request, G_TYPE_OBJECT)

/* Returns the task, or NULL if it was completed before. */
static GTask *
steal_task (OaiTokenRequest *self)
{
  oai_deadline_disarm (&self->deadline);

  return g_steal_pointer (&self->task);
}

static void
return_failure (GTask *task, const char *message)
{
  g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_AUTHENTICATION, "%s", message);
}

static void
oai_token_request_dispose (GObject *object)
{
  OaiTokenRequest *self = OAI_TOKEN_REQUEST (object);
  g_autoptr (GTask) task = steal_task (self);

  if (task != NULL)
    return_failure (task, _("The request for a token was released without a response"));

  G_OBJECT_CLASS (oai_token_request_parent_class)->dispose (object);
}

static void
oai_token_request_finalize (GObject *object)
{
  OaiTokenRequest *self = OAI_TOKEN_REQUEST (object);

  oai_deadline_clear (&self->deadline);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (oai_token_request_parent_class)->finalize (object);
}

static void
oai_token_request_class_init (OaiTokenRequestClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = oai_token_request_dispose;
  object_class->finalize = oai_token_request_finalize;
}

static void
oai_token_request_init (OaiTokenRequest *self)
{
}

static void
cancelled_cb (gboolean timed_out, gpointer user_data)
{
  g_autoptr (GTask) task = steal_task (user_data);

  if (task != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s", _("The operation was cancelled"));
}

OaiTokenRequest *
oai_token_request_new (GTask *task)
{
  OaiTokenRequest *self = g_object_new (OAI_TYPE_TOKEN_REQUEST, NULL);
  GCancellable *cancellable = g_task_get_cancellable (task);

  self->task = g_object_ref (task);
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  oai_deadline_init (&self->deadline, g_task_get_context (task), cancelled_cb, self);
  oai_deadline_set_cancellable (&self->deadline, cancellable);

  return self;
}

/**
 * oai_token_request_get_cancellable:
 * @self: the request
 *
 * Gets a cancellable for the operation that gets the token. It is cancelled if the token is no
 * longer needed.
 *
 * Returns: (transfer none): the cancellable
 *
 * Since: 1.0
 */
GCancellable *
oai_token_request_get_cancellable (OaiTokenRequest *self)
{
  g_return_val_if_fail (OAI_IS_TOKEN_REQUEST (self), NULL);

  return self->cancellable;
}

/**
 * oai_token_request_respond:
 * @self: the request
 * @token: the token, not empty
 *
 * Responds with a token, which is used for one attempt. Blanks and line ends around it are removed.
 * If the token is empty or contains invalid characters, the call fails.
 *
 * Since: 1.0
 */
void
oai_token_request_respond (OaiTokenRequest *self, const char *token)
{
  g_autoptr (GTask) task = NULL;
  oai_autosecret char *copy = NULL;

  g_return_if_fail (OAI_IS_TOKEN_REQUEST (self));
  g_return_if_fail (token != NULL);

  task = steal_task (self);
  if (task == NULL)
    return;

  copy = g_strstrip (g_strdup (token));
  if (*copy == '\0')
    return_failure (task, _("The token provider returned an empty token"));
  else if (!oai_header_value_is_valid (copy))
    return_failure (task, _("The token provider returned a token that cannot be sent"));
  else
    g_task_return_pointer (task, g_steal_pointer (&copy), oai_secret_free);
}

/**
 * oai_token_request_fail:
 * @self: the request
 * @message: the reason, for people
 *
 * Responds with an error: the call fails with %OAI_ERROR_AUTHENTICATION.
 *
 * Since: 1.0
 */
void
oai_token_request_fail (OaiTokenRequest *self, const char *message)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *text = NULL;

  g_return_if_fail (OAI_IS_TOKEN_REQUEST (self));
  g_return_if_fail (message != NULL);

  task = steal_task (self);
  if (task == NULL)
    return;

  /* Translators: %s is the reason, as given by the application. */
  text = g_strdup_printf (_("Failed to get a token: %s"), message);
  return_failure (task, text);
}
