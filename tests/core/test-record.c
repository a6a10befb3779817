/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-error.h"
#include "oai-input-file.h"
#include "oai-json-doc-private.h"
#include "oai-field-files-private.h"
#include "oai-field-info.h"
#include "oai-record-private.h"
#include "record-types.h"

#include <math.h>
#include <string.h>

static OaiRecord *
new_record (GType type, const char *json)
{
  g_autoptr (GError) error = NULL;
  OaiRecord *record = oai_record_new_from_json (type, json, &error);

  g_assert_no_error (error);

  return record;
}

static OaiRecord *
new_message (const char *json)
{
  return new_record (test_message_get_type (), json);
}

/* A record as received from a server. */
static OaiRecord *
receive (GType type, const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT, &error);

  g_assert_no_error (error);

  return oai_record_new_from_doc (type, doc, 0, NULL, NULL);
}

static void
assert_json (OaiRecord *record, const char *expected)
{
  g_autofree char *json = oai_record_to_json (record);

  g_assert_cmpstr (json, ==, expected);
}

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer data)
{
  g_string_append_printf (data, "%s ", pspec->name);
}

static void
test_members_are_read (void)
{
  g_autoptr (OaiRecord) record = new_message (
      "{\"role\":\"user\",\"created\":1700000000,\"n\":3,\"score\":0.5,\"flag\":true,\"tags\":[\"a\",\"b\"],"
      "\"metadata\":{\"k\":\"v\",\"n\":1},\"schema\":{\"type\":\"object\"},\"usage\":{\"total\":7},\"tokens\":[1,2],\"vector\":[0.5,1]}");
  const char *const *tags = oai_record_get_field_strv (record, MESSAGE_TAGS);
  g_autoptr (GDateTime) time = oai_record_dup_field_date_time (record, MESSAGE_CREATED);
  g_autofree char *text = g_date_time_format_iso8601 (time);
  g_autofree char *value = oai_record_dup_field_map_value (record, MESSAGE_METADATA, "k");
  g_autofree char *number = oai_record_dup_field_map_value (record, MESSAGE_METADATA, "n");
  gsize n_values;

  g_assert_cmpstr (oai_record_get_field_string (record, MESSAGE_ROLE), ==, "user");
  g_assert_cmpint (oai_record_get_field_int (record, MESSAGE_CREATED), ==, 1700000000);
  g_assert_cmpstr (text, ==, "2023-11-14T22:13:20Z");
  g_assert_cmpint (oai_record_get_field_int (record, MESSAGE_COUNT), ==, 3);
  g_assert_cmpfloat (oai_record_get_field_number (record, MESSAGE_SCORE), ==, 0.5);
  g_assert_true (oai_record_get_field_boolean (record, MESSAGE_FLAG));
  g_assert_cmpstr (tags[1], ==, "b");
  g_assert_null (tags[2]);
  g_assert_cmpstr (value, ==, "v");
  g_assert_cmpstr (number, ==, "1");
  g_assert_cmpstr (oai_record_get_field_json (record, MESSAGE_SCHEMA), ==, "{\"type\":\"object\"}");
  g_assert_cmpint (oai_record_get_field_int (oai_record_get_field_record (record, MESSAGE_USAGE), USAGE_TOTAL), ==, 7);
  g_assert_cmpint (oai_record_get_field_ints (record, MESSAGE_TOKENS, &n_values)[1], ==, 2);
  g_assert_cmpuint (n_values, ==, 2);
  g_assert_cmpfloat (oai_record_get_field_numbers (record, MESSAGE_VECTOR, &n_values)[0], ==, 0.5);
  g_assert_cmpuint (n_values, ==, 2);
}

/* A member has the type of one of its alternatives, also by another name. */
static void
test_other_names_are_read (void)
{
  static const char *const rows[][3] = {
    { "{\"stops\":\"a\",\"ends\":\"b\"}", "a", NULL },
    { "{\"ends\":\"b\",\"stops\":1}", "b", NULL },
    { "{\"stops\":\"a\",\"stops\":\"b\"}", "b", NULL },
    { "{\"stops\":\"a\",\"stop\":\"b\"}", "b", NULL },
    { "{\"stops\":\"a\",\"stop\":null}", NULL, NULL },
    { "{\"stops\":[\"x\",\"y\"]}", NULL, "x" }
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (OaiRecord) record = new_message (rows[i][0]);
      g_autoptr (OaiRecord) copy = oai_record_copy (record);
      const char *const *list = oai_record_get_field_strv (record, MESSAGE_STOP_LIST);

      g_assert_cmpstr (oai_record_get_field_string (record, MESSAGE_STOP), ==, rows[i][1]);
      g_assert_cmpstr (list != NULL ? list[0] : NULL, ==, rows[i][2]);
      g_assert_cmpstr (oai_record_get_field_string (copy, MESSAGE_STOP), ==, rows[i][1]);
    }
}

/* A change never loses a value that a getter returns, and the JSON does not contain it twice. */
static void
test_other_names_are_changed (void)
{
  g_autoptr (OaiRecord) record = new_message ("{\"stops\":\"a\",\"usage\":{\"sum\":3}}");
  g_autoptr (OaiRecord) copy = oai_record_copy (record);

  assert_json (record, "{\"stops\":\"a\",\"usage\":{\"sum\":3}}");
  g_assert_cmpint (oai_record_get_field_int (oai_record_get_field_record (record, MESSAGE_USAGE), USAGE_TOTAL), ==, 3);

  oai_record_set_field_string (record, MESSAGE_STOP, "b");
  assert_json (record, "{\"stops\":\"a\",\"usage\":{\"sum\":3},\"stop\":\"b\"}");

  oai_record_unset_member (copy, "stops");
  g_assert_cmpstr (oai_record_get_field_string (copy, MESSAGE_STOP), ==, "a");
  assert_json (copy, "{\"usage\":{\"sum\":3},\"stop\":\"a\"}");
}

static void
assert_nothing (OaiRecord *record)
{
  gsize n_values = 1;

  g_assert_null (oai_record_get_field_string (record, MESSAGE_ROLE));
  g_assert_null (oai_record_get_field_string (record, MESSAGE_CONTENT));
  g_assert_cmpuint (oai_record_get_field_list (record, MESSAGE_CONTENT_PARTS)->len, ==, 0);
  g_assert_cmpint (oai_record_get_field_int (record, MESSAGE_CREATED), ==, 0);
  g_assert_null (oai_record_dup_field_date_time (record, MESSAGE_CREATED));
  g_assert_cmpint (oai_record_get_field_int (record, MESSAGE_COUNT), ==, 0);
  g_assert_cmpfloat (oai_record_get_field_number (record, MESSAGE_SCORE), ==, 0);
  g_assert_false (oai_record_get_field_boolean (record, MESSAGE_FLAG));
  g_assert_null (oai_record_get_field_strv (record, MESSAGE_TAGS));
  g_assert_null (oai_record_get_field_json (record, MESSAGE_METADATA));
  g_assert_null (oai_record_dup_field_map_value (record, MESSAGE_METADATA, "k"));
  g_assert_null (oai_record_get_field_record (record, MESSAGE_USAGE));
  g_assert_cmpuint (oai_record_get_field_list (record, MESSAGE_CALLS)->len, ==, 0);
  g_assert_null (oai_record_get_field_ints (record, MESSAGE_TOKENS, &n_values));
  g_assert_cmpuint (n_values, ==, 0);
  g_assert_null (oai_record_get_field_numbers (record, MESSAGE_VECTOR, NULL));
  g_assert_null (oai_record_get_field_file (record, MESSAGE_FILE));
}

