/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the parts of OaiRecord share; for oai-record*.c only.
 *
 * A record reads from a node of a document.  Per field there is a slot, made
 * when it is first needed; the slot of the first of several alternatives (the
 * head) also says where the member's value comes from.
 *
 * Several threads may read a record at the same time.  What a reader makes is
 * published when it is whole; the thread that comes second frees its own.  Whatever
 * sets a member needs the record for itself. */

#pragma once

#include "oai-atomic-map-private.h"
#include "oai-record-private.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_SLOT_SOURCE, /* a node: of the slot's own document, else of the record's */
  OAI_SLOT_VALUE,  /* the value of the slot that chosen tells */
  OAI_SLOT_NULL,
  OAI_SLOT_UNSET
} OaiSlotState;

typedef enum
{
  OAI_SLOT_IS_EMPTY,
  OAI_SLOT_IS_FILLED, /* at the moment, by a reader */
  OAI_SLOT_HAS_VALUE
} OaiSlotHasValue;

typedef union
{
  char *text; /* STRING; what a getter made of a node: STRING, JSON, MAP */
  gint64 integer;
  double number;
  gboolean boolean;
  gpointer object; /* RECORD, FILE */
  GPtrArray *list; /* RECORD_LIST, FILE_LIST */
  GStrv strv;
  GArray *array; /* INT_LIST, NUMBER_LIST */
} OaiSlotValue;

typedef struct
{
  OaiSlotValue value;
  OaiJsonDoc *doc; /* of a head */
  guint16 chosen;  /* of a head */
  guint8 state;    /* of a head */
  int has_value;   /* OaiSlotHasValue, atomic */
} OaiSlot;

static inline gboolean
oai_slot_has_value (OaiSlot *slot)
{
  return g_atomic_int_get (&slot->has_value) == OAI_SLOT_HAS_VALUE;
}

/* A member that the schema does not know and that was set or removed. */
typedef struct
{
  char *name;
  OaiJsonDoc *doc; /* NULL: removed */
} OaiExtra;

typedef struct
{
  OaiJsonDoc *doc;
  OaiJsonNode node;
  OaiJsonNode *nodes; /* of each head, or OAI_JSON_NONE; NULL until needed; atomic */
  OaiSlot *slots;     /* NULL until needed; atomic */
  GArray *extras;
  GHashTable *extra_places; /* name → place in extras + 1 */
  OaiAtomicMap texts; /* field → digits of a number that was set, and lent as text */
  OaiClient *client;
  OaiCall *call;
  guint from_wire : 1; /* what servers say is not validated */
} OaiRecordPrivate;

typedef struct
{
  guint field;
  const char *value;
} OaiRecordTag;

/* What is worked out once for a class. */
typedef struct
{
  GType type;
  guint16 *heads;
  GParamSpec **pspecs;
  OaiRecordTag *tags; /* those that the type stands for */
  guint n_tags;
  GHashTable *cases;  /* of a union: tag → OaiUnionCase */
  int holds_replies;  /* whether it or a type within has a REPLY field; 0 until it is looked for; atomic */
} OaiRecordInfo;

/* How a record is written. */
typedef enum
{
  OAI_WRITE_WHOLE = 0,
  OAI_WRITE_REDACTED = 1 << 0, /* without secrets */
  OAI_WRITE_SENT = 1 << 1      /* without what came with a reply and is not sent back */
} OaiWriteFlags;

typedef enum
{
  OAI_VIEW_ABSENT,
  OAI_VIEW_NULL,
  OAI_VIEW_NODE,
  OAI_VIEW_VALUE,
  OAI_VIEW_TAG
} OaiViewKind;

/* What a member is at the moment. */
typedef struct
{
  OaiViewKind kind;
  OaiJsonDoc *doc; /* NODE */
  OaiJsonNode node;
  guint field;     /* VALUE */
  const char *tag; /* TAG */
} OaiView;

/* The records that a thread is going through, one within the other: several
 * threads may send the same record. */
typedef struct _OaiRecordVisit OaiRecordVisit;
struct _OaiRecordVisit
{
  OaiRecord *record;
  OaiRecordVisit *outer;
  guint depth;
};

/* oai-record.c */
/* FALSE, and the visit did not begin, when the record is visited already, or is nested too
 * deep to be written. */
gboolean oai_record_enter (OaiRecord *self, OaiRecordVisit *visit);
void oai_record_leave (OaiRecordVisit *visit);
/* Why a record was not entered. */
void oai_record_warn_of_nesting (OaiRecord *self);
OaiRecordPrivate *oai_record_get_private (OaiRecord *self);
OaiJsonDoc *oai_record_to_doc (OaiRecord *self);

