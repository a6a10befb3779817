/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Strikes out what servers echo of the secrets that were sent. */

#pragma once

#include <libsoup/soup.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* secrets: one a line, or NULL.  Neither a secret as it is nor as JSON or a URL write
 * it is left in the copy. */
_OAI_INTERNAL
char *oai_redact (const char *text, const char *secrets);
/* The same of a text that was cut off at the end: also the beginning of a secret there. */
_OAI_INTERNAL
char *oai_redact_cut (const char *text, const char *secrets);
/* Changes the message of an error, or of none. */
_OAI_INTERNAL
void oai_redact_error (GError *error, const char *secrets);
/* Changes the server's name for a request, for all who read it later. */
void oai_redact_request_id (SoupMessageHeaders *headers, const char *secrets);

G_END_DECLS
