/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names of models and identities, and patterns of them: "gpt-5*". */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* In bytes. */
#define OAI_PROXY_MAX_NAME 256

/* Whether a text consists of 1 to OAI_PROXY_MAX_NAME bytes of UTF-8 without control characters. */
gboolean oai_proxy_name_is_valid (const char *text);

/* Whether one of the patterns matches the whole text.  "*" stands for any text, also for none; all other characters
 * for themselves. */
gboolean oai_proxy_pattern_any_matches (const char *const *patterns, const char *text);

G_END_DECLS
