/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The header traceparent of W3C Trace Context. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* With the terminating NUL. */
#define OAI_TRACEPARENT_SIZE 56

gboolean oai_traceparent_is_valid (const char *text);
/* Writes the header for the request that is passed on: in the trace of the received one, or in a new trace if it is invalid
 * or NULL; then tracestate must not be passed on, and FALSE is returned. */
gboolean oai_traceparent_continue (const char *received, char *out);

G_END_DECLS
