/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads what a response stream has received. */

#pragma once

#include "oai-responses-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
const char *oai_response_stream_get_text (OaiResponseStream *self, guint output_index, guint content_index);
OAI_AVAILABLE_IN_1_0
const char *oai_response_stream_get_phase (OaiResponseStream *self, guint output_index);
OAI_AVAILABLE_IN_1_0
OaiResponseItem *oai_response_stream_dup_item (OaiResponseStream *self, guint output_index);
OAI_AVAILABLE_IN_1_0
gint64 oai_response_stream_get_sequence_number (OaiResponseStream *self);
OAI_AVAILABLE_IN_1_0
void oai_response_stream_set_starting_after (OaiResponseStream *self, gint64 sequence_number);

G_END_DECLS
