/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The field types for members of any JSON type and for maps. */

#pragma once

#include "oai-field-type-private.h"

G_BEGIN_DECLS

extern const OaiFieldTypeClass oai_field_json_class;
extern const OaiFieldTypeClass oai_field_map_class;

G_END_DECLS
