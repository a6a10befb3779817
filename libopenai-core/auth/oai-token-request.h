/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A request for a token, which the program answers. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_TOKEN_REQUEST (oai_token_request_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiTokenRequest, oai_token_request, OAI, TOKEN_REQUEST, GObject)

OAI_AVAILABLE_IN_1_0
GCancellable *oai_token_request_get_cancellable (OaiTokenRequest *self);
OAI_AVAILABLE_IN_1_0
void oai_token_request_respond (OaiTokenRequest *self, const char *token);
OAI_AVAILABLE_IN_1_0
void oai_token_request_fail (OaiTokenRequest *self, const char *message);

G_END_DECLS
