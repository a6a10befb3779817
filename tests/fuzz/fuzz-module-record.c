/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Any JSON as any record of any module: every member can be read, copies are equal, the
 * printed record is JSON, and the sent record equals the received one. */

#include "fuzz.h"
#include "fuzz-modules.h"

#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"
#include "oai-record-private.h"

static OaiRecord *
new_record (GType type, OaiJsonDoc *doc)
{
  return oai_record_new_from_doc (type, doc, 0, NULL, NULL);
}

/* The last of several members with the same name is used. */
static gboolean
has_duplicates (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    if ((name != NULL && oai_json_get_member (doc, node, name) != value) || has_duplicates (doc, value))
      return TRUE;

  return FALSE;
}

/* Nothing is lost or added when the record is sent. */
static void
check_written (OaiRecord *record, OaiJsonDoc *doc)
{
  g_autofree char *json = oai_record_to_json (record);
  g_autoptr(GString) expected = g_string_new (NULL);

  if (has_duplicates (doc, 0))
    return;

  oai_json_write_node (expected, doc, 0);
  g_assert_cmpstr (json, ==, expected->str);
}

static void
check_changed (OaiRecord *record)
{
  const OaiRecordSchema *schema = oai_record_get_schema (record);
  g_auto(GStrv) names = oai_record_list_members (record);
  g_autofree char *json = NULL;

  if ((schema->flags & OAI_RECORD_SCHEMA_WRITABLE) == 0)
    return;

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

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GArray *types = fuzz_get_record_types ();
  guint index = fuzz_take_byte (&data, &size) * 256u + fuzz_take_byte (&data, &size);
  GType type = g_array_index (types, GType, index % types->len);
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy ((const char *) data, (gssize) size, OAI_JSON_TOLERANT, NULL);
  g_autoptr(OaiRecord) record = NULL;
  g_autoptr(OaiRecord) untouched = NULL;
  g_autoptr(OaiRecord) copy = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    return 0;

  record = new_record (type, doc);
  untouched = new_record (type, doc);
  fuzz_read_record (record);
  check_written (record, doc);
  g_assert_true (oai_record_equal (record, untouched));
  text = oai_record_to_string (record);
  fuzz_assert_json (text);
  copy = oai_record_copy (record);
  g_assert_true (oai_record_equal (record, copy));
  fuzz_assert_error (oai_record_validate (copy, &error), error);
  check_changed (copy);
  g_assert_true (oai_record_equal (record, untouched));

  return 0;
}
