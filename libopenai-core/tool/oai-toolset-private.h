/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions for modules, whose records contain tools and calls. */

#pragma once

#include "oai-toolset.h"

G_BEGIN_DECLS

/* Between these functions, the list does not change; then all changes are reported together.  Names are
 * found already. */
_OAI_INTERNAL
void oai_toolset_begin_change (OaiToolset *self);
_OAI_INTERNAL
void oai_toolset_end_change (OaiToolset *self);

/* Adds a tool of a source that changes its tools.  If it is removed, what the program has set on it
 * (approval, time limit, parallel, strict, description) applies to the next one with its name. */
_OAI_INTERNAL
gboolean oai_toolset_add_kept (OaiToolset *self, OaiTool *tool, GError **error);
/* Sets whether such a tool needs approval, as if the source had set it. */
_OAI_INTERNAL
void oai_toolset_set_kept_needs_approval (OaiToolset *self, OaiTool *tool, gboolean needs_approval);

/* Creates a call that has a record; id, name and arguments may be NULL. */
_OAI_INTERNAL
OaiToolCall *oai_toolset_new_call_for_record (OaiToolset *self, OaiRecord *record, const char *id, const char *name, const char *arguments);

/* Converts all tools to records, and adds them to a request.  If a tool cannot be converted, adds
 * none. */
typedef gpointer (*OaiToolConvertFunc) (OaiTool *tool, GError **error);
typedef void (*OaiToolAddFunc) (gpointer request, gpointer record);
_OAI_INTERNAL
gboolean oai_toolset_add_to_request (OaiToolset *self, gpointer request, OaiToolConvertFunc convert, OaiToolAddFunc add, GError **error);

/* Runs calls for a method of a record, which is the source of the task.  add_results adds their
 * outputs to the record, also if the calls were cancelled.  Returns the calls from the task.  Takes
 * ownership of the task and of the calls. */
typedef void (*OaiToolResultsFunc) (gpointer record, GPtrArray *calls);
_OAI_INTERNAL
void oai_toolset_run_for_method (OaiToolset *self, GPtrArray *calls, gboolean parallel, OaiToolResultsFunc add_results, GTask *task);

G_END_DECLS
