/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is known about one request and its reply: state, attempts, headers and errors. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_CALL (oai_call_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiCall, oai_call, OAI, CALL, GObject)

/**
 * OaiCallState:
 * @OAI_CALL_STATE_PENDING: not sent yet
 * @OAI_CALL_STATE_SENDING: sending the request, or waiting for the headers of the reply
 * @OAI_CALL_STATE_WAITING: waiting before the next attempt
 * @OAI_CALL_STATE_READING: reading the body of the reply
 * @OAI_CALL_STATE_DONE: completed successfully
 * @OAI_CALL_STATE_FAILED: failed with an error
 *
 * The state of an exchange.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_CALL_STATE_PENDING,
  OAI_CALL_STATE_SENDING,
  OAI_CALL_STATE_WAITING,
  OAI_CALL_STATE_READING,
  OAI_CALL_STATE_DONE,
  OAI_CALL_STATE_FAILED
} OaiCallState;

OAI_AVAILABLE_IN_1_0
OaiCall *oai_call_find_for_result (GAsyncResult *result);

OAI_AVAILABLE_IN_1_0
const char *oai_call_get_operation (OaiCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_call_get_method (OaiCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_call_get_url (OaiCall *self);
OAI_AVAILABLE_IN_1_0
OaiCallState oai_call_get_state (OaiCall *self);
OAI_AVAILABLE_IN_1_0
const char *const *oai_call_get_adaptations (OaiCall *self);
OAI_AVAILABLE_IN_1_0
guint oai_call_get_n_attempts (OaiCall *self);
OAI_AVAILABLE_IN_1_0
guint oai_call_get_status_code (OaiCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_call_get_header (OaiCall *self, const char *name);
OAI_AVAILABLE_IN_1_0
const char *oai_call_get_request_id (OaiCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_call_get_organization (OaiCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_call_get_api_version (OaiCall *self);
/* Milliseconds, or -1. */
OAI_AVAILABLE_IN_1_0
gint64 oai_call_get_processing_ms (OaiCall *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_call_get_request_limit (OaiCall *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_call_get_token_limit (OaiCall *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_call_get_remaining_requests (OaiCall *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_call_get_remaining_tokens (OaiCall *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_call_get_requests_reset_ms (OaiCall *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_call_get_tokens_reset_ms (OaiCall *self);
/* Seconds that the server requested to wait, or -1. */
OAI_AVAILABLE_IN_1_0
gint64 oai_call_get_retry_after_ms (OaiCall *self);
/* When the next attempt starts, or NULL. */
OAI_AVAILABLE_IN_1_0
GDateTime *oai_call_get_retry_at (OaiCall *self);
OAI_AVAILABLE_IN_1_0
GTlsCertificateFlags oai_call_get_certificate_errors (OaiCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_call_get_error_type (OaiCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_call_get_error_code (OaiCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_call_get_error_param (OaiCall *self);
OAI_AVAILABLE_IN_1_0
const GError *oai_call_get_error (OaiCall *self);
OAI_AVAILABLE_IN_1_0
GBytes *oai_call_get_body (OaiCall *self);

G_END_DECLS
