/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the description names with “adapt=”: requests as they are sent. */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

/* Without tool calls of replies that the user stopped: those that are half-written, and
 * those that the conversation passes over, which OpenAI refuses since nothing answers
 * them.  NULL where there are none. */
OaiRecord *oai_chat_adapt_messages (OaiRecord *request);

G_END_DECLS
