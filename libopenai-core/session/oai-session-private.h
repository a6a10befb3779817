/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the sessions of modules implement, and the functions that they use. */

#pragma once

#include "oai-session-item-private.h"
#include "oai-session.h"
#include "oai-stream.h"

G_BEGIN_DECLS

/* Number of tokens of a reply. */
typedef struct
{
  const char *model; /* that generated the reply; nullable */
  gint64 input_tokens;
  gint64 cached_tokens;
  gint64 output_tokens;
  gint64 reasoning_tokens;
  gint64 total_tokens;
} OaiSessionUsage;

typedef enum
{
  OAI_SESSION_PART_IMAGE,     /* bytes */
  OAI_SESSION_PART_IMAGE_URL, /* text */
  OAI_SESSION_PART_AUDIO,     /* bytes */
  OAI_SESSION_PART_FILE,      /* bytes; text is the name */
  OAI_SESSION_PART_FILE_ID    /* text */
} OaiSessionPart;

typedef struct _OaiSessionHooks OaiSessionHooks;
struct _OaiSessionHooks
{
  /* The roles of messages of the user and of the model. */
  const char *user_role;
  const char *model_role;
  /* The members of requests that allow tools to run at the same time, and that require a call. */
  const char *parallel_member;
  const char *choice_member;
  /* The type of requests, and that of records that the program adds. */
  GType (*get_request_type) (void);
  GType (*get_record_type) (void);
  /* Creates the record of an item from JSON text; NULL if it is invalid. */
  OaiRecord *(*parse_record) (OaiSessionItemKind kind, const char *json);

  /* Creates a part of a message. */
  OaiRecord *(*create_part) (OaiSessionPart part, const char *text, GBytes *bytes, GError **error);
  /* Creates the record of a message of the user.  text: nullable.  parts: OaiRecord; may be empty */
  OaiRecord *(*create_message) (const char *text, GPtrArray *parts);
  /* Returns a copy of a message of the user with another text. */
  OaiRecord *(*edit_message) (OaiRecord *message, const char *text);
  /* May be NULL. */
  OaiSessionListImages list_images;
  /* Inserts the items for a record of the program, with oai_session_insert_item(). */
  void (*insert_record) (OaiSession *self, guint position, OaiRecord *record);

