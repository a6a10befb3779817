/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates the request that OaiAuth passes to the program when it needs a token. */

#pragma once

#include "oai-token-request.h"

G_BEGIN_DECLS

/* Completes task once: with the token, with an error if the request is dropped, or when the
 * cancellable of the task is cancelled. */
OaiTokenRequest *oai_token_request_new (GTask *task);

G_END_DECLS
