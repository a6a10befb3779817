/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates the variables that the C lines of the guide use, with the mock service. */

#include "scope-private.h"

#define API_KEY "sk-test"
#define POLL_INTERVAL 1
#define POLL_TIMEOUT 10000

/* Takes @object, which is stored as @name. */
static gpointer
keep (Scope *self, const char *name, gpointer object)
{
  g_assert_nonnull (object);
  g_ptr_array_add (self->owned, object);
  g_hash_table_insert (self->made, (gpointer) name, object);

  return object;
}

#define FIND_OR_KEEP(self, expression)                                \
  (g_hash_table_contains ((self)->made, G_STRFUNC)                    \
   ? g_hash_table_lookup ((self)->made, G_STRFUNC)                    \
   : keep ((self), G_STRFUNC, (expression)))

static gpointer
checked (gpointer object, GError *error)
{
  g_assert_no_error (error);
  g_assert_nonnull (object);

  return object;
}

static OaiClient *
make_client (Scope *self)
{
  g_autoptr(OaiAuth) auth = oai_auth_new (API_KEY);
  g_autoptr(OaiSettings) settings = oai_settings_new ();

  oai_settings_set_beta_version (settings, "assistants", self->row->version);

  return oai_client_new (auth, settings);
}

OaiClient *
scope_client (Scope *self)
{
  return FIND_OR_KEEP (self, make_client (self));
}

#define DEFINE_ENDPOINT(name, Type)                                   \
  Type *                                                              \
  scope_##name (Scope *self)                                          \
  {                                                                   \
    return FIND_OR_KEEP (self, oai_##name##_endpoint_new (scope_client (self))); \
  }

DEFINE_ENDPOINT (models, OaiModelsEndpoint)
DEFINE_ENDPOINT (assistants, OaiAssistantsEndpoint)
DEFINE_ENDPOINT (threads, OaiThreadsEndpoint)
DEFINE_ENDPOINT (responses, OaiResponsesEndpoint)
DEFINE_ENDPOINT (conversations, OaiConversationsEndpoint)
DEFINE_ENDPOINT (chat, OaiChatEndpoint)
DEFINE_ENDPOINT (audio, OaiAudioEndpoint)
DEFINE_ENDPOINT (images, OaiImagesEndpoint)
DEFINE_ENDPOINT (files, OaiFilesEndpoint)
DEFINE_ENDPOINT (fine_tuning, OaiFineTuningEndpoint)
DEFINE_ENDPOINT (embeddings, OaiEmbeddingsEndpoint)
DEFINE_ENDPOINT (moderations, OaiModerationsEndpoint)

static OaiFile *
upload (Scope *self, const char *path, const char *purpose)
{
  g_autoptr(GError) error = NULL;

  return checked (oai_files_endpoint_upload_path (scope_files (self), path, purpose, NULL, &error), error);
}

static OaiFile *
scope_file (Scope *self)
{
  return FIND_OR_KEEP (self, upload (self, "notes.txt", OAI_FILE_PURPOSE_ASSISTANTS));
}

static OaiFile *
scope_other_file (Scope *self)
{
  return FIND_OR_KEEP (self, upload (self, "notes.txt", OAI_FILE_PURPOSE_ASSISTANTS));
}

static OaiFile *
scope_training_file (Scope *self)
{
  return FIND_OR_KEEP (self, upload (self, "training.jsonl", OAI_FILE_PURPOSE_FINE_TUNE));
}

const char *
scope_file_id (Scope *self)
{
  return oai_file_get_id (scope_file (self));
}

const char *
scope_other_file_id (Scope *self)
{
  return oai_file_get_id (scope_other_file (self));
}

const char *
scope_training_file_id (Scope *self)
{
  return oai_file_get_id (scope_training_file (self));
}

static gboolean
is_first_version (Scope *self)
{
  return g_str_equal (self->row->version, "v1");
}

static OaiAssistant *
make_assistant (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiAssistantRequest) request = oai_assistant_request_new ("gpt-4o");
  g_autoptr(OaiFunctionDefinition) function = oai_function_definition_new ("get_weather");
  g_autoptr(OaiAssistantTool) tool = OAI_ASSISTANT_TOOL (oai_assistant_function_tool_new (function));

  oai_assistant_request_set_name (request, "Tutor");
  oai_assistant_request_add_tool (request, tool);
  if (is_first_version (self))
    oai_assistant_request_set_file_ids (request, (const char *const[]) { scope_file_id (self), NULL });

  return checked (oai_assistants_endpoint_create (scope_assistants (self), request, NULL, &error), error);
}

