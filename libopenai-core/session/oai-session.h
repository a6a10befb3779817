/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The base class of sessions: conversations with a model as a list model. */

#pragma once

#include "oai-client.h"
#include "oai-session-item.h"

G_BEGIN_DECLS

/**
 * OaiSessionState:
 * @OAI_SESSION_STATE_IDLE: no reply is expected
 * @OAI_SESSION_STATE_WAITING: the request was sent, and the reply has not begun
 * @OAI_SESSION_STATE_STREAMING: the reply is arriving
 * @OAI_SESSION_STATE_RUNNING_TOOLS: tools that the model called are running
 * @OAI_SESSION_STATE_WAITING_FOR_APPROVAL: a tool call waits until the user approves or denies it
 *
 * The state of a session.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_SESSION_STATE_IDLE,
  OAI_SESSION_STATE_WAITING,
  OAI_SESSION_STATE_STREAMING,
  OAI_SESSION_STATE_RUNNING_TOOLS,
  OAI_SESSION_STATE_WAITING_FOR_APPROVAL
} OaiSessionState;

#define OAI_TYPE_SESSION (oai_session_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (OaiSession, oai_session, OAI, SESSION, GObject)

struct _OaiSessionClass
{
  GObjectClass parent_class;

  /*< private >*/
  gconstpointer hooks; /* OaiSessionHooks */
  gpointer padding[8];
};

OAI_AVAILABLE_IN_1_0
OaiClient *oai_session_get_client (OaiSession *self);
OAI_AVAILABLE_IN_1_0
const char *oai_session_get_model (OaiSession *self);
OAI_AVAILABLE_IN_1_0
void oai_session_set_model (OaiSession *self, const char *model);
OAI_AVAILABLE_IN_1_0
const char *oai_session_get_instructions (OaiSession *self);
OAI_AVAILABLE_IN_1_0
void oai_session_set_instructions (OaiSession *self, const char *instructions);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_session_get_options (OaiSession *self);
OAI_AVAILABLE_IN_1_0
void oai_session_set_options (OaiSession *self, OaiRecord *options);
OAI_AVAILABLE_IN_1_0
gboolean oai_session_get_streaming (OaiSession *self);
OAI_AVAILABLE_IN_1_0
void oai_session_set_streaming (OaiSession *self, gboolean streaming);
OAI_AVAILABLE_IN_1_0
guint oai_session_get_max_rounds (OaiSession *self);
OAI_AVAILABLE_IN_1_0
void oai_session_set_max_rounds (OaiSession *self, guint max_rounds);
OAI_AVAILABLE_IN_1_0
OaiSessionState oai_session_get_state (OaiSession *self);
OAI_AVAILABLE_IN_1_0
const GError *oai_session_get_error (OaiSession *self);
OAI_AVAILABLE_IN_1_0
const char *oai_session_get_text (OaiSession *self);

OAI_AVAILABLE_IN_1_0
OaiSessionItem *oai_session_send (OaiSession *self, const char *text, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_session_send_async (OaiSession *self, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiSessionItem *oai_session_send_finish (OaiSession *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_session_stop (OaiSession *self);

G_END_DECLS
