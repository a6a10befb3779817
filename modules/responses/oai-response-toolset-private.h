/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Outputs of the calls of a toolset. */

#pragma once

#include "oai-responses-types.h"
#include "oai-tool-call.h"

G_BEGIN_DECLS

/* Returns the output of a call, with its files.  record: the call of the model; NULL for a function */
OaiResponseItem *oai_response_new_call_result (OaiRecord *record, OaiToolCall *call);
/* Answers a call with an output of the program, and with its files.  output: of a function or of a custom tool */
void oai_response_answer_call (OaiToolCall *call, OaiRecord *output);

G_END_DECLS
