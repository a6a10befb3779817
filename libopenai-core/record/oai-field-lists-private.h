/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The field types for lists of strings and of numbers. */

#pragma once

#include "oai-field-type-private.h"

G_BEGIN_DECLS

extern const OaiFieldTypeClass oai_field_string_list_class;
extern const OaiFieldTypeClass oai_field_int_list_class;
extern const OaiFieldTypeClass oai_field_number_list_class;

G_END_DECLS
