/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All field types of records.  A new one is added here. */

#pragma once

#include "oai-field-type-private.h"

G_BEGIN_DECLS

/* Returns the functions for the type of a field. */
const OaiFieldTypeClass *oai_field_type_list_get_class (const OaiField *field);

G_END_DECLS