OaiAssistant *
scope_assistant (Scope *self)
{
  return FIND_OR_KEEP (self, make_assistant (self));
}

const char *
scope_assistant_id (Scope *self)
{
  return oai_assistant_get_id (scope_assistant (self));
}

static OaiThread *
make_thread (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiThreadRequest) request = oai_thread_request_new_for_text ("What is 3 x 4?");

  oai_thread_request_set_metadata_value (request, "topic", "sums");

  return checked (oai_threads_endpoint_create (scope_threads (self), request, NULL, &error), error);
}

OaiThread *
scope_thread (Scope *self)
{
  return FIND_OR_KEEP (self, make_thread (self));
}

const char *
scope_thread_id (Scope *self)
{
  return oai_thread_get_id (scope_thread (self));
}

static OaiThreadMessage *
make_message (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiThreadMessageRequest) request = oai_thread_message_request_new_user ("And 4 x 5?");

  if (is_first_version (self))
    oai_thread_message_request_set_file_ids (request, (const char *const[]) { scope_file_id (self), NULL });

  return checked (oai_threads_endpoint_create_message (scope_threads (self), scope_thread_id (self), request, NULL, &error), error);
}

OaiThreadMessage *
scope_message (Scope *self)
{
  return FIND_OR_KEEP (self, make_message (self));
}

const char *
scope_message_id (Scope *self)
{
  return oai_thread_message_get_id (scope_message (self));
}

static OaiRun *
make_run (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRunRequest) request = oai_run_request_new (scope_assistant_id (self));
  OaiRun *run = checked (oai_threads_endpoint_create_run (scope_threads (self), scope_thread_id (self), request, NULL, NULL, &error), error);

  if (!self->row->finished)
    return run;
  g_ptr_array_add (self->owned, run);

  return checked (oai_run_wait (run, POLL_INTERVAL, POLL_TIMEOUT, NULL, &error), error);
}

OaiRun *
scope_run (Scope *self)
{
  return FIND_OR_KEEP (self, make_run (self));
}

const char *
scope_run_id (Scope *self)
{
  return oai_run_get_id (scope_run (self));
}

static OaiRunStep *
make_step (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiPagedList) steps = checked (oai_run_list_steps (scope_run (self), NULL, NULL, &error), error);

  return g_list_model_get_item (G_LIST_MODEL (steps), 0);
}

OaiRunStep *
scope_step (Scope *self)
{
  return FIND_OR_KEEP (self, make_step (self));
}

const char *
scope_step_id (Scope *self)
{
  return oai_run_step_get_id (scope_step (self));
}

static OaiRun *
make_waiting_run (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiThreadRequest) question = oai_thread_request_new_for_text ("Please use the tool.");
  g_autoptr(OaiRun) run = checked (oai_assistant_create_thread_and_run (scope_assistant (self), question, NULL, &error), error);

  return checked (oai_run_wait (run, POLL_INTERVAL, POLL_TIMEOUT, NULL, &error), error);
}

OaiRun *
scope_waiting_run (Scope *self)
{
  return FIND_OR_KEEP (self, make_waiting_run (self));
}

