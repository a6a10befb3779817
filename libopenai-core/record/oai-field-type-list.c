/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-field-type-list-private.h"

#include "oai-field-files-private.h"
#include "oai-field-json-private.h"
#include "oai-field-lists-private.h"
#include "oai-field-records-private.h"
#include "oai-field-scalars-private.h"

/* Indexed by OaiFieldType. */
static const OaiFieldTypeClass *const field_types[] = {
  [OAI_FIELD_STRING] = &oai_field_string_class,
  [OAI_FIELD_INT] = &oai_field_int_class,
  [OAI_FIELD_NUMBER] = &oai_field_number_class,
  [OAI_FIELD_BOOLEAN] = &oai_field_boolean_class,
  [OAI_FIELD_TIME] = &oai_field_time_class,
  [OAI_FIELD_JSON] = &oai_field_json_class,
  [OAI_FIELD_MAP] = &oai_field_map_class,
  [OAI_FIELD_RECORD] = &oai_field_record_class,
  [OAI_FIELD_RECORD_LIST] = &oai_field_record_list_class,
  [OAI_FIELD_STRING_LIST] = &oai_field_string_list_class,
  [OAI_FIELD_INT_LIST] = &oai_field_int_list_class,
  [OAI_FIELD_NUMBER_LIST] = &oai_field_number_list_class,
  [OAI_FIELD_FILE] = &oai_field_file_class,
  [OAI_FIELD_FILE_LIST] = &oai_field_file_list_class
};

const OaiFieldTypeClass *
oai_field_type_list_get_class (const OaiField *field)
{
  /* A type that this version does not know is handled as JSON. */
  return field->type < G_N_ELEMENTS (field_types) ? field_types[field->type] : &oai_field_json_class;
}
