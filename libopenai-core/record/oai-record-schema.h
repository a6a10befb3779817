/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What compiled API descriptions say to core: the schema tables of records,
 * and the accessors that their one-line getters and setters call.  For module
 * authors; programs never need it, and it is not introspected. */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

/* The alternatives a member can hold.  Scalars first. */
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
  OAI_FIELD_NULLABLE = 1 << 1,    /* JSON null is a value of its own */
  OAI_FIELD_ALTERNATIVE = 1 << 2, /* the same member as the field before, of another type */
  OAI_FIELD_SECRET = 1 << 3,      /* left out of what is printed */
  OAI_FIELD_TAG = 1 << 4,         /* the discriminator of a union */
  OAI_FIELD_REPLY = 1 << 5        /* not sent back where it came with a reply */
} OaiFieldFlags;

typedef struct
{
  const char *member;         /* name on the wire */
  const char *property;       /* GObject property, or NULL where lists have none */
  guint8 type;                /* OaiFieldType */
  guint8 flags;               /* OaiFieldFlags */
  GType (*item_type) (void);  /* records, lists of records: their type or union */
} OaiField;

typedef struct
{
  const char *tag;            /* value of the discriminator */
  GType (*type) (void);
} OaiUnionCase;

struct _OaiRecordSchema
{
  const OaiField *fields;     /* those of the parent type first, in its order */
  guint n_fields;
  const OaiUnionCase *cases;  /* of a union: the types by tag */
  guint n_cases;
  guint tag_field;            /* of a union: index of the discriminator */
  const char *tag;            /* of a member of a union: its own tag */
  gboolean writable;
};

/* In class_init of a generated type: stores the schema, installs the properties
 * that the parent type does not have. */
OAI_AVAILABLE_IN_1_0
void oai_record_class_set_schema (OaiRecordClass *klass, const OaiRecordSchema *schema);

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
/* Of a TIME field; NULL when absent. */
OAI_AVAILABLE_IN_1_0
GDateTime *oai_record_dup_field_date_time (OaiRecord *self, guint field);
/* JSON and MAP fields, as text; text that is no JSON is refused with a critical. */
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
/* Borrowed, never NULL: an absent list is empty.  Also FILE_LIST. */
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

G_END_DECLS