static OaiRunToolOutputsRequest *
make_outputs (Scope *self)
{
  OaiRunToolOutputsRequest *outputs = oai_run_tool_outputs_request_new ();
  GPtrArray *calls = oai_run_get_tool_calls (scope_waiting_run (self));

  g_assert_nonnull (calls);
  for (guint i = 0; i < calls->len; i++)
    oai_run_tool_outputs_request_add_output (outputs, oai_chat_tool_call_get_id (g_ptr_array_index (calls, i)), "12");

  return outputs;
}

OaiRunToolOutputsRequest *
scope_outputs (Scope *self)
{
  return FIND_OR_KEEP (self, make_outputs (self));
}

static OaiResponse *
respond (Scope *self, OaiResponseRequest *request)
{
  g_autoptr(GError) error = NULL;

  return checked (oai_responses_endpoint_create (scope_responses (self), request, NULL, &error), error);
}

static OaiResponse *
make_calling_response (Scope *self)
{
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-4o", "Please use the tool.");
  g_autoptr(OaiResponseFunctionTool) tool = oai_response_function_tool_new ("get_weather");

  oai_response_function_tool_set_parameters (tool, "{\"type\": \"object\"}");
  oai_response_function_tool_set_strict (tool, FALSE);
  oai_response_request_add_tool (request, OAI_RESPONSE_TOOL (tool));

  return respond (self, request);
}

OaiResponse *
scope_calling_response (Scope *self)
{
  return FIND_OR_KEEP (self, make_calling_response (self));
}

static OaiResponse *
make_response (Scope *self, gboolean background)
{
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-4o", "Hello!");

  if (background)
    oai_response_request_set_background (request, TRUE);

  return respond (self, request);
}

OaiResponse *
scope_response (Scope *self)
{
  return FIND_OR_KEEP (self, make_response (self, FALSE));
}

static OaiResponse *
scope_background_response (Scope *self)
{
  return FIND_OR_KEEP (self, make_response (self, TRUE));
}

const char *
scope_response_id (Scope *self)
{
  return oai_response_get_id (scope_response (self));
}

const char *
scope_background_id (Scope *self)
{
  return oai_response_get_id (scope_background_response (self));
}

static OaiResponseFunctionCall *
make_function_call (Scope *self)
{
  g_autoptr(GPtrArray) calls = oai_response_dup_function_calls (scope_calling_response (self));

  g_assert_cmpuint (calls->len, ==, 1);

  return g_object_ref (g_ptr_array_index (calls, 0));
}

OaiResponseFunctionCall *
scope_function_call (Scope *self)
{
  return FIND_OR_KEEP (self, make_function_call (self));
}

static OaiConversation *
make_conversation (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiConversationRequest) request = oai_conversation_request_new ();
  g_autoptr(OaiResponseMessage) hello = oai_response_message_new_user ("Hello!");

  oai_conversation_request_add_item (request, OAI_RESPONSE_ITEM (hello));

  return checked (oai_conversations_endpoint_create (scope_conversations (self), request, NULL, &error), error);
}

OaiConversation *
scope_conversation (Scope *self)
{
  return FIND_OR_KEEP (self, make_conversation (self));
}

const char *
scope_conversation_id (Scope *self)
{
  return oai_conversation_get_id (scope_conversation (self));
}

static OaiResponseItem *
make_item (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiPagedList) items = checked (oai_conversation_list_items (scope_conversation (self), NULL, NULL, &error), error);

  return g_list_model_get_item (G_LIST_MODEL (items), 0);
}

static OaiResponseItem *
scope_item (Scope *self)
{
  return FIND_OR_KEEP (self, make_item (self));
}

const char *
scope_item_id (Scope *self)
{
  return oai_response_item_get_id (scope_item (self));
}

static OaiFineTuningJob *
make_job (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiFineTuningJobRequest) request = oai_fine_tuning_job_request_new ("gpt-4o-mini", scope_training_file_id (self));

  return checked (oai_fine_tuning_endpoint_create (scope_fine_tuning (self), request, NULL, &error), error);
}

static OaiFineTuningJob *
scope_job (Scope *self)
{
  return FIND_OR_KEEP (self, make_job (self));
}