static void
test_absent_and_wrong_members_read_as_nothing (void)
{
  const char *const wrong =
      "{\"role\":true,\"content\":false,\"created\":\"now\",\"n\":\"3\",\"score\":[],\"flag\":1,\"tags\":\"a\",\"metadata\":[1],"
      "\"usage\":\"x\",\"calls\":{},\"tokens\":3,\"vector\":\"AAAA\"}";
  const char *const nulls =
      "{\"role\":null,\"content\":null,\"created\":null,\"n\":null,\"score\":null,\"flag\":null,\"tags\":null,\"metadata\":null,"
      "\"usage\":null,\"calls\":null,\"tokens\":null,\"vector\":null}";
  const char *const cases[] = { "{}", wrong, nulls };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OaiRecord) record = receive (test_message_get_type (), cases[i]);

      assert_nothing (record);
      assert_json (record, cases[i]);
    }
}

static void
test_servers_that_mix_up_types_are_understood (void)
{
  g_autoptr (OaiRecord) record = receive (test_message_get_type (),
                                          "{\"id\":12345678901234567890,\"arguments\":{\"a\":[1]},\"created\":1700000000.75,\"n\":2.0,"
                                          "\"calls\":[null,{\"id\":7},\"x\"],\"tags\":[\"a\",1,null]}");
  GPtrArray *calls = oai_record_get_field_list (record, MESSAGE_CALLS);
  const char *id = oai_record_get_field_string (record, MESSAGE_ID);

  g_assert_cmpstr (id, ==, "12345678901234567890");
  g_assert_true (oai_record_get_field_string (record, MESSAGE_ID) == id);
  g_assert_cmpstr (oai_record_get_string_member (record, "id"), ==, id);
  g_assert_cmpstr (oai_record_get_field_string (record, MESSAGE_ARGUMENTS), ==, "{\"a\":[1]}");
  g_assert_cmpint (oai_record_get_field_int (record, MESSAGE_CREATED), ==, 1700000000);
  g_assert_cmpint (oai_record_get_field_int (record, MESSAGE_COUNT), ==, 2);
  g_assert_cmpuint (calls->len, ==, 3);
  g_assert_null (oai_record_get_field_string (calls->pdata[0], MESSAGE_ID));
  g_assert_cmpuint (oai_record_get_field_list (calls->pdata[2], MESSAGE_CALLS)->len, ==, 0);
  g_assert_cmpstr (oai_record_get_field_string (calls->pdata[1], MESSAGE_ID), ==, "7");
  g_assert_cmpuint (g_strv_length ((GStrv) oai_record_get_field_strv (record, MESSAGE_TAGS)), ==, 2);
  assert_json (record, "{\"id\":12345678901234567890,\"arguments\":{\"a\":[1]},\"created\":1700000000.75,\"n\":2.0,"
                       "\"calls\":[null,{\"id\":7},\"x\"],\"tags\":[\"a\",1,null]}");
}

static void
test_the_alternative_that_is_there_answers (void)
{
  g_autoptr (OaiRecord) text = new_message ("{\"content\":\"hi\",\"stop\":\"x\"}");
  g_autoptr (OaiRecord) parts = new_message ("{\"content\":[{\"type\":\"text\",\"text\":\"hi\"}],\"stop\":[\"x\",\"y\"]}");

  g_assert_true (oai_record_field_is_set (text, MESSAGE_CONTENT));
  g_assert_false (oai_record_field_is_set (text, MESSAGE_CONTENT_PARTS));
  g_assert_cmpstr (oai_record_get_field_string (text, MESSAGE_CONTENT), ==, "hi");
  g_assert_cmpuint (oai_record_get_field_list (text, MESSAGE_CONTENT_PARTS)->len, ==, 0);
  g_assert_null (oai_record_get_field_strv (text, MESSAGE_STOP_LIST));

  g_assert_false (oai_record_field_is_set (parts, MESSAGE_CONTENT));
  g_assert_true (oai_record_field_is_set (parts, MESSAGE_CONTENT_PARTS));
  g_assert_null (oai_record_get_field_string (parts, MESSAGE_CONTENT));
  g_assert_cmpuint (oai_record_get_field_list (parts, MESSAGE_CONTENT_PARTS)->len, ==, 1);
  g_assert_null (oai_record_get_field_string (parts, MESSAGE_STOP));
  g_assert_cmpstr (oai_record_get_field_strv (parts, MESSAGE_STOP_LIST)[1], ==, "y");

  assert_json (text, "{\"content\":\"hi\",\"stop\":\"x\"}");
  assert_json (parts, "{\"content\":[{\"type\":\"text\",\"text\":\"hi\"}],\"stop\":[\"x\",\"y\"]}");
}

static void
test_setting_an_alternative_takes_the_place_of_the_other (void)
{
  g_autoptr (OaiRecord) record = new_message ("{\"content\":\"hi\"}");
  g_autoptr (OaiRecord) part = g_object_new (test_text_part_get_type (), "text", "yes", NULL);

  oai_record_add_field_item (record, MESSAGE_CONTENT_PARTS, part);
  g_assert_null (oai_record_get_field_string (record, MESSAGE_CONTENT));
  assert_json (record, "{\"content\":[{\"type\":\"text\",\"text\":\"yes\"}]}");

  oai_record_set_field_string (record, MESSAGE_CONTENT, "no");
  g_assert_cmpuint (oai_record_get_field_list (record, MESSAGE_CONTENT_PARTS)->len, ==, 0);
  assert_json (record, "{\"content\":\"no\"}");
}

static void
test_members_are_set (void)
{
  const char *const tags[] = { "a", "\"b\"", NULL };
  const gint64 tokens[] = { 1, G_MININT64 };
  const double vector[] = { 0.1, -2 };
  g_autoptr (OaiRecord) record = g_object_new (test_message_get_type (), NULL);

  oai_record_set_field_string (record, MESSAGE_ROLE, "user");
  oai_record_set_field_int (record, MESSAGE_CREATED, 1700000000);
  oai_record_set_field_number (record, MESSAGE_SCORE, 0.7);
  oai_record_set_field_boolean (record, MESSAGE_FLAG, FALSE);
  oai_record_set_field_strv (record, MESSAGE_TAGS, tags);
  oai_record_set_field_map_value (record, MESSAGE_METADATA, "k", "v");
  oai_record_set_field_map_value (record, MESSAGE_METADATA, "l", "w");
  oai_record_set_field_map_value (record, MESSAGE_METADATA, "k", "x");
  oai_record_set_field_json (record, MESSAGE_SCHEMA, " [1, null] ");
  oai_record_set_field_ints (record, MESSAGE_TOKENS, tokens, 2);
  oai_record_set_field_numbers (record, MESSAGE_VECTOR, vector, 2);

  assert_json (record, "{\"role\":\"user\",\"created\":1700000000,\"score\":0.7,\"flag\":false,\"tags\":[\"a\",\"\\\"b\\\"\"],"
                       "\"metadata\":{\"l\":\"w\",\"k\":\"x\"},\"schema\":[1,null],\"tokens\":[1,-9223372036854775808],\"vector\":[0.1,-2]}");
  g_assert_cmpstr (oai_record_get_string_member (record, "created"), ==, "1700000000");
  g_assert_cmpint (oai_record_get_int_member (record, "created"), ==, 1700000000);
  g_assert_cmpfloat (oai_record_get_double_member (record, "score"), ==, 0.7);
  g_assert_cmpint (oai_record_get_int_member (record, "score"), ==, 0);

  oai_record_set_field_strv (record, MESSAGE_TAGS, NULL);
  oai_record_set_field_map_value (record, MESSAGE_METADATA, "l", NULL);
  oai_record_set_field_json (record, MESSAGE_SCHEMA, NULL);
  oai_record_set_field_ints (record, MESSAGE_TOKENS, NULL, 0);
  oai_record_set_field_numbers (record, MESSAGE_VECTOR, NULL, 0);
  oai_record_set_field_string (record, MESSAGE_ROLE, NULL);
  assert_json (record, "{\"created\":1700000000,\"score\":0.7,\"flag\":false,\"metadata\":{\"k\":\"x\"}}");
}

