/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-refusal-private.h"

#include "oai-json-builder-private.h"

#include <string.h>

static const OaiProxyRefusal refusals[] = {
  [OAI_PROXY_ERROR_BAD_REQUEST] = { 400, "invalid_request_error", "bad_request" },
  [OAI_PROXY_ERROR_UNAUTHENTICATED] = { 401, "authentication_error", "invalid_api_key" },
  [OAI_PROXY_ERROR_FORBIDDEN] = { 403, "permission_error", "forbidden" },
  [OAI_PROXY_ERROR_NOT_FOUND] = { 404, "invalid_request_error", "not_found" },
  [OAI_PROXY_ERROR_METHOD_NOT_ALLOWED] = { 405, "invalid_request_error", "method_not_allowed" },
  [OAI_PROXY_ERROR_TOO_LARGE] = { 413, "invalid_request_error", "request_too_large" },
  [OAI_PROXY_ERROR_UNSUPPORTED] = { 415, "invalid_request_error", "unsupported_media_type" },
  [OAI_PROXY_ERROR_RATE_LIMITED] = { 429, "rate_limit_error", "rate_limit_exceeded" },
  [OAI_PROXY_ERROR_INTERNAL] = { 500, "server_error", "internal_error" },
  [OAI_PROXY_ERROR_UPSTREAM] = { 502, "server_error", "upstream_error" },
  [OAI_PROXY_ERROR_UNAVAILABLE] = { 503, "server_error", "unavailable" },
  [OAI_PROXY_ERROR_TIMED_OUT] = { 504, "server_error", "upstream_timeout" },
};

OaiProxyRefusal
oai_proxy_refusal_from_error (const GError *error)
{
  gboolean known = error->domain == OAI_PROXY_ERROR && error->code >= 0 && error->code < (int) G_N_ELEMENTS (refusals)
                   && error->code != OAI_PROXY_ERROR_INTERNAL;
  OaiProxyRefusal refusal = refusals[known ? error->code : OAI_PROXY_ERROR_INTERNAL];

  refusal.message = known ? error->message : "The proxy could not process the request";

  return refusal;
}

GBytes *
oai_proxy_refusal_to_json (const OaiProxyRefusal *self, const char *code)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  char *text;

  oai_json_builder_begin_object (builder, "error");
  oai_json_builder_add_string (builder, "message", self->message, -1);
  oai_json_builder_add_string (builder, "type", self->type, -1);
  oai_json_builder_add_null (builder, "param");
  oai_json_builder_add_string (builder, "code", code != NULL ? code : self->code, -1);
  oai_json_builder_end (builder);
  text = oai_json_builder_finish_text (builder);

  return g_bytes_new_take (text, strlen (text));
}
