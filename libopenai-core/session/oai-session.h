/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The base class of sessions: conversations with a model as a list model. */

#pragma once

#include "oai-client.h"
#include "oai-price-table.h"
#include "oai-session-item.h"
#include "oai-toolset.h"

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
void oai_session_set_client (OaiSession *self, OaiClient *client);
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
OaiToolset *oai_session_get_toolset (OaiSession *self);
OAI_AVAILABLE_IN_1_0
void oai_session_set_toolset (OaiSession *self, OaiToolset *toolset);
OAI_AVAILABLE_IN_1_0
gboolean oai_session_get_streaming (OaiSession *self);
OAI_AVAILABLE_IN_1_0
void oai_session_set_streaming (OaiSession *self, gboolean streaming);
OAI_AVAILABLE_IN_1_0
guint oai_session_get_coalesce_interval_ms (OaiSession *self);
OAI_AVAILABLE_IN_1_0
void oai_session_set_coalesce_interval_ms (OaiSession *self, guint interval_ms);
OAI_AVAILABLE_IN_1_0
guint oai_session_get_max_rounds (OaiSession *self);
OAI_AVAILABLE_IN_1_0
void oai_session_set_max_rounds (OaiSession *self, guint max_rounds);
OAI_AVAILABLE_IN_1_0
OaiPriceTable *oai_session_get_prices (OaiSession *self);
OAI_AVAILABLE_IN_1_0
void oai_session_set_prices (OaiSession *self, OaiPriceTable *prices);
OAI_AVAILABLE_IN_1_0
double oai_session_get_budget (OaiSession *self);
OAI_AVAILABLE_IN_1_0
void oai_session_set_budget (OaiSession *self, double budget);
OAI_AVAILABLE_IN_1_0
OaiSessionState oai_session_get_state (OaiSession *self);
OAI_AVAILABLE_IN_1_0
const GError *oai_session_get_error (OaiSession *self);
OAI_AVAILABLE_IN_1_0
GDateTime *oai_session_get_retry_at (OaiSession *self);
OAI_AVAILABLE_IN_1_0
const char *oai_session_get_title (OaiSession *self);
OAI_AVAILABLE_IN_1_0
const char *oai_session_get_text (OaiSession *self);
OAI_AVAILABLE_IN_1_0
double oai_session_get_cost (OaiSession *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_session_get_input_tokens (OaiSession *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_session_get_cached_tokens (OaiSession *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_session_get_output_tokens (OaiSession *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_session_get_reasoning_tokens (OaiSession *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_session_get_total_tokens (OaiSession *self);
OAI_AVAILABLE_IN_1_0
guint oai_session_get_first_token_latency_ms (OaiSession *self);
OAI_AVAILABLE_IN_1_0
guint oai_session_get_latency_ms (OaiSession *self);

OAI_AVAILABLE_IN_1_0
gboolean oai_session_is_modified (OaiSession *self);

/* Parts of the next message. */
OAI_AVAILABLE_IN_1_0
gboolean oai_session_add_image (OaiSession *self, GBytes *bytes, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_session_add_image_url (OaiSession *self, const char *url);
OAI_AVAILABLE_IN_1_0
gboolean oai_session_add_audio (OaiSession *self, GBytes *bytes, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_session_add_file (OaiSession *self, GBytes *bytes, const char *filename);
OAI_AVAILABLE_IN_1_0
void oai_session_add_file_id (OaiSession *self, const char *file_id);
OAI_AVAILABLE_IN_1_0
void oai_session_clear_parts (OaiSession *self);
OAI_AVAILABLE_IN_1_0
guint oai_session_get_n_parts (OaiSession *self);

/* The list. */
OAI_AVAILABLE_IN_1_0
gboolean oai_session_find (OaiSession *self, const char *words, guint before, guint *position);
OAI_AVAILABLE_IN_1_0
void oai_session_add_record (OaiSession *self, OaiRecord *record);
OAI_AVAILABLE_IN_1_0
void oai_session_insert_record (OaiSession *self, guint position, OaiRecord *record);
OAI_AVAILABLE_IN_1_0
void oai_session_remove_items (OaiSession *self, guint position, guint n_items);
OAI_AVAILABLE_IN_1_0
OaiSession *oai_session_branch (OaiSession *self, OaiSessionItem *item, GError **error);

G_END_DECLS