static void
test_a_member_is_set_to_what_it_is (void)
{
  g_autoptr (OaiRecord) record = new_message ("{\"role\":\"user\",\"schema\":[1],\"tags\":[\"a\"],\"calls\":[{\"id\":\"1\"}]}");

  oai_record_set_field_string (record, MESSAGE_ROLE, oai_record_get_field_string (record, MESSAGE_ROLE));
  oai_record_set_field_string (record, MESSAGE_ROLE, oai_record_get_field_string (record, MESSAGE_ROLE));
  oai_record_set_field_json (record, MESSAGE_SCHEMA, oai_record_get_field_json (record, MESSAGE_SCHEMA));
  oai_record_set_field_strv (record, MESSAGE_TAGS, oai_record_get_field_strv (record, MESSAGE_TAGS));
  oai_record_set_field_strv (record, MESSAGE_TAGS, oai_record_get_field_strv (record, MESSAGE_TAGS));
  oai_record_set_field_list (record, MESSAGE_CALLS, oai_record_get_field_list (record, MESSAGE_CALLS));
  oai_record_set_field_list (record, MESSAGE_CALLS, oai_record_get_field_list (record, MESSAGE_CALLS));
  assert_json (record, "{\"role\":\"user\",\"schema\":[1],\"tags\":[\"a\"],\"calls\":[{\"id\":\"1\"}]}");
}

static void
test_unknown_members_are_kept (void)
{
  const char *const json = "{\"reasoning_content\":\"hm\",\"role\":\"assistant\",\"x\":{\"y\":[1e2,12345678901234567890]},\"z\":null}";
  g_autoptr (OaiRecord) record = receive (test_message_get_type (), json);

  assert_json (record, json);
  oai_record_set_field_string (record, MESSAGE_ROLE, "user");
  oai_record_set_field_string (record, MESSAGE_CONTENT, "hi");
  assert_json (record, "{\"reasoning_content\":\"hm\",\"role\":\"user\",\"x\":{\"y\":[1e2,12345678901234567890]},\"z\":null,\"content\":\"hi\"}");
  g_assert_cmpstr (oai_record_get_string_member (record, "reasoning_content"), ==, "hm");
  g_assert_cmpstr (oai_record_get_string_member (record, "x"), ==, "{\"y\":[1e2,12345678901234567890]}");
  g_assert_true (oai_record_has_member (record, "z"));
  g_assert_true (oai_record_is_null_member (record, "z"));
}

static void
test_a_reply_becomes_part_of_a_request_whole (void)
{
  g_autoptr (OaiRecord) reply = receive (test_reply_get_type (),
                                         "{\"id\":\"1\",\"message\":{\"role\":\"assistant\",\"thought_signature\":\"s\",\"content\":null}}");
  g_autoptr (OaiRecord) request = g_object_new (test_message_get_type (), NULL);
  g_autoptr (OaiRecord) question = g_object_new (test_message_get_type (), "role", "user", "content", "?", NULL);

  oai_record_add_field_item (request, MESSAGE_CALLS, question);
  oai_record_add_field_item (request, MESSAGE_CALLS, oai_record_get_field_record (reply, REPLY_MESSAGE));
  assert_json (request, "{\"calls\":[{\"role\":\"user\",\"content\":\"?\"},"
                        "{\"role\":\"assistant\",\"thought_signature\":\"s\",\"content\":null}]}");
}

static void
test_changes_of_parts_show_in_the_whole (void)
{
  g_autoptr (OaiRecord) record = new_message ("{\"usage\":{\"total\":1,\"x\":2},\"calls\":[{\"id\":\"a\"},{\"id\":\"b\"}]}");
  GPtrArray *calls = oai_record_get_field_list (record, MESSAGE_CALLS);
  OaiRecord *usage = oai_record_get_field_record (record, MESSAGE_USAGE);
  g_autoptr (OaiRecord) added = g_object_new (test_message_get_type (), "id", "c", NULL);

  g_assert_true (oai_record_get_field_record (record, MESSAGE_USAGE) == usage);
  oai_record_set_field_int (usage, USAGE_TOTAL, 5);
  oai_record_set_field_string (calls->pdata[1], MESSAGE_ID, "B");
  oai_record_add_field_item (record, MESSAGE_CALLS, added);
  oai_record_set_field_string (added, MESSAGE_ID, "C");
  assert_json (record, "{\"usage\":{\"total\":5,\"x\":2},\"calls\":[{\"id\":\"a\"},{\"id\":\"B\"},{\"id\":\"C\"}]}");
}

static void
test_unions_go_by_their_tag (void)
{
  g_autoptr (OaiRecord) record = new_message (
      "{\"content\":[{\"type\":\"image\",\"url\":\"u\",\"size\":3},{\"text\":\"t\",\"type\":\"text\"},{\"type\":\"hologram\",\"depth\":3},{\"note\":\"n\"}]}");
  GPtrArray *parts = oai_record_get_field_list (record, MESSAGE_CONTENT_PARTS);
  g_autofree char *unknown = oai_record_to_json (parts->pdata[2]);

  g_assert_true (G_OBJECT_TYPE (parts->pdata[0]) == test_image_part_get_type ());
  g_assert_cmpint (oai_record_get_field_int (parts->pdata[0], IMAGE_PART_SIZE), ==, 3);
  g_assert_true (G_OBJECT_TYPE (parts->pdata[1]) == test_text_part_get_type ());
  g_assert_cmpstr (oai_record_get_field_string (parts->pdata[1], TEXT_PART_TEXT), ==, "t");
  g_assert_true (G_OBJECT_TYPE (parts->pdata[2]) == test_part_get_type ());
  g_assert_cmpstr (oai_record_get_field_string (parts->pdata[2], PART_TYPE), ==, "hologram");
  g_assert_cmpstr (unknown, ==, "{\"type\":\"hologram\",\"depth\":3}");
  g_assert_true (G_OBJECT_TYPE (parts->pdata[3]) == test_part_get_type ());
}

/* Servers and programs that omit the tag; the JSON stays as it is, even if the parts were read. */
static void
test_unions_without_a_tag_go_by_a_member (void)
{
  const char *json = "{\"content\":[{\"url\":\"u\",\"x\":1},{\"type\":null,\"url\":\"v\"},{\"type\":5,\"url\":\"w\"},{\"type\":\"new\",\"url\":\"x\"},{\"urls\":1}]}";
  g_autoptr (OaiRecord) record = new_message (json);
  GPtrArray *parts = oai_record_get_field_list (record, MESSAGE_CONTENT_PARTS);

  g_assert_true (G_OBJECT_TYPE (parts->pdata[0]) == test_image_part_get_type ());
  g_assert_cmpstr (oai_record_get_field_string (parts->pdata[0], IMAGE_PART_URL), ==, "u");
  g_assert_cmpstr (oai_record_get_field_string (parts->pdata[0], PART_TYPE), ==, "image");
  g_assert_true (G_OBJECT_TYPE (parts->pdata[1]) == test_image_part_get_type ());
  for (guint i = 2; i < 5; i++)
    g_assert_true (G_OBJECT_TYPE (parts->pdata[i]) == test_part_get_type ());
  assert_json (parts->pdata[0], "{\"url\":\"u\",\"x\":1}");
  assert_json (record, json);

  oai_record_set_field_int (parts->pdata[0], IMAGE_PART_SIZE, 2);
  assert_json (parts->pdata[0], "{\"url\":\"u\",\"x\":1,\"size\":2}");
}

