/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* For modules, whose records contain calls. */

#pragma once

#include "oai-toolset.h"

G_BEGIN_DECLS

/* Creates a call that has a record; id, name and arguments may be NULL. */
_OAI_INTERNAL
OaiToolCall *oai_toolset_new_call_for_record (OaiToolset *self, OaiRecord *record, const char *id, const char *name, const char *arguments);

G_END_DECLS
