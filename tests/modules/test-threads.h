/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An assistant, a thread and a run for tests. */

#pragma once

#include <string.h>

#include "test-module.h"

static inline void
speak_version_1 (Fixture *fixture)
{
  oai_settings_set_beta_version (oai_client_get_settings (fixture->client), "assistants", "v1");
  /* The API's document describes version 2 only. */
  oai_mock_server_set_validating (fixture->server, FALSE);
}

static inline void
push_json (Fixture *fixture, const char *json)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);

  oai_mock_server_push_reply (fixture->server, reply);
}

static inline OaiAssistant *
create_assistant (Fixture *fixture)
{
  g_autoptr(OaiAssistantsEndpoint) assistants = oai_assistants_endpoint_new (fixture->client);
  g_autoptr(OaiAssistantRequest) request = oai_assistant_request_new ("gpt-4o");
  g_autoptr(OaiFunctionDefinition) function = oai_function_definition_new ("weather");
  g_autoptr(OaiAssistantFunctionTool) tool = NULL;
  g_autoptr(GError) error = NULL;
  OaiAssistant *assistant;

  oai_function_definition_set_parameters (function, "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}");
  tool = oai_assistant_function_tool_new (function);
  oai_assistant_request_add_tool (request, OAI_ASSISTANT_TOOL (tool));
  assistant = oai_assistants_endpoint_create (assistants, request, NULL, &error);
  g_assert_no_error (error);

  return assistant;
}

static inline OaiThread *
create_thread (Fixture *fixture, const char *text)
{
  g_autoptr(OaiThreadsEndpoint) threads = oai_threads_endpoint_new (fixture->client);
  g_autoptr(OaiThreadRequest) request = oai_thread_request_new_for_text (text);
  g_autoptr(GError) error = NULL;
  OaiThread *thread = oai_threads_endpoint_create (threads, request, NULL, &error);

  g_assert_no_error (error);

  return thread;
}

static inline OaiRun *
create_run (OaiThread *thread, OaiAssistant *assistant)
{
  g_autoptr(OaiRunRequest) request = oai_run_request_new (oai_assistant_get_id (assistant));
  g_autoptr(GError) error = NULL;
  OaiRun *run = oai_thread_create_run (thread, request, NULL, NULL, &error);

  g_assert_no_error (error);

  return run;
}
