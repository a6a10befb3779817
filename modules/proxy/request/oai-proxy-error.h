/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reasons for which the proxy refuses requests. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

/**
 * OAI_PROXY_ERROR:
 *
 * The domain of the errors of the proxy; see [error@Oai.ProxyError].
 *
 * Since: 1.0
 */
#define OAI_PROXY_ERROR (oai_proxy_error_quark ())

/**
 * OaiProxyError:
 * @OAI_PROXY_ERROR_BAD_REQUEST: the request is invalid (HTTP 400)
 * @OAI_PROXY_ERROR_UNAUTHENTICATED: the credentials are missing or not accepted (HTTP 401)
 * @OAI_PROXY_ERROR_FORBIDDEN: the identity must not do this (HTTP 403)
 * @OAI_PROXY_ERROR_NOT_FOUND: the path is not one of the API (HTTP 404)
 * @OAI_PROXY_ERROR_METHOD_NOT_ALLOWED: the path does not support the method (HTTP 405)
 * @OAI_PROXY_ERROR_TOO_LARGE: the body is larger than the limit (HTTP 413)
 * @OAI_PROXY_ERROR_UNSUPPORTED: the type or the encoding of the body is not supported (HTTP 415)
 * @OAI_PROXY_ERROR_RATE_LIMITED: a limit of the identity is exhausted (HTTP 429)
 * @OAI_PROXY_ERROR_INTERNAL: the proxy failed; the message is not sent to the client (HTTP 500)
 * @OAI_PROXY_ERROR_UPSTREAM: the server behind the proxy cannot be reached, or its reply is invalid (HTTP 502)
 * @OAI_PROXY_ERROR_UNAVAILABLE: the proxy cannot accept the request now (HTTP 503)
 * @OAI_PROXY_ERROR_TIMED_OUT: the server behind the proxy did not reply in time (HTTP 504)
 *
 * Reasons for which the proxy refuses a request. The client receives the status and the message, so a message contains
 * neither secrets nor internals of the server.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_PROXY_ERROR_BAD_REQUEST,
  OAI_PROXY_ERROR_UNAUTHENTICATED,
  OAI_PROXY_ERROR_FORBIDDEN,
  OAI_PROXY_ERROR_NOT_FOUND,
  OAI_PROXY_ERROR_METHOD_NOT_ALLOWED,
  OAI_PROXY_ERROR_TOO_LARGE,
  OAI_PROXY_ERROR_UNSUPPORTED,
  OAI_PROXY_ERROR_RATE_LIMITED,
  OAI_PROXY_ERROR_INTERNAL,
  OAI_PROXY_ERROR_UPSTREAM,
  OAI_PROXY_ERROR_UNAVAILABLE,
  OAI_PROXY_ERROR_TIMED_OUT
} OaiProxyError;

OAI_AVAILABLE_IN_1_0
GQuark oai_proxy_error_quark (void);

G_END_DECLS
