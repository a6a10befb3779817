/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The result of a moderation for all its inputs. */

#pragma once

#include "oai-moderations-types.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_MODERATION_NONE,     /* a result is missing, or does not contain whether the input is flagged */
  OAI_MODERATION_HARMLESS,
  OAI_MODERATION_HARMFUL
} OaiModerationOutcome;

OaiModerationOutcome oai_moderation_get_outcome (OaiModeration *self);

G_END_DECLS
