/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions that the files of the mock service share. */

#pragma once

#include <libsoup/soup.h>

#include "oai-mock-json-private.h"
#include "oai-mock.h"

G_BEGIN_DECLS

#define OAI_MOCK_EPOCH G_GINT64_CONSTANT (1700000000)

typedef struct _OaiMockStore OaiMockStore;
typedef struct _OaiMockForm OaiMockForm;
typedef struct _OaiMockScript OaiMockScript;
typedef struct _OaiMockSchema OaiMockSchema;
typedef struct _OaiMockCall OaiMockCall;
typedef struct _OaiMockEdit OaiMockEdit;

/* oai-mock-request.c */
OaiMockRequest *_oai_mock_request_new (SoupServerMessage *message, guint connection);
OaiMockRequest *_oai_mock_request_new_message (OaiMockRequest *handshake, GBytes *message);
OaiMockForm *_oai_mock_request_get_form (OaiMockRequest *self);
void _oai_mock_request_set_aborted (OaiMockRequest *self);

/* oai-mock-form.c: the parts of a multipart body */
typedef struct {
  char *name;
  char *file_name;
  char *content_type;
  GBytes *bytes;
} OaiMockPart;

OaiMockForm *_oai_mock_form_parse (const char *content_type, GBytes *body, GError **error);
void _oai_mock_form_free (OaiMockForm *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiMockForm, _oai_mock_form_free)
guint _oai_mock_form_get_n_parts (OaiMockForm *self);
OaiMockPart *_oai_mock_form_get_part (OaiMockForm *self, guint index);
OaiMockPart *_oai_mock_form_find (OaiMockForm *self, const char *name);
JsonObject *_oai_mock_form_to_object (OaiMockForm *self);

/* oai-mock-reply.c */
struct _OaiMockReply {
  GObject parent_instance;

  guint status;
  SoupMessageHeaders *headers;
  GPtrArray *chunks;
  int head_delay;
  int chunk_delay;
  gsize chunk_size;
  GArray *splits;
  gint64 truncate_after;
  gint64 hang_after;
  gint64 close_after;
  guint close_code;
  GPtrArray *edits;
  OaiMockFraming framing;
  guint times;
  guint reset : 1;
  guint close : 1;
  guint drop : 1;
  guint raw : 1;
  guint pass : 1;
  guint gzip : 1;
  guint gzip_flush : 1;
  guint paced : 1;
};

OaiMockReply *_oai_mock_reply_new_object (JsonObject *object);
OaiMockReply *_oai_mock_reply_new_error_for (guint status, const char *type, const char *code, const char *param, const char *format, ...) G_GNUC_PRINTF (5, 6);
void _oai_mock_reply_add_object_event (OaiMockReply *self, const char *event, JsonObject *object);
void _oai_mock_reply_add_done (OaiMockReply *self);
char *_oai_mock_reply_dup_text (OaiMockReply *self);
void _oai_mock_reply_lay_over (OaiMockReply *self, OaiMockReply *fault);
GPtrArray *_oai_mock_reply_plan (OaiMockReply *self, gsize *total);

/* oai-mock-edit.c: changes of events */
OaiMockEdit *_oai_mock_edit_new (const char *pattern, const char *path, const char *json);
void _oai_mock_edit_free (OaiMockEdit *self);
char *_oai_mock_reply_edit (OaiMockReply *self, char *text);

/* oai-mock-script.c: replies that the test has queued */
OaiMockScript *_oai_mock_script_new (void);
void _oai_mock_script_free (OaiMockScript *self);
void _oai_mock_script_push (OaiMockScript *self, const char *method, const char *path, OaiMockReply *reply);
OaiMockReply *_oai_mock_script_take (OaiMockScript *self, const char *method, const char *path);
guint _oai_mock_script_get_n_pending (OaiMockScript *self);
void _oai_mock_script_clear (OaiMockScript *self);
gboolean _oai_mock_path_matches (const char *pattern, const char *path, char ***params);