/* oai-record-class.c */
const OaiRecordInfo *oai_record_get_info (OaiRecord *self);
void oai_record_class_install (OaiRecordClass *klass);
/* Of a union: the type that the tag of the node tells; else the type itself. */
GType oai_record_find_case (GType type, OaiJsonDoc *doc, OaiJsonNode node);
/* Of a RECORD or a FILE, or of the elements of a list of them. */
GType oai_record_get_object_type (const OaiField *field);

static inline guint
oai_record_get_head (OaiRecord *self, guint field)
{
  return oai_record_get_info (self)->heads[field];
}

/* Whether field is the last alternative of its member. */
static inline gboolean
oai_record_is_last (const OaiRecordSchema *schema, guint field)
{
  return field + 1 == schema->n_fields || (schema->fields[field + 1].flags & OAI_FIELD_ALTERNATIVE) == 0;
}

/* oai-record-decode.c */
int oai_record_find_head (const OaiRecordSchema *schema, const char *name, guint hint);
void oai_record_view (OaiRecord *self, guint head, OaiView *view);
/* Of all fields; NULL where none was needed yet. */
OaiSlot *oai_record_peek_slots (OaiRecord *self);
OaiSlot *oai_record_ensure_slot (OaiRecord *self, guint field);
OaiSlot *oai_record_peek_value (OaiRecord *self, guint field);
gboolean oai_record_accepts (const OaiField *field, OaiJsonDoc *doc, OaiJsonNode node);
/* Whether the node is for another alternative than field. */
gboolean oai_record_is_other (OaiRecord *self, guint field, OaiJsonDoc *doc, OaiJsonNode node);
/* Text for a node where a string is expected and none is there; NULL where none will do. */
char *oai_record_make_text (OaiJsonDoc *doc, OaiJsonNode node);
char *oai_record_make_json (OaiJsonDoc *doc, OaiJsonNode node);
/* Without its fraction; 0 where 64 bits do not hold it. */
gint64 oai_record_truncate (double number);
gboolean oai_record_read_int (OaiJsonDoc *doc, OaiJsonNode node, gint64 *value);
gpointer oai_record_decode_record (OaiRecord *self, guint field, OaiJsonDoc *doc, OaiJsonNode node);
GPtrArray *oai_record_decode_list (OaiRecord *self, guint field, OaiJsonDoc *doc, OaiJsonNode node);
GStrv oai_record_decode_strv (OaiJsonDoc *doc, OaiJsonNode node);
GArray *oai_record_decode_ints (OaiJsonDoc *doc, OaiJsonNode node);
GArray *oai_record_decode_numbers (OaiJsonDoc *doc, OaiJsonNode node);

/* oai-record-slots.c */
void oai_record_clear_value (const OaiField *field, OaiSlotValue *value);
void oai_record_clear_slots (OaiRecord *self);
void oai_record_copy_slots (OaiRecord *self, OaiRecord *copy);
void oai_record_foreach_part (OaiRecord *self, void (*func) (OaiRecord *part, gpointer data), gpointer data);
/* Both take what they are given.  changed: whether that is to be told. */
void oai_record_put_value (OaiRecord *self, guint field, OaiSlotValue value, gboolean changed);
void oai_record_put_doc (OaiRecord *self, guint head, OaiJsonDoc *doc);
void oai_record_put_state (OaiRecord *self, guint head, OaiSlotState state);
gboolean oai_record_check_writable (OaiRecord *self);

/* oai-record-fields.c */
gboolean oai_record_check_field (OaiRecord *self, guint field);
const OaiField *oai_record_get_field (OaiRecord *self, guint field);
/* Whether the field can be set. */
gboolean oai_record_begin_set (OaiRecord *self, guint field);
/* Looks at the member of the field.  The slot where the value is, if it was set;
 * else view tells, and is absent where the member is another alternative's. */
OaiSlot *oai_record_look (OaiRecord *self, guint field, OaiView *view);
/* Stores what was made of a node; takes value. */
OaiSlot *oai_record_keep (OaiRecord *self, guint field, OaiSlotValue value);
void oai_record_unset_field (OaiRecord *self, guint field);

/* oai-record-members.c */
OaiExtra *oai_record_find_extra (OaiRecord *self, const char *name);
/* Takes doc; NULL removes the member. */
void oai_record_set_extra (OaiRecord *self, const char *name, OaiJsonDoc *doc);

/* oai-record-encode.c */
typedef void (*OaiRecordMemberFunc) (OaiRecord *self, const char *name, int head, OaiJsonDoc *doc, OaiJsonNode node, gpointer data);
void oai_record_foreach_member (OaiRecord *self, OaiRecordMemberFunc func, gpointer data);
void oai_record_write_value (OaiRecord *self, guint field, GString *out, OaiWriteFlags flags);
void oai_record_write_with_flags (OaiRecord *self, GString *out, OaiWriteFlags flags);
void oai_record_write_head (OaiRecord *self, guint head, GString *out, OaiWriteFlags flags);

G_END_DECLS
