/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the description names with “adapt=”: requests as they are sent. */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

/* Without tool calls that were being written when their reply was stopped, which servers
 * refuse since nothing answers them; NULL where there are none. */
OaiRecord *oai_chat_adapt_messages (OaiRecord *request);

G_END_DECLS
