/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-stream.h"
#include "oai-threads-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_RUN_STREAM (oai_run_stream_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiRunStream, oai_run_stream, OAI, RUN_STREAM, OaiStream)

OAI_AVAILABLE_IN_1_0
const char *oai_run_stream_get_text (OaiRunStream *self, guint index);
OAI_AVAILABLE_IN_1_0
OaiThread *oai_run_stream_dup_thread (OaiRunStream *self);
OAI_AVAILABLE_IN_1_0
OaiRun *oai_run_stream_dup_run (OaiRunStream *self);
OAI_AVAILABLE_IN_1_0
OaiThreadMessage *oai_run_stream_dup_message (OaiRunStream *self);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_run_stream_dup_messages (OaiRunStream *self);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_run_stream_dup_run_steps (OaiRunStream *self);

G_END_DECLS
