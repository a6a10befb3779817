/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Any JSON from a server: reading every member does not crash, returns valid text, and does
 * not change the JSON that is sent back. */

#include "fuzz.h"

#include "oai-json-doc-private.h"
#include "oai-record-private.h"
#include "record-types.h"

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
      oai_record_unset_member (record, names[i]);
    else if (i % 3 == 1)
      oai_record_set_null_member (record, names[i]);
    else
      oai_record_set_member (record, names[i], "[1]", NULL);
  json = oai_record_to_json (record);
  fuzz_assert_json (json);
  fuzz_read_record (record);
}

static void
check_record (GType type, OaiJsonDoc *doc)
{
  g_autoptr (OaiRecord) record = oai_record_new_from_doc (type, doc, 0, NULL, NULL);
  g_autoptr (OaiRecord) untouched = oai_record_new_from_doc (type, doc, 0, NULL, NULL);
  g_autofree char *text = NULL;
  g_autoptr (OaiRecord) copy = NULL;

  fuzz_read_record (record);
  g_assert_true (oai_record_equal (record, untouched));
  text = oai_record_to_string (record);
  fuzz_assert_json (text);
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