const char *
scope_job_id (Scope *self)
{
  return oai_fine_tuning_job_get_id (scope_job (self));
}

/* The job advances one step each time it is retrieved. */
static OaiFineTuningJob *
make_finished_job (Scope *self)
{
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 10; i++)
    {
      g_autoptr(OaiFineTuningJob) job = checked (oai_fine_tuning_endpoint_retrieve (scope_fine_tuning (self), scope_job_id (self), NULL, &error), error);

      if (oai_fine_tuning_job_get_fine_tuned_model (job) != NULL)
        return g_steal_pointer (&job);
    }
  g_error ("The job does not end");
}

static OaiFineTuningJob *
scope_finished_job (Scope *self)
{
  return FIND_OR_KEEP (self, make_finished_job (self));
}

const char *
scope_fine_tuned_model (Scope *self)
{
  return oai_fine_tuning_job_get_fine_tuned_model (scope_finished_job (self));
}

static OaiChatRequest *
make_request (const char *text)
{
  OaiChatRequest *request = oai_chat_request_new ("gpt-4o");

  oai_chat_request_add_user_message (request, text);

  return request;
}

OaiChatRequest *
scope_request (Scope *self)
{
  return FIND_OR_KEEP (self, make_request ("Hello!"));
}

static OaiChatTool *
make_tool (void)
{
  g_autoptr(GError) error = NULL;

  return checked (oai_chat_tool_new_function ("get_weather", "Tells the weather", NULL, FALSE, &error), error);
}

OaiChatTool *
scope_tool (Scope *self)
{
  return FIND_OR_KEEP (self, make_tool ());
}

static OaiToolset *
make_toolset (void)
{
  OaiToolset *toolset = oai_toolset_new ();
  const char *schema = "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}}";

  g_assert_nonnull (oai_toolset_add_function (toolset, "get_weather", "Returns the weather", schema, get_weather, NULL, NULL, NULL));

  return toolset;
}

OaiToolset *
scope_toolset (Scope *self)
{
  return FIND_OR_KEEP (self, make_toolset ());
}

static OaiChatCompletion *
make_completion (Scope *self)
{
  g_autoptr(GError) error = NULL;

  return checked (oai_chat_endpoint_create (scope_chat (self), scope_request (self), NULL, &error), error);
}

OaiChatCompletion *
scope_completion (Scope *self)
{
  return FIND_OR_KEEP (self, make_completion (self));
}

static OaiChatToolCall *
make_call (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatRequest) request = make_request ("Please use the tool.");
  g_autoptr(OaiChatCompletion) completion = NULL;
  GPtrArray *calls;

  oai_chat_request_add_tool (request, scope_tool (self));
  completion = checked (oai_chat_endpoint_create (scope_chat (self), request, NULL, &error), error);
  calls = oai_chat_completion_get_tool_calls (completion);
  g_assert_nonnull (calls);

  return g_object_ref (g_ptr_array_index (calls, 0));
}

OaiChatToolCall *
scope_call (Scope *self)
{
  return FIND_OR_KEEP (self, make_call (self));
}

static OaiImage *
make_image (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiImageRequest) request = oai_image_request_new ("A house riding a velociraptor");
  g_autoptr(OaiImageList) list = NULL;

  oai_image_request_set_model (request, "dall-e-3");
  list = checked (oai_images_endpoint_generate (scope_images (self), request, NULL, &error), error);

  return g_object_ref (g_ptr_array_index (oai_image_list_get_data (list), 0));
}

OaiImage *
scope_image (Scope *self)
{
  return FIND_OR_KEEP (self, make_image (self));
}

static OaiModerationResult *
make_moderation_result (Scope *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiModerationRequest) request = oai_moderation_request_new_for_text ("I hate them.");
  g_autoptr(OaiModeration) moderation = checked (oai_moderations_endpoint_create (scope_moderations (self), request, NULL, &error), error);

  return g_object_ref (g_ptr_array_index (oai_moderation_get_results (moderation), 0));
}

