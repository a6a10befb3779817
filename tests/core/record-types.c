/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "record-types.h"

#define DEFINE_RECORD(CamelName, lower_name, parent_type, Parent) \
  typedef struct \
  { \
    Parent parent; \
  } CamelName; \
  typedef struct \
  { \
    Parent##Class parent_class; \
  } CamelName##Class; \
  G_DEFINE_TYPE (CamelName, lower_name, parent_type) \
  static void \
  lower_name##_class_init (CamelName##Class *klass) \
  { \
    oai_record_class_set_schema (OAI_RECORD_CLASS (klass), &lower_name##_schema); \
  } \
  static void \
  lower_name##_init (CamelName *self) \
  { \
  }

static const OaiField usage_fields[] = {
  { "unit", "unit", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
  { "total", "total", OAI_FIELD_INT, OAI_FIELD_REQUIRED, NULL },
  { "key", "key", OAI_FIELD_STRING, OAI_FIELD_SECRET, NULL }
};

static const OaiMemberName usage_names[] = {
  { "sum", USAGE_TOTAL }
};

static const OaiRecordSchema test_usage_schema = {
  OAI_RECORD_SCHEMA_SIZES,
  .names = usage_names,
  .n_names = G_N_ELEMENTS (usage_names),
  .fields = usage_fields,
  .n_fields = G_N_ELEMENTS (usage_fields),
  .flags = OAI_RECORD_SCHEMA_WRITABLE
};

DEFINE_RECORD (TestUsage, test_usage, OAI_TYPE_RECORD, OaiRecord)

static const OaiField part_fields[] = {
  { "type", "type", OAI_FIELD_STRING, OAI_FIELD_TAG, NULL },
  { "note", "note", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
  { "text", "text", OAI_FIELD_STRING, OAI_FIELD_REQUIRED, NULL }
};

static const OaiUnionCase part_cases[] = {
  { "text", test_text_part_get_type, NULL },
  { "image", test_image_part_get_type, "url" }
};

static const OaiRecordSchema test_part_schema = {
  OAI_RECORD_SCHEMA_SIZES,
  .fields = part_fields,
  .n_fields = 2,
  .cases = part_cases,
  .n_cases = G_N_ELEMENTS (part_cases),
  .tag_field = PART_TYPE,
  .flags = OAI_RECORD_SCHEMA_WRITABLE
};

DEFINE_RECORD (TestPart, test_part, OAI_TYPE_RECORD, OaiRecord)

static const OaiRecordSchema test_text_part_schema = {
  OAI_RECORD_SCHEMA_SIZES,
  .fields = part_fields,
  .n_fields = 3,
  .tag = "text",
  .flags = OAI_RECORD_SCHEMA_WRITABLE
};

DEFINE_RECORD (TestTextPart, test_text_part, test_part_get_type (), TestPart)

static const OaiField image_part_fields[] = {
  { "type", "type", OAI_FIELD_STRING, OAI_FIELD_TAG, NULL },
  { "note", "note", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
  { "url", "url", OAI_FIELD_STRING, OAI_FIELD_REQUIRED, NULL },
  { "size", "size", OAI_FIELD_INT, OAI_FIELD_NONE, NULL }
};

static const OaiRecordSchema test_image_part_schema = {
  OAI_RECORD_SCHEMA_SIZES,
  .fields = image_part_fields,
  .n_fields = G_N_ELEMENTS (image_part_fields),
  .tag = "image",
  .flags = OAI_RECORD_SCHEMA_WRITABLE
};

DEFINE_RECORD (TestImagePart, test_image_part, test_part_get_type (), TestPart)

static const OaiField message_fields[N_MESSAGE_FIELDS] = {
  { "role", "role", OAI_FIELD_STRING, OAI_FIELD_REQUIRED, NULL },
  { "id", "id", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
  { "content", "content", OAI_FIELD_STRING, OAI_FIELD_NULLABLE, NULL },
  { "content", "content-parts", OAI_FIELD_RECORD_LIST, OAI_FIELD_ALTERNATIVE, test_part_get_type },
  { "stop", "stop", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
  { "stop", "stop-list", OAI_FIELD_STRING_LIST, OAI_FIELD_ALTERNATIVE, NULL },
  { "created", "created", OAI_FIELD_TIME, OAI_FIELD_NONE, NULL },
  { "n", "n", OAI_FIELD_INT, OAI_FIELD_NULLABLE, NULL },
  { "score", "score", OAI_FIELD_NUMBER, OAI_FIELD_NONE, NULL },
  { "flag", "flag", OAI_FIELD_BOOLEAN, OAI_FIELD_NONE, NULL },
  { "tags", "tags", OAI_FIELD_STRING_LIST, OAI_FIELD_NONE, NULL },
  { "metadata", "metadata", OAI_FIELD_MAP, OAI_FIELD_NONE, NULL },
  { "schema", "schema", OAI_FIELD_JSON, OAI_FIELD_NONE, NULL },
  { "secret", "secret", OAI_FIELD_STRING, OAI_FIELD_SECRET, NULL },
  { "usage", "usage", OAI_FIELD_RECORD, OAI_FIELD_NONE, test_usage_get_type },
  { "calls", "calls", OAI_FIELD_RECORD_LIST, OAI_FIELD_NONE, test_message_get_type },
  { "tokens", "tokens", OAI_FIELD_INT_LIST, OAI_FIELD_NONE, NULL },
  { "vector", "vector", OAI_FIELD_NUMBER_LIST, OAI_FIELD_NONE, NULL },
  { "file", "file", OAI_FIELD_FILE, OAI_FIELD_NONE, NULL },
  { "files", "files", OAI_FIELD_FILE_LIST, OAI_FIELD_NONE, NULL },
  { "arguments", "arguments", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL }
};

static const OaiMemberName message_names[] = {
  { "stops", MESSAGE_STOP },
  { "ends", MESSAGE_STOP }
};

static const OaiRecordSchema test_message_schema = {
  OAI_RECORD_SCHEMA_SIZES,
  .names = message_names,
  .n_names = G_N_ELEMENTS (message_names),
  .fields = message_fields,
  .n_fields = G_N_ELEMENTS (message_fields),
  .flags = OAI_RECORD_SCHEMA_WRITABLE
};

DEFINE_RECORD (TestMessage, test_message, OAI_TYPE_RECORD, OaiRecord)

static const OaiField reply_fields[] = {
  { "id", "id", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
  { "message", "message", OAI_FIELD_RECORD, OAI_FIELD_NONE, test_message_get_type },
  { "choices", "choices", OAI_FIELD_RECORD_LIST, OAI_FIELD_NONE, test_message_get_type }
};

static const OaiRecordSchema test_reply_schema = {
  OAI_RECORD_SCHEMA_SIZES,
  .fields = reply_fields,
  .n_fields = G_N_ELEMENTS (reply_fields)
};

DEFINE_RECORD (TestReply, test_reply, OAI_TYPE_RECORD, OaiRecord)
