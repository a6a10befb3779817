/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rewrites a JSON schema to the subset that strict structured outputs support. */

#pragma once

#include "oai-json-value-private.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_STRICT_DEFAULT = 0,
  OAI_STRICT_KEEP_REFERENCES = 1 << 0 /* also those with annotations, which some servers reject */
} OaiStrictFlags;

/* Objects allow no other members, and require all of theirs; an optional member that does not accept
 * null then does.  allOf is folded, wrappers of anyOf lose what their branches repeat, a reference at
 * the root or with annotations is replaced by its target, and defaults that are null are removed.
 *
 * Fails with OAI_ERROR_INVALID_ARGUMENT if that is not possible without a change of its meaning. */
G_GNUC_INTERNAL
OaiJsonValue *oai_schema_make_strict (OaiJsonDoc *doc, OaiStrictFlags flags, GError **error);

G_END_DECLS
