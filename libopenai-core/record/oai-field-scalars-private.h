/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The field types for strings, numbers, times and booleans. */

#pragma once

#include "oai-field-type-private.h"

G_BEGIN_DECLS

extern const OaiFieldTypeClass oai_field_string_class;
extern const OaiFieldTypeClass oai_field_int_class;
extern const OaiFieldTypeClass oai_field_time_class;
extern const OaiFieldTypeClass oai_field_number_class;
extern const OaiFieldTypeClass oai_field_boolean_class;

G_END_DECLS
