/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions that are specific to one OaiFieldType.  The sources oai-field-*.c implement them;
 * oai-field-type-list.c lists them. */

#pragma once

#include "oai-json-types-private.h"
#include "oai-record-schema.h"

G_BEGIN_DECLS

/* A value in memory: set by the program, or created from JSON by a getter. */
typedef union
{
  char *text;       /* STRING; JSON, MAP: JSON text that a getter created */
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
  OAI_WRITE_REDACTED = 1 << 0, /* writes secrets as "***" */
  OAI_WRITE_SENT = 1 << 1,     /* omits members of replies that requests do not accept */
  OAI_WRITE_NO_SECRETS = 1 << 2 /* omits secrets */
} OaiWriteFlags;

typedef void (*OaiFieldObjectFunc) (gpointer object, gpointer user_data);

/* Optional functions are NULL. */
typedef struct
{
  const char *name; /* as OaiFieldInfo returns it */
  OaiFieldContent content;
  OaiJsonType json_type; /* of a scalar value in memory; selects the member of the union */

  /* The GObject property. */
  GParamSpec *(*create_property) (const OaiField *field, GParamFlags flags);
  void (*get_property) (OaiRecord *record, guint field, GValue *value);
  void (*set_property) (OaiRecord *record, guint field, const GValue *value);

  /* Returns the type of the objects that the field contains. */
  GType (*get_item_type) (const OaiField *field);
  /* Returns whether a JSON value has this type.  The type of a list is detected by its first
   * element. */
  gboolean (*accepts) (OaiJsonDoc *doc, OaiJsonNode node);
  /* Creates the records of the field from its JSON, if there is JSON. */
  void (*load) (OaiRecord *record, guint field);

  void (*write) (const OaiFieldValue *value, GString *out, OaiWriteFlags flags);
  void (*clear) (OaiFieldValue *value);
  /* Returns FALSE if the value cannot be copied.  If NULL, the memory of the value is copied. */
  gboolean (*copy) (const OaiFieldValue *value, OaiFieldValue *copy);
  /* Compares two values, for types that are not part of the JSON. */
  gboolean (*equal) (OaiRecord *a, OaiRecord *b, guint field);
  /* Returns whether a list of objects is not empty.  The getter of an absent member returns an
   * empty list. */
  gboolean (*is_filled) (const OaiFieldValue *value);
  void (*foreach_object) (const OaiFieldValue *value, OaiFieldObjectFunc func, gpointer user_data);
} OaiFieldTypeClass;

G_END_DECLS
