/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client of the mock service, and functions that wait for its operations. */

#pragma once

#include "oai-call.h"
#include "oai-chat-endpoint.h"
#include "oai-client-endpoints.h"
#include "oai-client-invoke.h"
#include "oai-error.h"
#include "oai-mock.h"
#include "wait-until.h"

G_BEGIN_DECLS

#define CALL_FIXTURE_KEY "sk-test"

#define CHUNK_START "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
#define CHUNK_TEXT(text) CHUNK_START "\"delta\":{\"content\":\"" text "\"},\"finish_reason\":null}]}"
#define CHUNK_DELTA(delta) CHUNK_START "\"delta\":{" delta "}}]}"
#define CHUNK_STOP CHUNK_START "\"delta\":{},\"finish_reason\":\"stop\"}]}"
#define COMPLETION(text) "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"" text "\"},\"finish_reason\":\"stop\"}]}"

typedef struct
{
  OaiMockServer *server;
  OaiSettings *settings;
  OaiClient *client;
  OaiChatEndpoint *chat;
  OaiChatRequest *request;
} CallFixture;

/* The service runs in a separate thread, so that blocking calls work. */
void call_fixture_set_up (CallFixture *self, gconstpointer user_data);
void call_fixture_tear_down (CallFixture *self, gconstpointer user_data);
/* Replaces the client, so that changed settings apply. */
void call_fixture_renew (CallFixture *self, OaiAuth *auth);

/* Takes the reply. */
void call_fixture_push (CallFixture *self, OaiMockReply *reply);
/* Each string is one event; NULL ends the list.  [DONE] is added. */
OaiMockReply *call_fixture_events (const char *first, ...) G_GNUC_NULL_TERMINATED;
/* A body of the type text/event-stream in one chunk. */
OaiMockReply *call_fixture_sse (const char *text);

/* These call asynchronous functions and iterate the default context. */
OaiChatCompletion *call_fixture_create (CallFixture *self, GCancellable *cancellable, GError **error);
OaiRecord *call_fixture_run (OaiStream *stream, GCancellable *cancellable, GError **error);
OaiChatStream *call_fixture_stream (CallFixture *self);

/* A callback that stores the result in a GAsyncResult *. */
void call_store_result (GObject *source, GAsyncResult *result, gpointer user_data);
GAsyncResult *call_wait (GAsyncResult **result);

G_END_DECLS