/* oai-mock-player.c: sends a reply */
typedef void (*OaiMockPlayerDone) (gpointer data, OaiMockRequest *request, gboolean aborted);
void _oai_mock_player_play (SoupServerMessage *message, OaiMockRequest *request, OaiMockReply *reply, GMainContext *context, OaiMockPlayerDone done, gpointer data);

/* oai-mock-store.c: the objects that the service stores */
OaiMockStore *_oai_mock_store_new (void);
void _oai_mock_store_free (OaiMockStore *self);
char *_oai_mock_store_new_id (OaiMockStore *self, const char *prefix);
gint64 _oai_mock_store_now (OaiMockStore *self);
void _oai_mock_store_add (OaiMockStore *self, const char *collection, JsonObject *object);
JsonObject *_oai_mock_store_get (OaiMockStore *self, const char *collection, const char *id);
gboolean _oai_mock_store_remove (OaiMockStore *self, const char *collection, const char *id);
void _oai_mock_store_remove_all (OaiMockStore *self, const char *collection);
GPtrArray *_oai_mock_store_items (OaiMockStore *self, const char *collection);
void _oai_mock_store_set_bytes (OaiMockStore *self, const char *id, GBytes *bytes);
GBytes *_oai_mock_store_get_bytes (OaiMockStore *self, const char *id);
void _oai_mock_store_remove_bytes (OaiMockStore *self, const char *id);

/* oai-mock-call.c: one request that a handler processes */
struct _OaiMockCall {
  OaiMockServer *server;
  OaiMockStore *store;
  OaiMockRequest *request;
  const char *template;
  char *beta_template;
  char **params;
  GHashTable *query;
  JsonObject *body;
  OaiMockForm *form;
  char *deployment;
  const char *collection; /* with the responses of a WebSocket connection */
  gboolean v1;
  gboolean bare_lists; /* without first_id and last_id */
};

typedef OaiMockReply *(*OaiMockHandler) (OaiMockCall *call);

typedef struct {
  const char *method;
  const char *path;
  OaiMockHandler handler;
} OaiMockRoute;

const char *_oai_mock_call_get_query (OaiMockCall *call, const char *name);
OaiMockReply *_oai_mock_call_not_found (OaiMockCall *call, const char *kind, const char *id);
OaiMockReply *_oai_mock_call_invalid (OaiMockCall *call, const char *param, const char *format, ...) G_GNUC_PRINTF (3, 4);
OaiMockReply *_oai_mock_call_list (OaiMockCall *call, GPtrArray *items, gboolean newest_first);
OaiMockReply *_oai_mock_call_list_collection (OaiMockCall *call, const char *collection);
OaiMockReply *_oai_mock_call_retrieve (OaiMockCall *call, const char *collection, const char *kind, const char *id);
OaiMockReply *_oai_mock_call_delete (OaiMockCall *call, const char *collection, const char *kind, const char *object, const char *id);
OaiMockReply *_oai_mock_call_modify (OaiMockCall *call, const char *collection, const char *kind, const char *id, const char *const *members);

/* oai-mock-schema.c: the OpenAPI document */
OaiMockSchema *_oai_mock_schema_get_default (void);
gboolean _oai_mock_schema_knows (OaiMockSchema *self, const char *method, const char *template);
GPtrArray *_oai_mock_schema_check_request (OaiMockSchema *self, const char *method, OaiMockCall *call, GHashTable *allowed);
GPtrArray *_oai_mock_schema_check_message (OaiMockSchema *self, gboolean from_client, JsonObject *object, GHashTable *allowed);
GPtrArray *_oai_mock_schema_check_reply (OaiMockSchema *self, const char *method, const char *template, OaiMockReply *reply, GHashTable *allowed);

/* oai-mock-router.c: generates the reply of the service to a request */
typedef struct {
  const char *api_key;
  const char *organization;
  guint delta_delay;
  guint chunk_size;
  guint n_requests;
  GHashTable *allowed;
  OaiMockSchema *schema;
  GPtrArray *violations;
  GPtrArray *reply_violations;
} OaiMockService;

