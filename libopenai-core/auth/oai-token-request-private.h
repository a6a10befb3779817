/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-auth.h"

G_BEGIN_DECLS

/* Completes task, once: with the answer, with an error when it goes without one,
 * or when the task's cancellable is cancelled. */
OaiTokenRequest *oai_token_request_new (GTask *task);

G_END_DECLS
