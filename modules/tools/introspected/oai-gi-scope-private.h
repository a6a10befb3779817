/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The memory of the arguments of a call. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  GArray *entries;
} OaiGiScope;

void oai_gi_scope_init (OaiGiScope *self);
/* Adds memory that is freed after the call.  given: the callee takes ownership of it, so it is freed
 * only if the call does not take place.  Returns the memory. */
gpointer oai_gi_scope_add (OaiGiScope *self, gpointer memory, GDestroyNotify free_func, gboolean given);
/* Frees the memory.  called: whether the call took place. */
void oai_gi_scope_clear (OaiGiScope *self, gboolean called);

G_END_DECLS
