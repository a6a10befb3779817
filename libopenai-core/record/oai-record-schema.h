/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The schema tables of record types, and the accessors that generated getters and setters
 * call.  For generated code; not introspected.
 *
 * The tables can grow.  A schema begins with its size and the sizes of the rows of its arrays;
 * OAI_RECORD_SCHEMA_SIZES sets all three.  Core reads the members that it knows.  Members that an
 * older module does not have count as 0. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

/* The type of a field.  The values are part of the ABI: new types are added at the end. */
typedef enum
{
  OAI_FIELD_STRING,      /* const char *; wire enumerations are strings too */
  OAI_FIELD_INT,         /* gint64 */
  OAI_FIELD_NUMBER,      /* double */
  OAI_FIELD_BOOLEAN,     /* gboolean */
  OAI_FIELD_TIME,        /* gint64, seconds since 1970 */
  OAI_FIELD_JSON,        /* const char *: any JSON, as text */
  OAI_FIELD_MAP,         /* object of strings; as JSON text, and by key */
  OAI_FIELD_RECORD,      /* OaiRecord * of item_type */
  OAI_FIELD_RECORD_LIST, /* GPtrArray * of item_type */
  OAI_FIELD_STRING_LIST, /* const char * const * */
  OAI_FIELD_INT_LIST,    /* const gint64 *, length */
  OAI_FIELD_NUMBER_LIST, /* const double *, length */
  OAI_FIELD_FILE,        /* OaiInputFile *: a part of a multipart body */
  OAI_FIELD_FILE_LIST    /* GPtrArray * of OaiInputFile */
} OaiFieldType;

typedef enum
{
  OAI_FIELD_NONE = 0,
  OAI_FIELD_REQUIRED = 1 << 0,
  OAI_FIELD_NULLABLE = 1 << 1,    /* JSON null differs from an absent member */
  OAI_FIELD_ALTERNATIVE = 1 << 2, /* another type of the same member as the field before */
  OAI_FIELD_SECRET = 1 << 3,      /* redacted in printed text */
  OAI_FIELD_TAG = 1 << 4,         /* the discriminator of a union */
  OAI_FIELD_REPLY = 1 << 5,       /* only in replies; not sent if the record is part of a request */
  OAI_FIELD_DEPRECATED = 1 << 6
} OaiFieldFlags;

typedef struct
{
  const char *member;        /* name in JSON */
  const char *name;          /* name in this library, with dashes; name of the property if there is one */
  guint32 type;              /* OaiFieldType */
  guint32 flags;             /* OaiFieldFlags */
  GType (*item_type) (void); /* RECORD, RECORD_LIST: type or union of the records; else NULL */
} OaiField;

typedef struct
{
  const char *tag;      /* value of the discriminator */
  GType (*type) (void); /* type of the records with this tag */
  const char *untagged; /* a member that selects the case of an object without a tag, or NULL */
} OaiUnionCase;

typedef struct
{
  const char *member; /* another name in JSON, that counts if the field is absent */
  guint32 field;
} OaiMemberName;

typedef enum
{
  OAI_RECORD_SCHEMA_NONE = 0,
  OAI_RECORD_SCHEMA_WRITABLE = 1 << 0 /* part of requests: has setters */
} OaiRecordSchemaFlags;

struct _OaiRecordSchema
{
  gsize size;                /* of this struct */
  gsize field_size;          /* of a row of fields */
  gsize case_size;           /* of a row of cases */
  guint32 flags;             /* OaiRecordSchemaFlags */
  guint32 n_fields;
  const OaiField *fields;    /* begins with the fields of the parent type, in the same order */
  guint32 n_cases;
  guint32 tag_field;         /* of a union: index of the discriminator */
  const OaiUnionCase *cases; /* of a union: the types by tag */
  const char *tag;           /* of a type of a union: its tag */
  guint32 n_names;
  const OaiMemberName *names; /* in the order of precedence */
};

#define OAI_RECORD_SCHEMA_SIZES \
  .size = sizeof (OaiRecordSchema), .field_size = sizeof (OaiField), .case_size = sizeof (OaiUnionCase)

OAI_AVAILABLE_IN_1_0
gboolean oai_record_field_is_set (OaiRecord *self, guint field);

OAI_AVAILABLE_IN_1_0
const char *oai_record_get_field_string (OaiRecord *self, guint field);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_string (OaiRecord *self, guint field, const char *value);
OAI_AVAILABLE_IN_1_0
gint64 oai_record_get_field_int (OaiRecord *self, guint field);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_int (OaiRecord *self, guint field, gint64 value);
OAI_AVAILABLE_IN_1_0
double oai_record_get_field_number (OaiRecord *self, guint field);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_number (OaiRecord *self, guint field, double value);
OAI_AVAILABLE_IN_1_0
gboolean oai_record_get_field_boolean (OaiRecord *self, guint field);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_boolean (OaiRecord *self, guint field, gboolean value);
/* TIME fields. */
OAI_AVAILABLE_IN_1_0
GDateTime *oai_record_dup_field_date_time (OaiRecord *self, guint field);
/* JSON and MAP fields, as text. */
OAI_AVAILABLE_IN_1_0
const char *oai_record_get_field_json (OaiRecord *self, guint field);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_json (OaiRecord *self, guint field, const char *json);
OAI_AVAILABLE_IN_1_0
char *oai_record_dup_field_map_value (OaiRecord *self, guint field, const char *key);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_map_value (OaiRecord *self, guint field, const char *key, const char *value);
OAI_AVAILABLE_IN_1_0
gpointer oai_record_get_field_record (OaiRecord *self, guint field);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_record (OaiRecord *self, guint field, gpointer record);
/* RECORD_LIST and FILE_LIST fields; the list is never NULL. */
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_record_get_field_list (OaiRecord *self, guint field);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_list (OaiRecord *self, guint field, GPtrArray *list);
OAI_AVAILABLE_IN_1_0
void oai_record_add_field_item (OaiRecord *self, guint field, gpointer item);
OAI_AVAILABLE_IN_1_0
const char *const *oai_record_get_field_strv (OaiRecord *self, guint field);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_strv (OaiRecord *self, guint field, const char *const *value);
OAI_AVAILABLE_IN_1_0
const gint64 *oai_record_get_field_ints (OaiRecord *self, guint field, gsize *n_values);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_ints (OaiRecord *self, guint field, const gint64 *values, gsize n_values);
OAI_AVAILABLE_IN_1_0
const double *oai_record_get_field_numbers (OaiRecord *self, guint field, gsize *n_values);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_numbers (OaiRecord *self, guint field, const double *values, gsize n_values);
/* FILE fields hold an OaiInputFile. */
OAI_AVAILABLE_IN_1_0
gpointer oai_record_get_field_file (OaiRecord *self, guint field);
OAI_AVAILABLE_IN_1_0
void oai_record_set_field_file (OaiRecord *self, guint field, gpointer file);

/* Stores a text that a getter has built, and returns it.  It is valid until the getter builds another
 * one.  Takes text, which may be NULL.  name: of the getter; static */
OAI_AVAILABLE_IN_1_0
const char *oai_record_keep_text (OaiRecord *self, const char *name, char *text);

G_END_DECLS
