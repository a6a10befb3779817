/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The field types for records and lists of records. */

#pragma once

#include "oai-field-type-private.h"

G_BEGIN_DECLS

extern const OaiFieldTypeClass oai_field_record_class;
extern const OaiFieldTypeClass oai_field_record_list_class;

G_END_DECLS
