/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files of records, which are sent as parts of a form. */

#pragma once

#include "oai-field-type-private.h"

G_BEGIN_DECLS

extern const OaiFieldTypeClass oai_field_file_class;
extern const OaiFieldTypeClass oai_field_file_list_class;

/* Calls func for each file of the record and of its nested records, with the name of the form
 * field: "image[]", "documents[][file]". */
typedef void (*OaiRecordFileFunc) (const char *name, gpointer file, gpointer user_data);
void oai_record_foreach_file (OaiRecord *self, OaiRecordFileFunc func, gpointer user_data);

G_END_DECLS
