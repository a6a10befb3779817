/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-completions-types.h"
#include "oai-stream.h"

G_BEGIN_DECLS

#define OAI_TYPE_COMPLETION_STREAM (oai_completion_stream_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiCompletionStream, oai_completion_stream, OAI, COMPLETION_STREAM, OaiStream)

OAI_AVAILABLE_IN_1_0
const char *oai_completion_stream_get_text (OaiCompletionStream *self, guint choice);
OAI_AVAILABLE_IN_1_0
OaiCompletion *oai_completion_stream_dup_completion (OaiCompletionStream *self);

G_END_DECLS
