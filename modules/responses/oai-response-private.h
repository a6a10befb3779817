/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The errors of responses. */

#pragma once

#include "oai-responses-types.h"

G_BEGIN_DECLS

/* Fails for the status of a response that is over, and is not complete.  If the server sent why it failed,
 * the error has to contain that instead.  reason: why the response is incomplete, or NULL. */
gboolean oai_response_check_status (const char *status, const char *reason, GError **error);

G_END_DECLS
