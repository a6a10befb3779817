/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A request that the mock service received. */

#pragma once

#include <gio/gio.h>

#include "oai-mock-macros.h"

G_BEGIN_DECLS

#define OAI_MOCK_TYPE_REQUEST (oai_mock_request_get_type ())
_OAI_MOCK_EXTERN
G_DECLARE_FINAL_TYPE (OaiMockRequest, oai_mock_request, OAI_MOCK, REQUEST, GObject)

_OAI_MOCK_EXTERN
const char *oai_mock_request_get_method (OaiMockRequest *self);
_OAI_MOCK_EXTERN
const char *oai_mock_request_get_path (OaiMockRequest *self);
_OAI_MOCK_EXTERN
const char *oai_mock_request_get_query (OaiMockRequest *self);
_OAI_MOCK_EXTERN
char *oai_mock_request_dup_query_value (OaiMockRequest *self, const char *name);
_OAI_MOCK_EXTERN
const char *oai_mock_request_get_header (OaiMockRequest *self, const char *name);
_OAI_MOCK_EXTERN
char **oai_mock_request_dup_header_names (OaiMockRequest *self);
_OAI_MOCK_EXTERN
GBytes *oai_mock_request_get_body (OaiMockRequest *self);
_OAI_MOCK_EXTERN
char *oai_mock_request_dup_body_text (OaiMockRequest *self);
_OAI_MOCK_EXTERN
char **oai_mock_request_dup_part_names (OaiMockRequest *self);
_OAI_MOCK_EXTERN
GBytes *oai_mock_request_dup_part (OaiMockRequest *self, const char *name);
_OAI_MOCK_EXTERN
char *oai_mock_request_dup_part_file_name (OaiMockRequest *self, const char *name);
_OAI_MOCK_EXTERN
char *oai_mock_request_dup_part_content_type (OaiMockRequest *self, const char *name);
_OAI_MOCK_EXTERN
guint oai_mock_request_get_connection (OaiMockRequest *self);
_OAI_MOCK_EXTERN
gboolean oai_mock_request_is_aborted (OaiMockRequest *self);

G_END_DECLS
