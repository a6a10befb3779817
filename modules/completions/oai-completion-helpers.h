/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-completions-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
const char *oai_completion_get_text (OaiCompletion *self);
OAI_AVAILABLE_IN_1_0
const char *oai_completion_get_finish_reason (OaiCompletion *self);

G_END_DECLS
