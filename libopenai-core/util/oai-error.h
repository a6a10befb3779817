/* SPDX-License-Identifier: LGPL-2.1-or-later */

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
 * @OAI_ERROR_FAILED: something else went wrong
 * @OAI_ERROR_INVALID_ARGUMENT: the program asked for something that cannot be sent
 * @OAI_ERROR_BAD_REQUEST: the server does not understand the request (HTTP 400)
 * @OAI_ERROR_AUTHENTICATION: no key, or one that the server refuses (HTTP 401)
 * @OAI_ERROR_PERMISSION_DENIED: the key may not do this (HTTP 403)
 * @OAI_ERROR_NOT_FOUND: there is no such thing on the server (HTTP 404)
 * @OAI_ERROR_CONFLICT: the thing is in use or in another state (HTTP 409)
 * @OAI_ERROR_UNPROCESSABLE: the request is well-formed but makes no sense (HTTP 422)
 * @OAI_ERROR_RATE_LIMITED: too many requests; [method@Oai.Call.get_retry_after] tells when to come back (HTTP 429)
 * @OAI_ERROR_QUOTA_EXCEEDED: the account has no money or quota left
 * @OAI_ERROR_CONTEXT_LENGTH: the conversation is longer than the model can read
 * @OAI_ERROR_CONTENT_FILTER: the content was refused by a filter
 * @OAI_ERROR_LENGTH: the reply was cut by a token limit before it was whole
 * @OAI_ERROR_SERVER: the server failed (HTTP 500 and above)
 * @OAI_ERROR_CONNECTION: the server cannot be reached, or the connection broke
 * @OAI_ERROR_PROTOCOL: the server answered something that is not its API
 * @OAI_ERROR_INCOMPLETE: a stream ended before its reply did; what had arrived is kept
 * @OAI_ERROR_MODULE: an endpoint module is missing or is not one
 * @OAI_ERROR_CERTIFICATE: the certificate of the server is not accepted; [property@Oai.Call:certificate-errors] holds why
 *
 * What can go wrong besides #GIOErrorEnum: a cancelled call fails with
 * %G_IO_ERROR_CANCELLED, one that took too long with %G_IO_ERROR_TIMED_OUT.
 *
 * The message is the server's own text and its request id; it never holds a key.
 * [method@Oai.Client.find_call_for_error] leads from an error to all that is
 * known of the exchange.
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
  OAI_ERROR_CERTIFICATE
} OaiError;

OAI_AVAILABLE_IN_1_0
GQuark oai_error_quark (void);

G_END_DECLS
