/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether a server requires a key. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

/**
 * OaiKeyRequirement:
 * @OAI_KEY_REQUIREMENT_UNKNOWN: it is not known whether the server requires a key
 * @OAI_KEY_REQUIREMENT_NONE: the server works without a key
 * @OAI_KEY_REQUIREMENT_REQUIRED: each request requires a key
 *
 * Whether a server requires a key.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_KEY_REQUIREMENT_UNKNOWN,
  OAI_KEY_REQUIREMENT_NONE,
  OAI_KEY_REQUIREMENT_REQUIRED
} OaiKeyRequirement;

G_END_DECLS
