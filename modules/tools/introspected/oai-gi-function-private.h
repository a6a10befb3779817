/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An introspected function that a model can call. */

#pragma once

#include "oai-gi-type-private.h"
#include "oai-tool-call.h"

G_BEGIN_DECLS

/* Counts references; belongs to one thread. */
typedef struct _OaiGiFunction OaiGiFunction;

/* Returns NULL if an argument or a result has an unsupported type.  Such arguments are NULL if
 * they may be; cancellables, callbacks, their data and the lengths of arrays are filled in. */
OaiGiFunction *oai_gi_function_new (GIFunctionInfo *info, GError **error);
OaiGiFunction *oai_gi_function_ref (OaiGiFunction *self);
void oai_gi_function_unref (OaiGiFunction *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiGiFunction, oai_gi_function_unref)

/* Returns the schema of the arguments. */
OaiJsonSchema *oai_gi_function_create_schema (OaiGiFunction *self, GError **error);
/* Returns the text of the attribute oai.description of a function or of an argument, or NULL. */
char *oai_gi_dup_description (GIBaseInfo *info);

/* Calls the function with the arguments of call, and answers it now or later.  instance: the object of a
 * method, or NULL. */
void oai_gi_function_call (OaiGiFunction *self, GObject *instance, OaiToolCall *call);

G_END_DECLS