static void
test_texts_of_getters_stay_valid (void)
{
  g_autoptr (OaiRecord) record = new_message ("{}");
  const char *text = oai_record_keep_text (record, "text", g_strdup ("one"));
  const char *other = oai_record_keep_text (record, "other", g_strdup ("two"));

  g_assert_true (oai_record_keep_text (record, "text", g_strdup ("one")) == text);
  g_assert_null (oai_record_keep_text (record, "text", NULL));
  g_assert_cmpstr (text, ==, "one");
  g_assert_cmpstr (oai_record_keep_text (record, "text", g_strdup ("three")), ==, "three");
  g_assert_cmpstr (other, ==, "two");
}

static void
test_a_type_has_its_tag_by_itself (void)
{
  g_autoptr (OaiRecord) part = g_object_new (test_image_part_get_type (), "url", "u", NULL);
  g_autoptr (OaiRecord) untagged = new_record (test_text_part_get_type (), "{\"text\":\"t\"}");
  g_autoptr (OaiRecord) base = g_object_new (test_part_get_type (), NULL);
  g_autofree char *type = NULL;

  g_object_get (part, "type", &type, NULL);
  g_assert_cmpstr (type, ==, "image");
  g_assert_true (oai_record_has_member (part, "type"));
  assert_json (part, "{\"type\":\"image\",\"url\":\"u\"}");
  g_assert_cmpstr (oai_record_get_string_member (untagged, "type"), ==, "text");
  assert_json (untagged, "{\"text\":\"t\",\"type\":\"text\"}");
  assert_json (base, "{}");
}

static void
test_null_is_a_value_of_its_own (void)
{
  g_autoptr (OaiRecord) record = new_message ("{\"n\":1,\"content\":\"x\"}");

  oai_record_set_null_member (record, "n");
  oai_record_set_null_member (record, "vendor");
  oai_record_unset_member (record, "content");
  assert_json (record, "{\"n\":null,\"vendor\":null}");
  g_assert_true (oai_record_has_member (record, "n") && oai_record_is_null_member (record, "n"));
  g_assert_true (oai_record_has_member (record, "vendor") && oai_record_is_null_member (record, "vendor"));
  g_assert_false (oai_record_has_member (record, "content") || oai_record_is_null_member (record, "content"));
  g_assert_false (oai_record_field_is_set (record, MESSAGE_COUNT));

  oai_record_set_field_int (record, MESSAGE_COUNT, 2);
  oai_record_unset_member (record, "vendor");
  assert_json (record, "{\"n\":2}");
}

