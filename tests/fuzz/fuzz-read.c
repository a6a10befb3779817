/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "oai-record-private.h"

static void
read_list (GPtrArray *list)
{
  for (guint i = 0; i < list->len; i++)
    fuzz_read_record (list->pdata[i]);
}

static void
read_strings (const char *const *strv)
{
  for (guint i = 0; strv != NULL && strv[i] != NULL; i++)
    fuzz_assert_text (strv[i]);
}

static void
read_record (OaiRecord *record)
{
  if (record != NULL)
    fuzz_read_record (record);
}

static void
read_time (OaiRecord *record, guint i)
{
  g_autoptr(GDateTime) time = oai_record_dup_field_date_time (record, i);

  g_assert_true (time == NULL || g_date_time_to_unix (time) == oai_record_get_field_int (record, i));
}

static void
read_field (OaiRecord *record, const OaiField *field, guint i)
{
  gsize n_values;

  oai_record_field_is_set (record, i);
  switch ((OaiFieldType) field->type)
    {
    case OAI_FIELD_STRING:
      fuzz_assert_text (oai_record_get_field_string (record, i));
      break;
    case OAI_FIELD_TIME:
      read_time (record, i);
      break;
    case OAI_FIELD_INT:
      oai_record_get_field_int (record, i);
      break;
    case OAI_FIELD_NUMBER:
      oai_record_get_field_number (record, i);
      break;
    case OAI_FIELD_BOOLEAN:
      oai_record_get_field_boolean (record, i);
      break;
    case OAI_FIELD_JSON:
    case OAI_FIELD_MAP:
      fuzz_assert_json (oai_record_get_field_json (record, i));
      break;
    case OAI_FIELD_RECORD:
      read_record (oai_record_get_field_record (record, i));
      break;
    case OAI_FIELD_RECORD_LIST:
      read_list (oai_record_get_field_list (record, i));
      break;
    case OAI_FIELD_STRING_LIST:
      read_strings (oai_record_get_field_strv (record, i));
      break;
    case OAI_FIELD_INT_LIST:
      oai_record_get_field_ints (record, i, &n_values);
      break;
    case OAI_FIELD_NUMBER_LIST:
      oai_record_get_field_numbers (record, i, &n_values);
      break;
    case OAI_FIELD_FILE:
    case OAI_FIELD_FILE_LIST:
    default:
      break;
    }
}

void
fuzz_read_record (OaiRecord *record)
{
  const OaiRecordSchema *schema = oai_record_get_schema (record);
  g_auto(GStrv) names = oai_record_list_members (record);

  for (guint i = 0; i < schema->n_fields; i++)
    read_field (record, &schema->fields[i], i);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *json = oai_record_dup_member (record, names[i]);

      g_assert_true (oai_record_has_member (record, names[i]));
      fuzz_assert_json (json);
      fuzz_assert_text (oai_record_get_string_member (record, names[i]));
      oai_record_get_int_member (record, names[i]);
      oai_record_get_double_member (record, names[i]);
      oai_record_get_boolean_member (record, names[i]);
    }
}
