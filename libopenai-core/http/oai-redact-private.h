/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Redacts the secrets that servers echo. */

#pragma once

#include <libsoup/soup.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* In all functions, secrets contains one secret on each line, or is NULL.  A line that begins
 * with this character is redacted as a whole only, since it may consist of words. */
#define OAI_REDACT_INDIVISIBLE '\t'

/* Returns a copy without secrets, also in the forms of JSON and URLs, and without parts of long
 * secrets that contain no blank.  It is valid UTF-8. */
char *oai_redact (const char *text, const char *secrets);
/* The same, truncated at a character.  Redacting comes first, so that no part of a secret
 * remains at the end. */
_OAI_INTERNAL
char *oai_redact_and_truncate (const char *text, gsize length, const char *secrets, gsize max_length);
/* The same for the body of a reply, which may be binary.  truncated: the beginning of a secret
 * at the end is redacted as well. */
GBytes *oai_redact_body (GBytes *body, const char *secrets, gboolean truncated);
/* Replaces control characters, except line ends and tabs, and characters that reorder the text around them by blanks.
 * Programs print text of servers in terminals, which obey such characters.  text: valid UTF-8 */
_OAI_INTERNAL
void oai_make_printable (char *text);
/* Redacts the message of an error, and makes it printable.  error: nullable */
void oai_redact_error (GError *error, const char *secrets);
/* Whether a text contains a whole secret. */
_OAI_INTERNAL
gboolean oai_contains_secret (const char *text, const char *secrets);
/* Redacts the headers of a reply, except Location. */
void oai_redact_headers (SoupMessageHeaders *headers, const char *secrets);

/* Truncates valid UTF-8 at a character. */
void oai_utf8_truncate (char *text, gsize max_length);

G_END_DECLS