static void
test_members_are_set_by_name (void)
{
  g_autoptr (OaiRecord) record = new_message ("{\"x\":1,\"role\":\"user\"}");
  g_autoptr (GError) error = NULL;
  g_autofree char *dup = NULL;
  g_auto (GStrv) names = NULL;
  g_autofree char *joined = NULL;

  g_assert_true (oai_record_set_member (record, "top_k", " 40 ", &error));
  g_assert_true (oai_record_set_member (record, "x", "{\"y\":2}", &error));
  g_assert_true (oai_record_set_member (record, "n", "7", &error));
  g_assert_true (oai_record_set_member (record, "content", "[{\"type\":\"text\",\"text\":\"t\"}]", &error));
  g_assert_true (oai_record_set_member (record, "role", NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (oai_record_get_field_int (record, MESSAGE_COUNT), ==, 7);
  g_assert_cmpint (oai_record_get_int_member (record, "top_k"), ==, 40);
  g_assert_cmpuint (oai_record_get_field_list (record, MESSAGE_CONTENT_PARTS)->len, ==, 1);
  assert_json (record, "{\"content\":[{\"type\":\"text\",\"text\":\"t\"}],\"n\":7,\"top_k\":40,\"x\":{\"y\":2}}");
  dup = oai_record_dup_member (record, "x");
  g_assert_cmpstr (dup, ==, "{\"y\":2}");
  names = oai_record_list_members (record);
  joined = g_strjoinv (",", names);
  g_assert_cmpstr (joined, ==, "content,n,top_k,x");
  g_assert_null (oai_record_dup_member (record, "role"));

  g_assert_false (oai_record_set_member (record, "n", "hunter2", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_null (strstr (error->message, "hunter2"));
  g_assert_cmpint (oai_record_get_field_int (record, MESSAGE_COUNT), ==, 7);
}

static void
test_the_last_of_two_members_counts (void)
{
  g_autoptr (OaiRecord) record = receive (test_message_get_type (), "{\"n\":1,\"x\":1,\"n\":2,\"x\":2}");

  g_assert_cmpint (oai_record_get_field_int (record, MESSAGE_COUNT), ==, 2);
  g_assert_cmpint (oai_record_get_int_member (record, "x"), ==, 2);
  assert_json (record, "{\"n\":2,\"x\":2}");
}

static void
test_json_of_the_program_must_be_right (void)
{
  const char *const cases[] = { "", "[]", "\"x\"", "null", "{\"a\":NaN}", "{\"a\":1,}", "{\"a\":\"\377\"}", "{} {}" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (oai_record_new_from_json (test_message_get_type (), cases[i], &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*schema*Invalid JSON*");
  {
    g_autoptr (OaiRecord) record = new_message ("{\"schema\":[1]}");

    oai_record_set_field_json (record, MESSAGE_SCHEMA, "{nonsense}");
    g_test_assert_expected_messages ();
    assert_json (record, "{\"schema\":[1]}");
    g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*metadata*");
    oai_record_set_field_json (record, MESSAGE_METADATA, "[1]");
    g_test_assert_expected_messages ();
  }
}

static void
test_replies_cannot_be_changed (void)
{
  g_autoptr (OaiRecord) reply = receive (test_reply_get_type (), "{\"id\":\"1\"}");
  g_autoptr (GError) error = NULL;
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (reply), "id");

  g_assert_false (oai_record_is_writable (reply));
  g_assert_cmpint (pspec->flags & G_PARAM_WRITABLE, ==, 0);
  g_assert_false (oai_record_set_member (reply, "id", "2", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*cannot be changed*");
  oai_record_set_field_string (reply, REPLY_ID, "2");
  g_test_assert_expected_messages ();
  assert_json (reply, "{\"id\":\"1\"}");
}

static void
test_records_without_a_type_hold_anything (void)
{
  g_autoptr (OaiRecord) record = new_record (OAI_TYPE_RECORD, "{\"a\":1,\"b\":\"x\",\"c\":1.5,\"d\":true}");

  g_assert_true (oai_record_is_writable (record));
  g_assert_cmpint (oai_record_get_int_member (record, "a"), ==, 1);
  g_assert_cmpstr (oai_record_get_string_member (record, "a"), ==, "1");
  g_assert_cmpstr (oai_record_get_string_member (record, "b"), ==, "x");
  g_assert_cmpfloat (oai_record_get_double_member (record, "c"), ==, 1.5);
  g_assert_true (oai_record_get_boolean_member (record, "d"));
  g_assert_true (oai_record_set_member (record, "b", "[]", NULL));
  oai_record_unset_member (record, "a");
  assert_json (record, "{\"c\":1.5,\"d\":true,\"b\":[]}");
}

static GObject *
new_file (const char *name)
{
  g_autoptr (GBytes) bytes = g_bytes_new (NULL, 0);

  return G_OBJECT (oai_input_file_new_for_bytes (bytes, name));
}

static void
test_properties_are_those_of_the_schema (void)
{
  const char *const tags[] = { "x", "y", NULL };
  g_autoptr (OaiRecord) usage = g_object_new (test_usage_get_type (), "total", G_GINT64_CONSTANT (5), NULL);
  g_autoptr (GObject) file = new_file ("a file");
  g_autoptr (OaiRecord) record =
      g_object_new (test_message_get_type (), "role", "user", "n", G_GINT64_CONSTANT (3), "score", 0.25, "flag", TRUE, "tags", tags,
                    "metadata", "{\"a\":\"b\"}", "schema", "[1]", "usage", usage, "file", file, "created", G_GINT64_CONSTANT (9), NULL);
  g_autofree char *role = NULL;
  g_autofree char *metadata = NULL;
  g_auto (GStrv) read = NULL;
  g_autoptr (OaiRecord) nested = NULL;
  g_autoptr (GObject) read_file = NULL;
  gint64 n = 0;
  double score = 0;
  gboolean flag = FALSE;

  g_object_get (record, "role", &role, "n", &n, "score", &score, "flag", &flag, "tags", &read, "metadata", &metadata, "usage", &nested,
                "file", &read_file, NULL);
  g_assert_cmpstr (role, ==, "user");
  g_assert_cmpint (n, ==, 3);
  g_assert_cmpfloat (score, ==, 0.25);
  g_assert_true (flag);
  g_assert_cmpstrv (read, (char **) tags);
  g_assert_cmpstr (metadata, ==, "{\"a\":\"b\"}");
  g_assert_true (nested == usage);
  g_assert_true (read_file == file);
  assert_json (record, "{\"role\":\"user\",\"created\":9,\"n\":3,\"score\":0.25,\"flag\":true,\"tags\":[\"x\",\"y\"],"
                       "\"metadata\":{\"a\":\"b\"},\"schema\":[1],\"usage\":{\"total\":5}}");
}

static void
test_changes_are_notified_once (void)
{
  const char *const tags[] = { "x", NULL };
  g_autoptr (OaiRecord) record = new_message ("{\"role\":\"user\"}");
  g_autoptr (GString) names = g_string_new (NULL);

  g_signal_connect (record, "notify", G_CALLBACK (count_notify), names);
  oai_record_set_field_string (record, MESSAGE_ROLE, "user");
  g_assert_cmpstr (names->str, ==, "");
  oai_record_set_field_string (record, MESSAGE_ROLE, "system");
  g_object_set (record, "role", "system", "n", G_GINT64_CONSTANT (0), NULL);
  oai_record_set_field_int (record, MESSAGE_COUNT, 0);
  oai_record_set_field_boolean (record, MESSAGE_FLAG, FALSE);
  oai_record_set_field_boolean (record, MESSAGE_FLAG, 2);
  oai_record_set_field_strv (record, MESSAGE_TAGS, tags);
  oai_record_set_field_strv (record, MESSAGE_TAGS, tags);
  oai_record_set_field_map_value (record, MESSAGE_METADATA, "a", "b");
  oai_record_set_field_map_value (record, MESSAGE_METADATA, "a", "b");
  oai_record_unset_member (record, "role");
  oai_record_unset_member (record, "role");
  oai_record_set_member (record, "role", "\"user\"", NULL);
  g_assert_cmpstr (names->str, ==, "role n flag flag tags metadata role role ");

  g_string_truncate (names, 0);
  oai_record_set_field_string (record, MESSAGE_STOP, "x");
  oai_record_set_field_strv (record, MESSAGE_STOP_LIST, tags);
  g_assert_cmpstr (names->str, ==, "stop stop stop-list ");
}

static void
test_secrets_are_not_printed (void)
{
  g_autoptr (OaiRecord) record = new_message (
      "{\"secret\":\"hunter2\",\"usage\":{\"key\":\"hunter3\",\"total\":1},\"calls\":[{\"secret\":\"hunter4\"},{\"secret\":null}],\"x\":1}");
  g_autofree char *text = oai_record_to_string (record);

  g_assert_cmpstr (text, ==, "{\"secret\":\"***\",\"usage\":{\"key\":\"***\",\"total\":1},\"calls\":[{\"secret\":\"***\"},{\"secret\":\"***\"}],\"x\":1}");
  assert_json (record, "{\"secret\":\"hunter2\",\"usage\":{\"key\":\"hunter3\",\"total\":1},\"calls\":[{\"secret\":\"hunter4\"},{\"secret\":null}],\"x\":1}");
}

static void
test_equal_is_by_value (void)
{
  const struct
  {
    const char *first;
    const char *second;
    gboolean equal;
  } cases[] = {
    { "{}", "{}", TRUE },
    { "{\"n\":1,\"x\":[1,{\"a\":1,\"b\":2}]}", "{\"x\":[1.0,{\"b\":2e0,\"a\":1}],\"n\":1.0}", TRUE },
    { "{\"role\":\"\\u0061\"}", "{\"role\":\"a\"}", TRUE },
    { "{\"x\":1,\"x\":2}", "{\"x\":2}", TRUE },
    { "{\"x\":{\"a\":1,\"a\":1}}", "{\"x\":{\"a\":1,\"b\":1}}", FALSE },
    { "{\"n\":null}", "{}", FALSE },
    { "{\"n\":1}", "{\"n\":2}", FALSE },
    { "{\"n\":1}", "{\"n\":\"1\"}", FALSE },
    { "{\"x\":9007199254740993}", "{\"x\":9007199254740992}", FALSE },
    { "{\"x\":[1,2]}", "{\"x\":[2,1]}", FALSE },
    { "{\"x\":[1]}", "{\"x\":[1,2]}", FALSE },
    { "{\"x\":true}", "{\"x\":false}", FALSE }
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OaiRecord) first = new_message (cases[i].first);
      g_autoptr (OaiRecord) second = new_message (cases[i].second);

      g_assert_cmpint (oai_record_equal (first, second), ==, cases[i].equal);
      g_assert_cmpint (oai_record_equal (second, first), ==, cases[i].equal);
      g_assert_true (oai_record_equal (first, first));
    }
}

/* All getters return the same values after a part of a reply was changed. An unchanged reply is written byte for byte. */
static void
test_changed_parts_of_replies (void)
{
  const char *json = "{\"id\":\"1\",\"message\":{\"role\":\"user\",\"content\":\"a\"},\"choices\":[null,{\"role\":\"user\",\"score\":1.50}]}";
  g_autoptr (OaiRecord) reply = receive (test_reply_get_type (), json);
  g_autoptr (OaiRecord) fresh = receive (test_reply_get_type (), json);
  g_autoptr (OaiRecord) copy = NULL;
  OaiRecord *message = oai_record_get_field_record (reply, REPLY_MESSAGE);

  g_assert_cmpuint (oai_record_get_field_list (reply, REPLY_CHOICES)->len, >, 0);
  assert_json (reply, json);
  g_assert_true (oai_record_equal (reply, fresh));

  oai_record_set_field_string (message, MESSAGE_CONTENT, "b");
  g_assert_false (oai_record_equal (reply, fresh));
  copy = oai_record_copy (reply);
  g_assert_true (oai_record_equal (reply, copy));
  g_assert_cmpstr (oai_record_get_field_string (oai_record_get_field_record (copy, REPLY_MESSAGE), MESSAGE_CONTENT), ==, "b");
}

static void
test_copies_stand_alone (void)
{
  g_autoptr (OaiRecord) record = new_message ("{\"role\":\"user\",\"usage\":{\"total\":1},\"calls\":[{\"id\":\"a\"}],\"x\":1}");
  g_autoptr (GObject) file = new_file ("a file");
  g_autoptr (OaiRecord) copy = NULL;
  GPtrArray *calls = oai_record_get_field_list (record, MESSAGE_CALLS);

  oai_record_set_field_string (calls->pdata[0], MESSAGE_ID, "b");
  oai_record_set_field_file (record, MESSAGE_FILE, file);
  oai_record_set_null_member (record, "n");
  oai_record_set_member (record, "y", "2", NULL);
  copy = oai_record_copy (record);
  g_assert_true (G_OBJECT_TYPE (copy) == G_OBJECT_TYPE (record));
  g_assert_true (oai_record_equal (record, copy));
  g_assert_true (oai_record_get_field_file (copy, MESSAGE_FILE) == file);

  oai_record_set_field_string (calls->pdata[0], MESSAGE_ID, "c");
  oai_record_set_field_int (oai_record_get_field_record (record, MESSAGE_USAGE), USAGE_TOTAL, 2);
  oai_record_unset_member (record, "x");
  assert_json (copy, "{\"role\":\"user\",\"usage\":{\"total\":1},\"calls\":[{\"id\":\"b\"}],\"x\":1,\"n\":null,\"y\":2}");
}

static void
test_files_are_no_json (void)
{
  g_autoptr (OaiRecord) record = g_object_new (test_message_get_type (), "role", "user", NULL);
  g_autoptr (OaiRecord) other = g_object_new (test_message_get_type (), "role", "user", NULL);
  g_autoptr (GObject) file = new_file ("a file");

  oai_record_set_field_file (record, MESSAGE_FILE, file);
  oai_record_add_field_item (record, MESSAGE_FILES, file);
  assert_json (record, "{\"role\":\"user\"}");
  g_assert_true (oai_record_field_is_set (record, MESSAGE_FILE));
  g_assert_cmpuint (oai_record_get_field_list (record, MESSAGE_FILES)->len, ==, 1);
  g_assert_false (oai_record_equal (record, other));
  oai_record_set_field_file (other, MESSAGE_FILE, file);
  oai_record_add_field_item (other, MESSAGE_FILES, file);
  g_assert_true (oai_record_equal (record, other));
}

static void
note_file (const char *name, gpointer file, gpointer data)
{
  g_string_append_printf (data, "%s=%s ", name, oai_input_file_get_filename (file));
}

static void
test_files_of_parts_are_found (void)
{
  g_autoptr (OaiRecord) record = new_message ("{\"role\":\"user\",\"calls\":[{\"id\":\"a\"},{\"calls\":[{}]}]}");
  g_autoptr (GObject) one = new_file ("one");
  g_autoptr (GObject) two = new_file ("two");
  g_autoptr (GString) found = g_string_new (NULL);
  GPtrArray *calls = oai_record_get_field_list (record, MESSAGE_CALLS);
  OaiRecord *inner = oai_record_get_field_list (calls->pdata[1], MESSAGE_CALLS)->pdata[0];

  oai_record_set_field_file (record, MESSAGE_FILE, one);
  oai_record_set_field_file (calls->pdata[0], MESSAGE_FILE, two);
  oai_record_add_field_item (inner, MESSAGE_FILES, one);
  oai_record_add_field_item (inner, MESSAGE_FILES, two);
  oai_record_foreach_file (record, note_file, found);
  g_assert_cmpstr (found->str, ==, "calls[][file]=two calls[][calls][][files][]=one calls[][calls][][files][]=two file=one ");
  assert_json (record, "{\"role\":\"user\",\"calls\":[{\"id\":\"a\"},{\"calls\":[{}]}]}");

  oai_record_set_field_list (record, MESSAGE_CALLS, NULL);
  oai_record_set_field_file (record, MESSAGE_FILE, NULL);
  g_string_truncate (found, 0);
  oai_record_foreach_file (record, note_file, found);
  g_assert_cmpstr (found->str, ==, "");
}

static void
test_files_of_a_record_in_itself (void)
{
  g_autoptr (OaiRecord) record = g_object_new (test_message_get_type (), "role", "user", NULL);
  g_autoptr (GObject) file = new_file ("it");
  g_autoptr (GString) found = g_string_new (NULL);

  oai_record_add_field_item (record, MESSAGE_CALLS, record);
  oai_record_set_field_file (record, MESSAGE_FILE, file);
  oai_record_foreach_file (record, note_file, found);
  g_assert_cmpstr (found->str, ==, "file=it ");
  oai_record_set_field_list (record, MESSAGE_CALLS, NULL);
}

/* A common mistake is to pass a GFile. */
static void
test_other_objects_are_no_files (void)
{
  g_autoptr (OaiRecord) record = g_object_new (test_message_get_type (), "role", "user", NULL);
  g_autoptr (GFile) file = g_file_new_for_path ("/");
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (record), "file");

  g_assert_true (pspec->value_type == OAI_TYPE_INPUT_FILE);
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*takes a OaiInputFile, and no G*File*");
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*takes a OaiInputFile, and no G*File*");
  oai_record_set_field_file (record, MESSAGE_FILE, file);
  oai_record_add_field_item (record, MESSAGE_FILES, file);
  g_test_assert_expected_messages ();
  g_assert_null (oai_record_get_field_file (record, MESSAGE_FILE));
}

static void
test_what_is_required_must_be_there (void)
{
  g_autoptr (OaiRecord) record = g_object_new (test_message_get_type (), NULL);
  g_autoptr (OaiRecord) usage = g_object_new (test_usage_get_type (), NULL);
  g_autoptr (OaiRecord) reply = receive (test_message_get_type (), "{\"usage\":{}}");
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) nested = NULL;

  g_assert_false (oai_record_validate (record, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "role"));
  oai_record_set_field_string (record, MESSAGE_ROLE, "user");
  g_assert_true (oai_record_validate (record, NULL));
  oai_record_set_field_record (record, MESSAGE_USAGE, usage);
  g_assert_false (oai_record_validate (record, &nested));
  g_assert_nonnull (strstr (nested->message, "total"));
  g_assert_true (oai_record_validate (reply, NULL));
}

static void
test_record_in_itself (void)
{
  g_autoptr (OaiRecord) record = g_object_new (test_message_get_type (), "role", "user", NULL);

  oai_record_add_field_item (record, MESSAGE_CALLS, record);
  g_assert_true (oai_record_validate (record, NULL));
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*part of itself*");
  assert_json (record, "{\"role\":\"user\",\"calls\":[null]}");
  g_test_assert_expected_messages ();
  oai_record_set_field_list (record, MESSAGE_CALLS, NULL);
}

static void
test_records_of_another_type_are_refused (void)
{
  g_autoptr (OaiRecord) record = g_object_new (test_message_get_type (), NULL);
  g_autoptr (OaiRecord) part = g_object_new (test_part_get_type (), NULL);

  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*takes a *, and no *");
  oai_record_set_field_record (record, MESSAGE_USAGE, part);
  g_test_assert_expected_messages ();
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*takes a *, and no *");
  oai_record_add_field_item (record, MESSAGE_CALLS, part);
  g_test_assert_expected_messages ();
  assert_json (record, "{}");
}

static void
test_null_is_no_item (void)
{
  g_autoptr (OaiRecord) record = g_object_new (test_message_get_type (), NULL);

  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*takes a *, and no NULL");
  oai_record_add_field_item (record, MESSAGE_CALLS, NULL);
  g_test_assert_expected_messages ();
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*takes a *, and no NULL");
  oai_record_add_field_item (record, MESSAGE_FILES, NULL);
  g_test_assert_expected_messages ();
  assert_json (record, "{}");
}

/* In a list, and as the only value of a member. */
static void
test_copies_of_a_record_in_itself (void)
{
  g_autoptr (OaiRecord) record = g_object_new (test_message_get_type (), "role", "user", NULL);
  g_autoptr (OaiRecord) copy = NULL;

  oai_record_add_field_item (record, MESSAGE_CALLS, record);
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*part of itself*");
  copy = oai_record_copy (record);
  g_test_assert_expected_messages ();
  oai_record_set_field_list (record, MESSAGE_CALLS, NULL);
  assert_json (copy, "{\"role\":\"user\",\"calls\":[]}");
  g_assert_false (oai_record_equal (copy, record));
}

/* Any number of nested records. */
static void
test_nesting_has_an_end (void)
{
  g_autoptr (OaiRecord) record = g_object_new (test_message_get_type (), NULL);
  g_autofree char *json = NULL;
  g_autoptr (OaiRecord) copy = NULL;

  for (guint i = 0; i < 2000; i++)
    {
      OaiRecord *outer = g_object_new (test_message_get_type (), NULL);

      oai_record_add_field_item (outer, MESSAGE_CALLS, record);
      g_object_unref (record);
      record = outer;
    }
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*nested in more than 512 records*");
  json = oai_record_to_json (record);
  g_test_assert_expected_messages ();
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*nested in more than 512 records*");
  copy = oai_record_copy (record);
  g_test_assert_expected_messages ();
  g_assert_nonnull (copy);
}

/* The maximum depth of the parser, in a record that is nested deeper. */
static void
test_deep_members_are_equal (void)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (OaiRecord) record = g_object_new (test_message_get_type (), NULL);
  g_autoptr (OaiRecord) outer = g_object_new (test_message_get_type (), NULL);
  g_autoptr (OaiRecord) copy = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 512; i++)
    {
      g_string_prepend_c (json, '[');
      g_string_append_c (json, ']');
    }
  oai_record_set_member (record, "deep", json->str, &error);
  g_assert_no_error (error);
  oai_record_add_field_item (outer, MESSAGE_CALLS, record);
  copy = oai_record_copy (outer);
  g_assert_true (oai_record_equal (copy, outer));
}

/* This would take minutes if each member were compared with all others. */
static void
test_many_unknown_members (void)
{
  const int n = 60000;
  g_autoptr (GString) json = g_string_new ("{\"id\":\"x\"");
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (OaiRecord) set = g_object_new (test_message_get_type (), NULL);
  g_autoptr (OaiRecord) copy = NULL;
  g_auto (GStrv) names = NULL;

  for (int i = 0; i < n; i++)
    g_string_append_printf (json, ",\"k%d\":%d", i, i);
  g_string_append_c (json, '}');
  record = receive (test_reply_get_type (), json->str);
  assert_json (record, json->str);
  names = oai_record_list_members (record);
  g_assert_cmpuint (g_strv_length (names), ==, n + 1);
  for (int i = 0; i < n; i++)
    {
      g_assert_cmpint (oai_record_get_int_member (record, names[i + 1]), ==, i);
      oai_record_set_member (set, names[i + 1], "1", NULL);
    }
  copy = oai_record_copy (set);
  g_assert_true (oai_record_has_member (copy, names[n]));
  oai_record_unset_member (copy, names[n]);
  g_assert_false (oai_record_has_member (copy, names[n]));
  g_assert_false (oai_record_equal (copy, set));
}

/* For any number of members, the last one with the same name is used. */
static void
test_the_last_of_many_members_counts (void)
{
  g_autoptr (GString) json = g_string_new ("{\"k7\":-1");
  g_autoptr (OaiRecord) record = NULL;

  for (int i = 0; i < 500; i++)
    g_string_append_printf (json, ",\"k%d\":%d", i % 250, i);
  g_string_append_c (json, '}');
  record = receive (test_reply_get_type (), json->str);
  for (guint pass = 0; pass < 3; pass++)
    {
      g_auto (GStrv) names = oai_record_list_members (record);

      g_assert_cmpuint (g_strv_length (names), ==, 250);
      for (int i = 0; i < 250; i++)
        g_assert_cmpint (oai_record_get_int_member (record, names[i]), ==, 250 + i);
    }
}

/* Strings that were created for getters are kept, and created again when the member is set. */
static void
test_numbers_as_text (void)
{
  g_autoptr (OaiRecord) record = new_message ("{\"n\":5,\"x\":7}");
  const char *known = oai_record_get_string_member (record, "n");
  const char *unknown = oai_record_get_string_member (record, "x");

  g_assert_cmpstr (known, ==, "5");
  g_assert_true (oai_record_get_string_member (record, "n") == known);
  g_assert_cmpstr (unknown, ==, "7");
  g_assert_true (oai_record_get_string_member (record, "x") == unknown);
  oai_record_set_field_int (record, MESSAGE_COUNT, 6);
  oai_record_set_member (record, "x", "8", NULL);
  g_assert_cmpstr (oai_record_get_string_member (record, "n"), ==, "6");
  g_assert_cmpstr (oai_record_get_string_member (record, "x"), ==, "8");
  oai_record_set_field_int (record, MESSAGE_COUNT, 9);
  g_assert_cmpstr (oai_record_get_string_member (record, "n"), ==, "9");
}

static void
test_parts_know_where_they_come_from (void)
{
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new_copy ("{\"message\":{\"usage\":{}},\"choices\":[{}]}", -1, OAI_JSON_STRICT, NULL);
  g_autoptr (GObject) client = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GObject) call = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (OaiRecord) reply = oai_record_new_from_doc (test_reply_get_type (), doc, 0, (OaiClient *) client, (OaiCall *) call);
  OaiRecord *message = oai_record_get_field_record (reply, REPLY_MESSAGE);
  GPtrArray *choices = oai_record_get_field_list (reply, REPLY_CHOICES);

  g_assert_true ((gpointer) oai_record_get_client (reply) == client);
  g_assert_true ((gpointer) oai_record_get_call (message) == call);
  g_assert_true ((gpointer) oai_record_get_client (oai_record_get_field_record (message, MESSAGE_USAGE)) == client);
  g_assert_true ((gpointer) oai_record_get_call (choices->pdata[0]) == call);

  oai_record_set_origin (reply, NULL, NULL);
  g_assert_null (oai_record_get_call (choices->pdata[0]));
  g_assert_null (oai_record_get_client (message));
  g_assert_cmpuint (G_OBJECT (client)->ref_count, ==, 1);
}

/* Tables of a module with a later ABI: with longer rows and a longer schema. */

typedef struct
{
  OaiField known;
  const char *later;
} LongField;

typedef struct
{
  OaiRecordSchema known;
  gpointer later[2];
} LongSchema;

static const LongField long_fields[] = {
  { { "first", "first", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL }, "later" },
  { { "second", "second", OAI_FIELD_INT, OAI_FIELD_REQUIRED, NULL }, "later" }
};

static const LongSchema long_schema = {
  .known = {
    .size = sizeof (LongSchema),
    .field_size = sizeof (LongField),
    .flags = OAI_RECORD_SCHEMA_WRITABLE,
    .fields = &long_fields[0].known,
    .n_fields = G_N_ELEMENTS (long_fields)
  },
  .later = { (gpointer) "later", (gpointer) "later" }
};

static void
long_record_class_init (gpointer klass, gpointer data)
{
  oai_record_class_set_schema (klass, &long_schema.known);
}

static void
test_tables_of_another_abi_are_read (void)
{
  GType type = g_type_register_static_simple (OAI_TYPE_RECORD, "TestLongRecord", sizeof (OaiRecordClass), long_record_class_init, sizeof (OaiRecord), NULL, 0);
  g_autoptr(OaiRecord) record = oai_record_new_from_json (type, "{\"first\":\"a\",\"second\":2}", NULL);
  g_autoptr(OaiRecord) empty = g_object_new (type, "first", "b", NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *first = NULL;
  gint64 second;

  g_object_get (record, "first", &first, "second", &second, NULL);
  g_assert_cmpstr (first, ==, "a");
  g_assert_cmpint (second, ==, 2);
  g_assert_false (oai_record_validate (empty, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static const OaiField aged_fields[] = {
  { "old", "old", OAI_FIELD_STRING, OAI_FIELD_DEPRECATED, NULL },
  { "new", "new", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
  { "old_list", "old-list", OAI_FIELD_INT_LIST, OAI_FIELD_DEPRECATED, NULL }
};

static const OaiRecordSchema aged_schema = { OAI_RECORD_SCHEMA_SIZES, .fields = aged_fields, .n_fields = G_N_ELEMENTS (aged_fields) };

static void
aged_record_class_init (gpointer klass, gpointer data)
{
  oai_record_class_set_schema (klass, &aged_schema);
}

static void
test_deprecated_fields_are_marked (void)
{
  GType type = g_type_register_static_simple (OAI_TYPE_RECORD, "TestAgedRecord", sizeof (OaiRecordClass), aged_record_class_init, sizeof (OaiRecord), NULL, 0);
  g_autoptr(OaiRecord) record = oai_record_new_from_json (type, "{\"old\":\"a\",\"new\":\"b\"}", NULL);
  g_autoptr(GPtrArray) fields = oai_record_list_fields (type);
  GObjectClass *klass = G_OBJECT_GET_CLASS (record);

  g_assert_cmphex (g_object_class_find_property (klass, "old")->flags & G_PARAM_DEPRECATED, !=, 0);
  g_assert_cmphex (g_object_class_find_property (klass, "new")->flags & G_PARAM_DEPRECATED, ==, 0);
  g_assert_true (oai_field_info_is_deprecated (fields->pdata[0]));
  g_assert_false (oai_field_info_is_deprecated (fields->pdata[1]));
  g_assert_true (oai_field_info_is_deprecated (fields->pdata[2]));
  assert_json (record, "{\"old\":\"a\",\"new\":\"b\"}");
}

static void
test_fields_are_listed (void)
{
  g_autoptr(GPtrArray) fields = oai_record_list_fields (test_message_get_type ());
  g_autoptr(GPtrArray) none = oai_record_list_fields (OAI_TYPE_RECORD);
  g_autoptr(GPtrArray) of_reply = oai_record_list_fields (test_reply_get_type ());
  g_autoptr(OaiFieldInfo) empty = g_object_new (OAI_TYPE_FIELD_INFO, NULL);
  OaiFieldInfo *parts = fields->pdata[MESSAGE_CONTENT_PARTS];

  g_assert_cmpuint (fields->len, ==, N_MESSAGE_FIELDS);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpstr (oai_field_info_get_name (parts), ==, "content-parts");
  g_assert_cmpstr (oai_field_info_get_member (parts), ==, "content");
  g_assert_cmpstr (oai_field_info_get_type_name (parts), ==, "record-list");
  g_assert_true (oai_field_info_get_item_type (parts) == test_part_get_type ());
  g_assert_true (oai_field_info_is_alternative (parts) && oai_field_info_is_writable (parts) && !oai_field_info_is_property (parts));
  g_assert_true (oai_field_info_is_required (fields->pdata[MESSAGE_ROLE]));
  g_assert_true (oai_field_info_is_nullable (fields->pdata[MESSAGE_CONTENT]));
  g_assert_true (oai_field_info_is_secret (fields->pdata[MESSAGE_SECRET]));
  g_assert_cmpstr (oai_field_info_get_type_name (fields->pdata[MESSAGE_FILES]), ==, "file-list");
  g_assert_false (oai_field_info_is_writable (of_reply->pdata[REPLY_ID]));
  g_assert_true (oai_field_info_get_item_type (empty) == G_TYPE_INVALID);
  g_assert_true (oai_record_find_type (test_part_get_type (), "image") == test_image_part_get_type ());
  g_assert_true (oai_record_find_type (test_part_get_type (), "other") == test_part_get_type ());
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add_func ("/record/" path, function)
  ADD ("members-are-read", test_members_are_read);
  ADD ("other-names-are-read", test_other_names_are_read);
  ADD ("other-names-are-changed", test_other_names_are_changed);
  ADD ("absent-and-invalid-members-have-defaults", test_absent_and_wrong_members_read_as_nothing);
  ADD ("numbers-and-texts-of-the-wrong-type", test_servers_that_mix_up_types_are_understood);
  ADD ("getters-of-alternatives", test_the_alternative_that_is_there_answers);
  ADD ("setting-an-alternative-replaces-the-other", test_setting_an_alternative_takes_the_place_of_the_other);
  ADD ("members-are-set", test_members_are_set);
  ADD ("setting-the-same-value", test_a_member_is_set_to_what_it_is);
  ADD ("unknown-members-are-kept", test_unknown_members_are_kept);
  ADD ("a-reply-in-a-request-keeps-all-members", test_a_reply_becomes_part_of_a_request_whole);
  ADD ("changes-of-nested-records-are-written", test_changes_of_parts_show_in_the_whole);
  ADD ("unions-are-selected-by-tag", test_unions_go_by_their_tag);
  ADD ("texts-of-getters-stay-valid", test_texts_of_getters_stay_valid);
  ADD ("unions-are-selected-by-member-without-tag", test_unions_without_a_tag_go_by_a_member);
  ADD ("a-type-sets-its-tag", test_a_type_has_its_tag_by_itself);
  ADD ("null-differs-from-absent", test_null_is_a_value_of_its_own);
  ADD ("members-are-set-by-name", test_members_are_set_by_name);
  ADD ("the-last-of-two-members-counts", test_the_last_of_two_members_counts);
  ADD ("invalid-json-of-the-program-is-an-error", test_json_of_the_program_must_be_right);
  ADD ("replies-cannot-be-changed", test_replies_cannot_be_changed);
  ADD ("records-without-a-type-accept-all-members", test_records_without_a_type_hold_anything);
  ADD ("properties-match-the-schema", test_properties_are_those_of_the_schema);
  ADD ("changes-are-notified-once", test_changes_are_notified_once);
  ADD ("secrets-are-not-printed", test_secrets_are_not_printed);
  ADD ("equal-is-by-value", test_equal_is_by_value);
  ADD ("copies-are-independent", test_copies_stand_alone);
  ADD ("changed-parts-of-replies", test_changed_parts_of_replies);
  ADD ("files-are-not-part-of-the-json", test_files_are_no_json);
  ADD ("files-of-parts", test_files_of_parts_are_found);
  ADD ("files-are-input-files", test_other_objects_are_no_files);
  ADD ("files-of-a-record-in-itself", test_files_of_a_record_in_itself);
  ADD ("missing-required-members-are-an-error", test_what_is_required_must_be_there);
  ADD ("a-record-in-itself-is-reported", test_record_in_itself);
  ADD ("records-of-another-type-are-rejected", test_records_of_another_type_are_refused);
  ADD ("null-items-are-rejected", test_null_is_no_item);
  ADD ("copies-of-a-record-in-itself", test_copies_of_a_record_in_itself);
  ADD ("nesting-is-limited", test_nesting_has_an_end);
  ADD ("deep-members-are-equal", test_deep_members_are_equal);
  ADD ("many-unknown-members", test_many_unknown_members);
  ADD ("the-last-of-many-members-counts", test_the_last_of_many_members_counts);
  ADD ("numbers-as-text", test_numbers_as_text);
  ADD ("nested-records-have-the-client-and-the-call", test_parts_know_where_they_come_from);
  ADD ("fields-are-listed", test_fields_are_listed);
  ADD ("deprecated-fields-are-marked", test_deprecated_fields_are_marked);
  ADD ("tables-of-another-abi-are-read", test_tables_of_another_abi_are_read);
#undef ADD

  return g_test_run ();
}
