/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The errors of the library. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

/**
 * OAI_ERROR:
 *
 * The domain of the errors of this library; see [error@Oai.Error].
 *
 * Since: 1.0
 */
#define OAI_ERROR (oai_error_quark ())

/**
 * OaiError:
 * @OAI_ERROR_FAILED: another error
 * @OAI_ERROR_INVALID_ARGUMENT: the arguments or the request are invalid, and nothing was sent
 * @OAI_ERROR_BAD_REQUEST: the server rejected the request as invalid (HTTP 400)
 * @OAI_ERROR_AUTHENTICATION: there is no key, or the server rejected it (HTTP 401)
 * @OAI_ERROR_PERMISSION_DENIED: the key does not permit the operation (HTTP 403)
 * @OAI_ERROR_NOT_FOUND: the object does not exist on the server (HTTP 404)
 * @OAI_ERROR_CONFLICT: the object is in use or in another state (HTTP 409)
 * @OAI_ERROR_UNPROCESSABLE: the request is well-formed but cannot be processed (HTTP 422)
 * @OAI_ERROR_RATE_LIMITED: too many requests (HTTP 429); [method@Oai.Call.get_retry_after_ms] returns the time to wait
 * @OAI_ERROR_QUOTA_EXCEEDED: the account has no credit or quota left
 * @OAI_ERROR_CONTEXT_LENGTH: the conversation is longer than the context of the model
 * @OAI_ERROR_CONTENT_FILTER: a filter rejected the content
 * @OAI_ERROR_LENGTH: the reply was truncated by a token limit
 * @OAI_ERROR_SERVER: the server failed (HTTP 500 and above)
 * @OAI_ERROR_CONNECTION: the server cannot be reached, or the connection was closed
 * @OAI_ERROR_PROTOCOL: the reply does not match the API
 * @OAI_ERROR_INCOMPLETE: the reply was truncated; the part that has arrived is available
 * @OAI_ERROR_MODULE: an endpoint module is missing or invalid
 * @OAI_ERROR_CERTIFICATE: the certificate of the server is not accepted; [property@Oai.Call:certificate-errors] has the reasons
 * @OAI_ERROR_TOO_MANY_ROUNDS: the model still calls tools after [property@Oai.Session:max-rounds] requests, or a run after the rounds of [method@Oai.Run.run_tools]
 * @OAI_ERROR_BUDGET_EXCEEDED: [property@Oai.Session:cost] has reached [property@Oai.Session:budget], or cannot be computed
 * @OAI_ERROR_OFFLINE: this machine has no network, and the server is not on it or in its local network; see [property@Oai.Settings:check-network]
 *
 * Errors of this library. A cancelled call fails with %G_IO_ERROR_CANCELLED instead, and a
 * call that timed out with %G_IO_ERROR_TIMED_OUT.
 *
 * The message contains the text of the server, and never a key. The request id is that of the call.
 * [method@Oai.Client.find_call_for_error] returns the call of an error.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_ERROR_FAILED,
  OAI_ERROR_INVALID_ARGUMENT,
  OAI_ERROR_BAD_REQUEST,
  OAI_ERROR_AUTHENTICATION,
  OAI_ERROR_PERMISSION_DENIED,
  OAI_ERROR_NOT_FOUND,
  OAI_ERROR_CONFLICT,
  OAI_ERROR_UNPROCESSABLE,
  OAI_ERROR_RATE_LIMITED,
  OAI_ERROR_QUOTA_EXCEEDED,
  OAI_ERROR_CONTEXT_LENGTH,
  OAI_ERROR_CONTENT_FILTER,
  OAI_ERROR_LENGTH,
  OAI_ERROR_SERVER,
  OAI_ERROR_CONNECTION,
  OAI_ERROR_PROTOCOL,
  OAI_ERROR_INCOMPLETE,
  OAI_ERROR_MODULE,
  OAI_ERROR_CERTIFICATE,
  OAI_ERROR_TOO_MANY_ROUNDS,
  OAI_ERROR_BUDGET_EXCEEDED,
  OAI_ERROR_OFFLINE
} OaiError;

OAI_AVAILABLE_IN_1_0
GQuark oai_error_quark (void);

G_END_DECLS
