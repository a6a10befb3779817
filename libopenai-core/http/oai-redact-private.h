/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Redacts what servers repeat of the secrets that were sent. */

#pragma once

#include <libsoup/soup.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* secrets, in all that follows: one a line, or NULL.  A line that begins with this
 * character is redacted as a whole only: it may consist of words. */
#define OAI_REDACT_INDIVISIBLE '\t'

/* A copy in which no secret is left: neither as it is nor as JSON or a URL write it, and of
 * long ones without blanks no part either.  It is valid UTF-8. */
char *oai_redact (const char *text, const char *secrets);
/* The same, truncated at a character after so many bytes; in this order, so that nothing is
 * left of a secret at the end. */
char *oai_redact_and_truncate (const char *text, gsize length, const char *secrets, gsize max_length);
/* The same of the body of a reply, which may contain NUL and need not be text.  truncated:
 * the beginning of a secret at its end is redacted as well. */
GBytes *oai_redact_body (GBytes *body, const char *secrets, gboolean truncated);
/* Changes the message of an error, or of none. */
void oai_redact_error (GError *error, const char *secrets);
/* Changes the headers of a reply, for all who read them later.  That of a redirect stays. */
void oai_redact_headers (SoupMessageHeaders *headers, const char *secrets);

/* Truncates valid UTF-8 at a character. */
void oai_utf8_truncate (char *text, gsize max_length);

G_END_DECLS
