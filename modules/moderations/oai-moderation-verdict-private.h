/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an answer says of all its inputs, if it says anything. */

#pragma once

#include "oai-moderations-types.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_VERDICT_NONE,     /* no judgement, or one that does not say whether the input is flagged */
  OAI_VERDICT_HARMLESS,
  OAI_VERDICT_HARMFUL
} OaiVerdict;

OaiVerdict oai_moderation_get_verdict (OaiModeration *self);

G_END_DECLS
