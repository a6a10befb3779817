/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The document of a schema, for this library. */

#pragma once

#include "oai-json-schema.h"

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* Returns a borrowed document. */
G_GNUC_INTERNAL
OaiJsonDoc *oai_json_schema_get_doc (OaiJsonSchema *self);

G_END_DECLS
