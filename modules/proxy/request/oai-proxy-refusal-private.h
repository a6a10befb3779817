/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A refused request as the error object of the API. */

#pragma once

#include "oai-proxy-error.h"

G_BEGIN_DECLS

typedef struct
{
  guint status;
  const char *type;    /* static */
  const char *code;    /* static */
  const char *message; /* of the error; for internal failures, a static text */
} OaiProxyRefusal;

/* error: of OAI_PROXY_ERROR; any other error is an internal failure, whose message is not shown. */
OaiProxyRefusal oai_proxy_refusal_from_error (const GError *error);
/* The error object of the API.  code: replaces that of the refusal, or NULL. */
GBytes *oai_proxy_refusal_to_json (const OaiProxyRefusal *self, const char *code);

G_END_DECLS
