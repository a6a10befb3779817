/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks whether JSON is a JSON schema: whether each keyword that this library knows has a value of its
 * form, as JSON Schema 2020-12 requires, or as older drafts do.  Unknown keywords may have any value. */

#pragma once

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* Fails with OAI_ERROR_INVALID_ARGUMENT; the message contains the position and the keyword. */
G_GNUC_INTERNAL
gboolean oai_schema_check (OaiJsonDoc *doc, GError **error);

G_END_DECLS
