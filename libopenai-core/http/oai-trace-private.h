/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Marks for the profiler Sysprof: they contain the operation, the status and times, and neither keys nor
 * content. */

#pragma once

#include "oai-call.h"

G_BEGIN_DECLS

/* From the start of the attempt to the head of the reply. */
void oai_trace_head (OaiCall *call);
/* The delay in seconds before a retry, which begins now. */
void oai_trace_retry (OaiCall *call, double delay);
void oai_trace_end (OaiCall *call, const GError *error);

G_END_DECLS
