/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An HTTP server that behaves like the API. */

#pragma once

#include "oai-mock-reply.h"
#include "oai-mock-request.h"

G_BEGIN_DECLS

#define OAI_MOCK_TYPE_SERVER (oai_mock_server_get_type ())
_OAI_MOCK_EXTERN
G_DECLARE_FINAL_TYPE (OaiMockServer, oai_mock_server, OAI_MOCK, SERVER, GObject)

_OAI_MOCK_EXTERN
OaiMockServer *oai_mock_server_new (void);
_OAI_MOCK_EXTERN
gboolean oai_mock_server_start (OaiMockServer *self, GError **error);
_OAI_MOCK_EXTERN
gboolean oai_mock_server_start_in_thread (OaiMockServer *self, GError **error);
_OAI_MOCK_EXTERN
void oai_mock_server_stop (OaiMockServer *self);
_OAI_MOCK_EXTERN
void oai_mock_server_reset (OaiMockServer *self);
_OAI_MOCK_EXTERN
gboolean oai_mock_server_is_running (OaiMockServer *self);
_OAI_MOCK_EXTERN
guint oai_mock_server_get_port (OaiMockServer *self);
_OAI_MOCK_EXTERN
const char *oai_mock_server_get_base_url (OaiMockServer *self);

_OAI_MOCK_EXTERN
void oai_mock_server_set_api_key (OaiMockServer *self, const char *api_key);
_OAI_MOCK_EXTERN
char *oai_mock_server_dup_api_key (OaiMockServer *self);
_OAI_MOCK_EXTERN
void oai_mock_server_set_delta_delay (OaiMockServer *self, guint milliseconds);
_OAI_MOCK_EXTERN
guint oai_mock_server_get_delta_delay (OaiMockServer *self);
_OAI_MOCK_EXTERN
void oai_mock_server_set_chunk_size (OaiMockServer *self, guint bytes);
_OAI_MOCK_EXTERN
guint oai_mock_server_get_chunk_size (OaiMockServer *self);

_OAI_MOCK_EXTERN
void oai_mock_server_push_reply (OaiMockServer *self, OaiMockReply *reply);
_OAI_MOCK_EXTERN
void oai_mock_server_push_reply_for (OaiMockServer *self, const char *method, const char *path, OaiMockReply *reply);
_OAI_MOCK_EXTERN
guint oai_mock_server_get_n_pending_replies (OaiMockServer *self);

_OAI_MOCK_EXTERN
guint oai_mock_server_get_n_requests (OaiMockServer *self);
_OAI_MOCK_EXTERN
OaiMockRequest *oai_mock_server_dup_request (OaiMockServer *self, int index);
_OAI_MOCK_EXTERN
GPtrArray *oai_mock_server_dup_requests (OaiMockServer *self);
_OAI_MOCK_EXTERN
guint oai_mock_server_get_n_connections (OaiMockServer *self);
_OAI_MOCK_EXTERN
guint oai_mock_server_get_n_aborted (OaiMockServer *self);

_OAI_MOCK_EXTERN
void oai_mock_server_set_validating (OaiMockServer *self, gboolean validating);
_OAI_MOCK_EXTERN
gboolean oai_mock_server_is_validating (OaiMockServer *self);
_OAI_MOCK_EXTERN
void oai_mock_server_allow_member (OaiMockServer *self, const char *name);
_OAI_MOCK_EXTERN
guint oai_mock_server_get_n_violations (OaiMockServer *self);
_OAI_MOCK_EXTERN
char **oai_mock_server_dup_violations (OaiMockServer *self);
_OAI_MOCK_EXTERN
char **oai_mock_server_dup_reply_violations (OaiMockServer *self);

G_END_DECLS
