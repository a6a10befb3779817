/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The answer to a request of the server, which a program gives once, at any time. */

#pragma once

#include "oai-deadline-private.h"

G_BEGIN_DECLS

typedef struct
{
  GTask *task; /* returns JSON text; NULL after the answer */
  GCancellable *cancellable;
  OaiDeadline deadline; /* watches the cancellable */
} OaiMcpAnswer;

/* Takes task. */
void oai_mcp_answer_init (OaiMcpAnswer *self, GTask *task);
void oai_mcp_answer_clear (OaiMcpAnswer *self);
/* Returns the task, to be completed by the caller; NULL if it was answered before, or was cancelled. */
GTask *oai_mcp_answer_steal (OaiMcpAnswer *self);

G_END_DECLS
