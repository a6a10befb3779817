/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The outcome of a moderation for all its inputs. */

#pragma once

#include "oai-moderations-types.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_MODERATION_NONE,     /* no result, or one that does not report whether the input is flagged */
  OAI_MODERATION_HARMLESS,
  OAI_MODERATION_HARMFUL
} OaiModerationOutcome;

OaiModerationOutcome oai_moderation_get_outcome (OaiModeration *self);

G_END_DECLS