OaiMockReply *_oai_mock_service_answer (OaiMockService *service, OaiMockServer *server, OaiMockStore *store, OaiMockRequest *request);
OaiMockReply *_oai_mock_service_check_handshake (OaiMockService *service, OaiMockRequest *request);
OaiMockReply *_oai_mock_service_check_message (OaiMockService *service, OaiMockRequest *request, JsonObject *message);
void _oai_mock_service_check_message_reply (OaiMockService *service, JsonObject *message);
void _oai_mock_service_add_headers (OaiMockService *service, SoupMessageHeaders *headers);
const char *_oai_mock_service_strip_base (const char *path, char **deployment);

/* oai-mock-text.c: the texts in replies */
char *_oai_mock_text_of_content (JsonNode *content);
char *_oai_mock_text_of_last_user (JsonArray *messages);
char **_oai_mock_text_split (const char *text);
guint _oai_mock_text_count (const char *text);
char *_oai_mock_text_last_word (const char *text);
gboolean _oai_mock_text_mentions (const char *text, const char *word);
char *_oai_mock_text_in_format (JsonObject *format, JsonObject *schema, const char *text);
guint _oai_mock_text_count_messages (JsonArray *messages);
JsonObject *_oai_mock_usage (guint prompt, guint completion, guint reasoning);
JsonObject *_oai_mock_logprob (const char *token, guint n_top);
JsonObject *_oai_mock_tool_call (OaiMockStore *store, JsonObject *tool, const char *text);

/* oai-mock-models.c */
GPtrArray *_oai_mock_models_get (OaiMockCall *call);

/* oai-mock-threads.c */
JsonObject *_oai_mock_thread_new (OaiMockCall *call, JsonObject *request);
JsonObject *_oai_mock_thread_add_message (OaiMockCall *call, const char *thread_id, JsonObject *request);
char *_oai_mock_thread_collection (const char *kind, const char *id);
char *_oai_mock_thread_dup_last_user_text (OaiMockStore *store, const char *thread_id);
JsonObject *_oai_mock_thread_find_active_run (OaiMockStore *store, const char *thread_id);
JsonNode *_oai_mock_tool_resources (OaiMockCall *call, JsonObject *request);

/* oai-mock-run-engine.c: executes a run, completely as a stream, or one step for each poll */
gboolean _oai_mock_run_is_waiting (JsonObject *run);
void _oai_mock_run_advance (OaiMockCall *call, JsonObject *run, OaiMockReply *stream);
void _oai_mock_run_submit (OaiMockCall *call, JsonObject *run, OaiMockReply *stream);
OaiMockReply *_oai_mock_run_stream (OaiMockCall *call, JsonObject *run, OaiMockReply *stream);

/* The routes of each API area. */
extern const OaiMockRoute _oai_mock_assistants_routes[];
extern const OaiMockRoute _oai_mock_audio_routes[];
extern const OaiMockRoute _oai_mock_chat_routes[];
extern const OaiMockRoute _oai_mock_completions_routes[];
extern const OaiMockRoute _oai_mock_conversations_routes[];
extern const OaiMockRoute _oai_mock_embeddings_routes[];
extern const OaiMockRoute _oai_mock_files_routes[];
extern const OaiMockRoute _oai_mock_fine_tuning_routes[];
extern const OaiMockRoute _oai_mock_graders_routes[];
extern const OaiMockRoute _oai_mock_images_routes[];
extern const OaiMockRoute _oai_mock_models_routes[];
extern const OaiMockRoute _oai_mock_moderations_routes[];
extern const OaiMockRoute _oai_mock_responses_routes[];
extern const OaiMockRoute _oai_mock_runs_routes[];
extern const OaiMockRoute _oai_mock_threads_routes[];
extern const OaiMockRoute _oai_mock_voices_routes[];

G_END_DECLS
