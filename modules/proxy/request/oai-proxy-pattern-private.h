/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Patterns of names: "gpt-5*". */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether one of the patterns matches the whole text.  "*" stands for any text, also for none; all other characters
 * for themselves. */
gboolean oai_proxy_pattern_any_matches (const char *const *patterns, const char *text);

G_END_DECLS