OaiModerationResult *
scope_moderation_result (Scope *self)
{
  return FIND_OR_KEEP (self, make_moderation_result (self));
}

void
print_delta (OaiChatStream *stream, const char *text, guint choice_index, gpointer user_data)
{
  g_assert_nonnull (text);
}

void
print_text (OaiResponseStream *stream, const char *text, guint output_index, guint content_index, gpointer user_data)
{
  g_assert_nonnull (text);
}

void
play (OaiSpeech *speech, GBytes *data, gpointer user_data)
{
  g_assert_cmpuint (g_bytes_get_size (data), >, 0);
}

char *
run_tool (const char *name, const char *arguments)
{
  g_assert_cmpstr (name, ==, "get_weather");
  g_assert_cmpint (arguments[0], ==, '{');

  return g_strdup ("{\"celsius\": 12}");
}

void
get_weather (OaiToolCall *call, gpointer user_data)
{
  oai_tool_call_respond_json (call, "{\"celsius\": 12}");
}

/* The handler that the guide shows. */
gboolean
authenticate (OaiProxyServer *server, OaiProxyRequest *request, gpointer user_data)
{
  const char *token = oai_proxy_request_get_token (request);
  g_autoptr(OaiProxyIdentity) identity = NULL;

  if (g_strcmp0 (token, "sess-user") != 0)
    {
      oai_proxy_request_refuse (request, OAI_PROXY_ERROR_UNAUTHENTICATED, "User is not authorized");
      return TRUE;
    }

  identity = oai_proxy_identity_new ("user", NULL);
  oai_proxy_request_accept (request, identity);

  return TRUE;
}

/* A back end in a thread, since the lines block their main context. */
typedef struct
{
  GThread *thread;
  GMainLoop *loop;
  char *url;
} BackEnd;

static BackEnd back_end;

static gboolean
started_cb (gpointer user_data)
{
  g_async_queue_push (user_data, &back_end);

  return G_SOURCE_REMOVE;
}

static gpointer
run_back_end (gpointer data)
{
  GMainContext *context = g_main_loop_get_context (back_end.loop);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiAuth) auth = oai_auth_new (API_KEY);
  g_autoptr(OaiClient) client = oai_client_new (auth, NULL);
  g_autoptr(OaiProxyServer) server = NULL;
  g_auto (GStrv) addresses = NULL;
  GSource *started = g_idle_source_new ();

  g_main_context_push_thread_default (context);
  server = oai_proxy_server_new (client);
  g_signal_connect (server, "authenticate", G_CALLBACK (authenticate), NULL);
  oai_proxy_server_listen (server, "127.0.0.1:0", NULL, &error);
  g_assert_no_error (error);
  addresses = oai_proxy_server_list_addresses (server);
  back_end.url = g_strdup_printf ("http://%s/v1", addresses[0]);
  g_source_set_callback (started, started_cb, data, NULL);
  g_source_attach (started, context);
  g_source_unref (started);
  g_main_loop_run (back_end.loop);
  oai_proxy_server_close (server);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_main_context_pop_thread_default (context);

  return NULL;
}

const char *
scope_proxy_url (Scope *self)
{
  g_autoptr(GMainContext) context = NULL;
  g_autoptr(GAsyncQueue) queue = NULL;

  if (back_end.thread == NULL)
    {
      context = g_main_context_new ();
      queue = g_async_queue_new ();
      back_end.loop = g_main_loop_new (context, FALSE);
      back_end.thread = g_thread_new ("back-end", run_back_end, queue);
      g_async_queue_pop (queue);
    }

  return back_end.url;
}

void
scope_stop_proxy (void)
{
  if (back_end.thread == NULL)
    return;

  g_main_loop_quit (back_end.loop);
  g_thread_join (back_end.thread);
  g_main_loop_unref (back_end.loop);
  g_free (back_end.url);
}