  /* Creates the request for the next reply, from the options and the items. */
  OaiRecord *(*create_request) (OaiSession *self, GError **error);
  const char *(*get_model) (OaiRecord *request);
  /* Whether a request requires a call of any tool, or of that with a name. */
  gboolean (*requires_call) (OaiRecord *request, const char **name);
  /* Creates the stream for a request, and connects its signals with the session as the data: the
   * handlers add text to the items of oai_session_ref_reply_item(). */
  OaiStream *(*create_stream) (OaiSession *self, OaiRecord *request);
  /* Sends a request without a stream. */
  void (*create_async) (OaiSession *self, OaiRecord *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  OaiRecord *(*create_finish) (GObject *source, GAsyncResult *result, GError **error);
  /* Gives the items of the reply their final texts, records and states.  Items without a record are
   * removed afterwards.  reply: what has arrived of it if it is not complete; nullable.  Returns FALSE with an
   * error if the reply is unusable or truncated. */
  gboolean (*take_reply) (OaiSession *self, OaiRecord *reply, gboolean complete, GError **error);
  /* Reads the number of tokens, which is zeroed before. */
  void (*read_usage) (OaiRecord *reply, OaiSessionUsage *usage);

  /* Changes the form of later requests after an error, because the server does not support this one.  Returns
   * FALSE if the error has another reason.  May be NULL */
  gboolean (*adapt) (OaiSession *self, OaiRecord *request, const GError *error);
  /* Forgets such changes, because the next request is sent to another server.  May be NULL */
  void (*forget_server) (OaiSession *self);
  /* Lets the server replace the first items by a shorter form, a record for an item of the kind COMPACTION.  May be
   * NULL */
  void (*compact_async) (OaiSession *self, guint n_items, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  OaiRecord *(*compact_finish) (GObject *source, GAsyncResult *result, GError **error);
};

/* The hooks of the class, which its class_init sets. */
const OaiSessionHooks *oai_session_get_hooks (OaiSession *self);
/* What a restored session has used before. */
void oai_session_restore_usage (OaiSession *self, const OaiSessionUsage *usage, double cost);

/* The address of the server of the last request, which contains no secret; nullable. */
const char *oai_session_get_server (OaiSession *self);
void oai_session_set_server (OaiSession *self, const char *server);
/* To be called before a request, and before items are added that are for its server.  If it is sent to another server
 * than the last one, forgets what that one stores, and the items become foreign. */
void oai_session_check_server (OaiSession *self);
/* To be called when items were added to the list without a notification. */
void oai_session_update_title (OaiSession *self);
/* Increases with each change of what is saved. */
guint64 oai_session_get_n_changes (OaiSession *self);
/* The changes that a file contains. */
void oai_session_set_n_saved (OaiSession *self, guint64 n_changes);
/* The operations with files that are running or waiting; see oai-session-file.c. */
GQueue *oai_session_get_file_operations (OaiSession *self);

/* The items, borrowed. */
_OAI_INTERNAL
GPtrArray *oai_session_get_items (OaiSession *self);
_OAI_INTERNAL
void oai_session_insert_item (OaiSession *self, guint position, OaiSessionItem *item);
/* Creates the call for a tool of the session.  All texts are nullable. */
_OAI_INTERNAL
OaiToolCall *oai_session_new_call (OaiSession *self, OaiRecord *record, const char *id, const char *name, const char *arguments);
/* Returns the newest call before a position that has the identifier and has not ended, or NULL. */
_OAI_INTERNAL
OaiToolCall *oai_session_find_open_call (OaiSession *self, guint position, const char *id);
/* text: nullable */
static inline gboolean
oai_session_has_text (const char *text)
{
  return text != NULL && *text != '\0';
}

/* Returns whether a call of an incomplete reply is usable. */
_OAI_INTERNAL
gboolean oai_session_has_arrived (const char *name, const char *arguments);
/* Creates a session for a constructor of a type.  client, model: nullable */
_OAI_INTERNAL
OaiSession *oai_session_create (GType type, OaiClient *client, const char *model);

/* Functions for turns */

typedef struct _OaiSessionTurn OaiSessionTurn;

typedef enum
{
  OAI_SESSION_ROUND_STARTED,
  OAI_SESSION_ROUND_FINISHED,
  OAI_SESSION_CALL_STARTED,
  OAI_SESSION_CALL_FINISHED,
  OAI_SESSION_APPROVAL_REQUESTED,
  OAI_SESSION_CONTEXT_EXCEEDED,
  OAI_SESSION_N_SIGNALS
} OaiSessionSignal;

guint oai_session_get_signal (OaiSessionSignal signal);
/* The turn, borrowed, until it has ended and another one can begin.  Or NULL */
OaiSessionTurn *oai_session_get_turn (OaiSession *self);
void oai_session_set_turn (OaiSession *self, OaiSessionTurn *turn);
/* Fails if the type of the session is one of the program. */
gboolean oai_session_check_type (OaiSession *self, GError **error);
/* retry_at: nullable */
void oai_session_set_retry_at (OaiSession *self, GDateTime *retry_at);
void oai_session_set_state (OaiSession *self, OaiSessionState state);
/* error: nullable */
void oai_session_set_error (OaiSession *self, const GError *error);
/* OaiRecord for the next message of the user, borrowed. */
GPtrArray *oai_session_get_parts (OaiSession *self);
void oai_session_notify_parts (OaiSession *self);
/* Replaces items by another one, or removes them if item is NULL.  Nothing changes after the first emission. */
void oai_session_replace_items (OaiSession *self, guint position, guint n_removed, OaiSessionItem *item);
/* Returns whether the model has called a tool since the last message of the user.  name: that of the tool; NULL for any */
gboolean oai_session_has_called (OaiSession *self, const char *name);
/* Returns the position of the newest message of the user; 0 if there is none. */
guint oai_session_find_last_message (OaiSession *self);
/* Replies that the server stores contain the items before them.  They cannot be continued if one of these items, or
 * one of the reply itself, has changed. */
void oai_session_forget_replies (OaiSession *self, guint position);
void oai_session_set_first_token_latency (OaiSession *self, guint latency);
/* Adds the tokens of a reply to those of the session. */
void oai_session_add_usage (OaiSession *self, OaiRecord *reply, const char *requested_model, guint latency);
/* Fails if the budget does not allow another request. */
gboolean oai_session_check_budget (OaiSession *self, const char *model, GError **error);

G_END_DECLS
