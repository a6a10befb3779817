/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The class of a field type: everything that is specific to one OaiFieldType.  Each type, or
 * family of types, has a source oai-field-*.c; oai-field-type-list.c lists them. */

#pragma once

#include "oai-json-types-private.h"
#include "oai-record-schema.h"

G_BEGIN_DECLS

/* A value in memory: one that a program has set, or one that a getter has made from JSON. */
typedef union
{
  char *text;       /* STRING; JSON text that a getter made: JSON, MAP */
  gint64 integer;   /* INT, TIME */
  double number;    /* NUMBER */
  gboolean boolean; /* BOOLEAN */
  gpointer object;  /* RECORD, FILE */
  GPtrArray *list;  /* RECORD_LIST, FILE_LIST */
  GStrv strv;       /* STRING_LIST */
  GArray *array;    /* INT_LIST, NUMBER_LIST */
} OaiFieldValue;

typedef enum
{
  OAI_FIELD_HOLDS_VALUES,
  OAI_FIELD_HOLDS_RECORDS,
  OAI_FIELD_HOLDS_FILES /* sent as parts of a form, and not part of the JSON */
} OaiFieldContent;

typedef enum
{
  OAI_WRITE_WHOLE = 0,
  OAI_WRITE_REDACTED = 1 << 0, /* secrets as "***" */
  OAI_WRITE_SENT = 1 << 1      /* without members of replies that requests do not take */
} OaiWriteFlags;

typedef void (*OaiFieldObjectFunc) (gpointer object, gpointer user_data);

/* Functions that are not needed are NULL. */
typedef struct
{
  const char *name; /* as OaiFieldInfo returns it */
  OaiFieldContent content;
  OaiJsonType json_type; /* of the value in memory, if it is a scalar; selects the member of the union */

  /* The GObject property. */
  GParamSpec *(*create_property) (const OaiField *field, GParamFlags flags);
  void (*get_property) (OaiRecord *record, guint field, GValue *value);
  void (*set_property) (OaiRecord *record, guint field, const GValue *value);

  /* The type of the objects that the field holds. */
  GType (*get_item_type) (const OaiField *field);
  /* Whether a JSON value has this type.  Lists are recognised by their first element. */
  gboolean (*accepts) (OaiJsonDoc *doc, OaiJsonNode node);
  /* Makes the records of the field from its JSON, if it has any. */
  void (*load) (OaiRecord *record, guint field);

  void (*write) (const OaiFieldValue *value, GString *out, OaiWriteFlags flags);
  void (*clear) (OaiFieldValue *value);
  /* FALSE when the value cannot be copied.  NULL: copied as it is in memory. */
  gboolean (*copy) (const OaiFieldValue *value, OaiFieldValue *copy);
  /* Whether two values are equal, of types that are not part of the JSON. */
  gboolean (*equal) (OaiRecord *a, OaiRecord *b, guint field);
  /* Of lists of objects: whether there are any.  An empty list may have been lent for an
   * absent member. */
  gboolean (*is_filled) (const OaiFieldValue *value);
  void (*foreach_object) (const OaiFieldValue *value, OaiFieldObjectFunc func, gpointer user_data);
} OaiFieldTypeClass;

G_END_DECLS
