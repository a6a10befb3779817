/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-field-type-private.h"

G_BEGIN_DECLS

/* The class of the type of a field. */
const OaiFieldTypeClass *oai_record_class_get_field_type (const OaiField *field);

G_END_DECLS
