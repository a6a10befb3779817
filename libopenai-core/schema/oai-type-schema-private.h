/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON schemas of types. */

#pragma once

#include <glib-object.h>

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* These fail with OAI_ERROR_INVALID_ARGUMENT if a type has no JSON form. */
G_GNUC_INTERNAL
OaiJsonDoc *oai_type_schema_new (GType type, GError **error);
G_GNUC_INTERNAL
OaiJsonDoc *oai_type_schema_new_for_properties (GParamSpec **pspecs, guint n_pspecs, GError **error);
G_GNUC_INTERNAL
OaiJsonDoc *oai_type_schema_new_for_variant (const GVariantType *type, GError **error);

G_END_DECLS
