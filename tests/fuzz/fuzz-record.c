/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whatever JSON a server sends: reading every member does not crash, gives valid
 * text, and changes nothing of what is sent back. */

#include "fuzz.h"

#include "oai-record-private.h"
#include "record-types.h"

#include <string.h>

static void
check_text (const char *text)
{
  g_assert_true (text == NULL || g_utf8_validate (text, -1, NULL));
}

static void
check_json (const char *text)
{
  g_autoptr (OaiJsonDoc) doc = text == NULL ? NULL : oai_json_doc_new_copy (text, -1, OAI_JSON_STRICT, NULL);

  g_assert_true (text == NULL || doc != NULL);
}

static void read_all (OaiRecord *record);

static void
read_list (GPtrArray *list)
{
  for (guint i = 0; i < list->len; i++)
    read_all (list->pdata[i]);
}

static void
read_field (OaiRecord *record, const OaiField *field, guint i)
{
  gsize n_values;

  oai_record_field_is_set (record, i);
  switch ((OaiFieldType) field->type)
    {
    case OAI_FIELD_STRING:
      check_text (oai_record_get_field_string (record, i));
      break;
    case OAI_FIELD_TIME:
      g_clear_pointer (&(GDateTime *){ oai_record_dup_field_date_time (record, i) }, g_date_time_unref);
      oai_record_get_field_int (record, i);
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
      check_json (oai_record_get_field_json (record, i));
      break;
    case OAI_FIELD_RECORD:
      if (oai_record_get_field_record (record, i) != NULL)
        read_all (oai_record_get_field_record (record, i));
      break;
    case OAI_FIELD_RECORD_LIST:
      read_list (oai_record_get_field_list (record, i));
      break;
    case OAI_FIELD_STRING_LIST:
      for (const char *const *strv = oai_record_get_field_strv (record, i); strv != NULL && *strv != NULL; strv++)
        check_text (*strv);
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

static void
read_all (OaiRecord *record)
{
  const OaiRecordSchema *schema = oai_record_get_schema (record);
  g_auto (GStrv) names = oai_record_list_members (record);

  for (guint i = 0; i < schema->n_fields; i++)
    read_field (record, &schema->fields[i], i);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *json = oai_record_dup_member (record, names[i]);

      g_assert_true (oai_record_has (record, names[i]));
      check_json (json);
      check_text (oai_record_get_string (record, names[i]));
      oai_record_get_int (record, names[i]);
      oai_record_get_number (record, names[i]);
      oai_record_get_boolean (record, names[i]);
    }
}

static void
change (OaiRecord *record)
{
  g_auto (GStrv) names = oai_record_list_members (record);
  g_autofree char *json = NULL;

  oai_record_set_field_string (record, MESSAGE_ROLE, "user");
  oai_record_set_field_string (record, MESSAGE_CONTENT, "x");
  oai_record_set_field_map_value (record, MESSAGE_METADATA, "k", "v");
  for (guint i = 0; names[i] != NULL; i++)
    if (i % 3 == 0)
      oai_record_unset (record, names[i]);
    else if (i % 3 == 1)
      oai_record_set_null (record, names[i]);
    else
      oai_record_set_member (record, names[i], "[1]", NULL);
  json = oai_record_to_json (record);
  check_json (json);
  read_all (record);
}

static void
check_record (GType type, OaiJsonDoc *doc)
{
  g_autoptr (OaiRecord) record = oai_record_new_from_node (type, doc, 0, NULL, NULL);
  g_autoptr (OaiRecord) untouched = oai_record_new_from_node (type, doc, 0, NULL, NULL);
  g_autofree char *text = NULL;
  g_autoptr (OaiRecord) copy = NULL;

  read_all (record);
  g_assert_true (oai_record_equal (record, untouched));
  text = oai_record_to_string (record);
  check_json (text);
  copy = oai_record_copy (record);
  g_assert_true (oai_record_equal (record, copy));
  oai_record_validate (copy, NULL);
  if (type == test_message_get_type ())
    change (copy);
  g_assert_true (oai_record_equal (record, untouched));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new_copy ((const char *) data, (gssize) size, OAI_JSON_TOLERANT, NULL);

  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    return 0;

  check_record (test_message_get_type (), doc);
  check_record (test_reply_get_type (), doc);
  check_record (test_part_get_type (), doc);
  check_record (OAI_TYPE_RECORD, doc);

  return 0;
}
