/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The variables for the C lines of the guide; each is created when a line uses it. */

#pragma once

#include <openai-1/openai.h>

typedef struct _Scope Scope;

typedef struct
{
  const char *name;
  const char *version;  /* of the Assistants API */
  gboolean finished;    /* whether its run has ended */
  void (*func) (Scope *scope);
} ScopeRow;

/* The last row has no name. */
extern const ScopeRow scope_rows[];

void scope_begin (Scope *self);
void scope_end (Scope *self, const char *const *requests);
void scope_try (OaiClient *client, OaiAuth *auth);

OaiClient *scope_client (Scope *self);
OaiModelsEndpoint *scope_models (Scope *self);
OaiAssistantsEndpoint *scope_assistants (Scope *self);
OaiThreadsEndpoint *scope_threads (Scope *self);
OaiResponsesEndpoint *scope_responses (Scope *self);
OaiConversationsEndpoint *scope_conversations (Scope *self);
OaiChatEndpoint *scope_chat (Scope *self);
OaiAudioEndpoint *scope_audio (Scope *self);
OaiImagesEndpoint *scope_images (Scope *self);
OaiFilesEndpoint *scope_files (Scope *self);
OaiFineTuningEndpoint *scope_fine_tuning (Scope *self);
OaiEmbeddingsEndpoint *scope_embeddings (Scope *self);
OaiModerationsEndpoint *scope_moderations (Scope *self);

OaiAssistant *scope_assistant (Scope *self);
const char *scope_assistant_id (Scope *self);
OaiThread *scope_thread (Scope *self);
const char *scope_thread_id (Scope *self);
OaiThreadMessage *scope_message (Scope *self);
const char *scope_message_id (Scope *self);
OaiRun *scope_run (Scope *self);
const char *scope_run_id (Scope *self);
OaiRunStep *scope_step (Scope *self);
const char *scope_step_id (Scope *self);
OaiRun *scope_waiting_run (Scope *self);
OaiRunToolOutputsRequest *scope_outputs (Scope *self);

OaiResponse *scope_response (Scope *self);
OaiResponse *scope_calling_response (Scope *self);
const char *scope_response_id (Scope *self);
const char *scope_background_id (Scope *self);
OaiResponseFunctionCall *scope_function_call (Scope *self);
OaiConversation *scope_conversation (Scope *self);
const char *scope_conversation_id (Scope *self);
const char *scope_item_id (Scope *self);

const char *scope_file_id (Scope *self);
const char *scope_other_file_id (Scope *self);
const char *scope_training_file_id (Scope *self);
const char *scope_job_id (Scope *self);
const char *scope_fine_tuned_model (Scope *self);
OaiChatRequest *scope_request (Scope *self);
OaiChatCompletion *scope_completion (Scope *self);
OaiChatTool *scope_tool (Scope *self);
OaiToolset *scope_toolset (Scope *self);
OaiChatToolCall *scope_call (Scope *self);
OaiImage *scope_image (Scope *self);
OaiModerationResult *scope_moderation_result (Scope *self);
const char *scope_proxy_url (Scope *self);

void print_delta (OaiChatStream *stream, const char *text, guint choice_index, gpointer user_data);
void print_text (OaiResponseStream *stream, const char *text, guint output_index, guint content_index, gpointer user_data);
void play (OaiSpeech *speech, GBytes *data, gpointer user_data);
char *run_tool (const char *name, const char *arguments);
void get_weather (OaiToolCall *call, gpointer user_data);
gboolean authenticate (OaiProxyServer *server, OaiProxyRequest *request, gpointer user_data);
