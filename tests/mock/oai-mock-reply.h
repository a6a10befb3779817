/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A reply of the mock service that a test prepares. */

#pragma once

#include <gio/gio.h>

#include "oai-mock-macros.h"

G_BEGIN_DECLS

/**
 * OaiMockFraming:
 * @OAI_MOCK_FRAMING_AUTO: a length if the body has one chunk, otherwise chunked
 * @OAI_MOCK_FRAMING_LENGTH: `Content-Length`
 * @OAI_MOCK_FRAMING_CHUNKED: `Transfer-Encoding: chunked`
 * @OAI_MOCK_FRAMING_UNTIL_CLOSE: neither; closing the connection ends the body
 *
 * How the end of a body is transmitted.
 */
typedef enum {
  OAI_MOCK_FRAMING_AUTO,
  OAI_MOCK_FRAMING_LENGTH,
  OAI_MOCK_FRAMING_CHUNKED,
  OAI_MOCK_FRAMING_UNTIL_CLOSE,
} OaiMockFraming;

#define OAI_MOCK_TYPE_REPLY (oai_mock_reply_get_type ())
_OAI_MOCK_EXTERN
G_DECLARE_FINAL_TYPE (OaiMockReply, oai_mock_reply, OAI_MOCK, REPLY, GObject)

_OAI_MOCK_EXTERN
OaiMockReply *oai_mock_reply_new (guint status);
_OAI_MOCK_EXTERN
OaiMockReply *oai_mock_reply_new_json (guint status, const char *json);
_OAI_MOCK_EXTERN
OaiMockReply *oai_mock_reply_new_text (guint status, const char *content_type, const char *text);
_OAI_MOCK_EXTERN
OaiMockReply *oai_mock_reply_new_bytes (guint status, const char *content_type, GBytes *bytes);
_OAI_MOCK_EXTERN
OaiMockReply *oai_mock_reply_new_error (guint status, const char *type, const char *code, const char *message);
_OAI_MOCK_EXTERN
OaiMockReply *oai_mock_reply_new_events (void);
_OAI_MOCK_EXTERN
OaiMockReply *oai_mock_reply_new_redirect (guint status, const char *location);
_OAI_MOCK_EXTERN
OaiMockReply *oai_mock_reply_new_raw (GBytes *bytes);
_OAI_MOCK_EXTERN
OaiMockReply *oai_mock_reply_new_drop (void);
_OAI_MOCK_EXTERN
OaiMockReply *oai_mock_reply_new_hang (void);
_OAI_MOCK_EXTERN
OaiMockReply *oai_mock_reply_new_pass (void);

_OAI_MOCK_EXTERN
void oai_mock_reply_set_header (OaiMockReply *self, const char *name, const char *value);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_content_type (OaiMockReply *self, const char *content_type);
_OAI_MOCK_EXTERN
void oai_mock_reply_add_bytes (OaiMockReply *self, GBytes *bytes);
_OAI_MOCK_EXTERN
void oai_mock_reply_add_text (OaiMockReply *self, const char *text);
_OAI_MOCK_EXTERN
void oai_mock_reply_add_event (OaiMockReply *self, const char *event, const char *data);
_OAI_MOCK_EXTERN
void oai_mock_reply_add_repeated (OaiMockReply *self, GBytes *bytes, guint times);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_head_delay (OaiMockReply *self, guint milliseconds);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_chunk_delay (OaiMockReply *self, guint milliseconds);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_chunk_size (OaiMockReply *self, gsize bytes);
_OAI_MOCK_EXTERN
void oai_mock_reply_add_split (OaiMockReply *self, gsize position);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_truncate_after (OaiMockReply *self, gint64 bytes);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_hang_after (OaiMockReply *self, gint64 bytes);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_reset (OaiMockReply *self, gboolean reset);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_close (OaiMockReply *self, gboolean close);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_gzip (OaiMockReply *self, gboolean gzip, gboolean flush);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_framing (OaiMockReply *self, OaiMockFraming framing);
_OAI_MOCK_EXTERN
void oai_mock_reply_omit_events (OaiMockReply *self, const char *pattern);
_OAI_MOCK_EXTERN
void oai_mock_reply_edit_events (OaiMockReply *self, const char *pattern, const char *path, const char *json);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_close_after (OaiMockReply *self, gint64 messages, guint code);
_OAI_MOCK_EXTERN
void oai_mock_reply_set_times (OaiMockReply *self, guint times);

G_END_DECLS
