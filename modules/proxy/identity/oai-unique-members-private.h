/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON objects that all readers understand in the same way. */

#pragma once

#include "oai-json-doc-private.h"

G_BEGIN_DECLS

/* Whether two members of an object have the same name, after the escapes were decoded. */
gboolean oai_json_has_duplicates (OaiJsonDoc *doc, OaiJsonNode object);

G_END_DECLS
