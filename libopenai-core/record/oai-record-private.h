/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiRecord for other files of core, for the field types and for the writer.
 *
 * A record reads from a JSON value of a document.  Each field has a slot for a value in memory,
 * which was set by a setter, or created from the JSON by a getter.  Several fields may be
 * alternatives of one member; the first of them is the head, which represents the member.
 *
 * Several threads may read a record at the same time.  Getters store the values that they create
 * with an atomic operation; if two threads create the same value, one of them frees its copy.
 * While a thread changes a record, no other thread may use it. */

#pragma once

#include "oai-field-type-private.h"
#include "oai-json-doc-private.h"
#include "oai-record.h"

G_BEGIN_DECLS

/* Creates a record from a value of a document, and keeps a reference to the document.  If the type
 * is a union, the tag selects the type of the record.  client and call may be NULL; nested records
 * inherit them. */
_OAI_INTERNAL
OaiRecord *oai_record_new_from_doc (GType type, OaiJsonDoc *doc, OaiJsonNode node, OaiClient *client, OaiCall *call);
const OaiRecordSchema *oai_record_get_schema (OaiRecord *self);
void oai_record_set_origin (OaiRecord *self, OaiClient *client, OaiCall *call);
/* Gets the borrowed JSON of a member; returns FALSE if it is absent, or another value was set. */
_OAI_INTERNAL
gboolean oai_record_peek_member (OaiRecord *self, const char *member, OaiJsonDoc **doc, OaiJsonNode *node);
/* Unsets all members but these. */
_OAI_INTERNAL
void oai_record_keep_members (OaiRecord *self, const char *const *members);
/* Appends an element to a member that is a JSON array; returns FALSE if it is not. */
_OAI_INTERNAL
gboolean oai_record_append_element (OaiRecord *self, const char *member, const char *json);
/* Fails with OAI_ERROR_INVALID_ARGUMENT if a required member is not set. */
gboolean oai_record_validate (OaiRecord *self, GError **error);

/* Data of a class that is computed from its schema. */

typedef struct
{
  guint field;
  const char *value;
  const char *untagged; /* a member that selects the type without a tag, or NULL */
} OaiRecordTag;

typedef struct
{
  GType type;
  guint16 *heads;                  /* field → head of its alternatives */
  guint16 *ends;                   /* head → field after its alternatives */
  const OaiFieldTypeClass **types; /* of the fields */
  GParamSpec **pspecs;             /* of the fields, or NULL */
  OaiRecordTag *tags;              /* the tags of the type in its unions */
  guint n_tags;
  GHashTable *cases;               /* of a union: tag → OaiUnionCase */
  int has_replies;                 /* for the writer: whether there is a REPLY field in the type or its parts; atomic */
} OaiRecordInfo;

const OaiRecordInfo *oai_record_get_info (OaiRecord *self);
/* These values are atomic, since another thread may be initialising the class. */
const OaiRecordInfo *oai_record_class_get_info (OaiRecordClass *klass);
const OaiRecordSchema *oai_record_class_get_schema (OaiRecordClass *klass);
void oai_record_class_set_info (OaiRecordClass *klass, const OaiRecordSchema *schema, OaiRecordInfo *info);

/* The current value of a member. */

typedef enum
{
  OAI_VIEW_ABSENT,
  OAI_VIEW_NULL,
  OAI_VIEW_NODE,  /* JSON */
  OAI_VIEW_VALUE, /* a value that was set */
  OAI_VIEW_TAG    /* the tag of the type, which was not set */
} OaiViewKind;

typedef struct
{
  OaiViewKind kind;
  OaiJsonDoc *doc; /* NODE */
  OaiJsonNode node;
  guint field;     /* VALUE */
  const char *tag; /* TAG */
} OaiView;

/* Returns the head of a member, or -1 if the schema does not contain it. */
int oai_record_find_member (OaiRecord *self, const char *member);
/* Gets the JSON of a member that the schema does not contain; returns FALSE if it is absent. */
gboolean oai_record_find_unknown_member (OaiRecord *self, const char *member, OaiJsonDoc **doc, OaiJsonNode *node);
void oai_record_view (OaiRecord *self, guint head, OaiView *view);
/* Calls func for each member that has a value in JSON: first the members of the record's JSON, in
 * their order.  For members that the schema does not contain, head is -1, and doc and node are the
 * value. */
typedef void (*OaiRecordMemberFunc) (OaiRecord *self, const char *name, int head, OaiJsonDoc *doc, OaiJsonNode node, gpointer user_data);
void oai_record_foreach_member (OaiRecord *self, OaiRecordMemberFunc func, gpointer user_data);
/* Gets the JSON that the record was created from; returns FALSE if there is none. */
gboolean oai_record_get_source (OaiRecord *self, OaiJsonDoc **doc, OaiJsonNode *node);
gboolean oai_record_is_from_server (OaiRecord *self);
/* Marks a record that was created from JSON of the program. */
void oai_record_set_from_program (OaiRecord *self);
/* Returns whether a member was set or removed. */
gboolean oai_record_is_head_changed (OaiRecord *self, guint head);
/* Returns whether a nested record that was created from the JSON was changed. */
gboolean oai_record_has_changed_parts (OaiRecord *self);
/* Finds the field of a member whose records are in memory: they may have been changed, and so
 * replace the JSON. */
gboolean oai_record_find_part (OaiRecord *self, guint head, const OaiView *view, guint *field);

/* For the accessors of field types. */

gboolean oai_record_check_field (OaiRecord *self, guint field);
const OaiField *oai_record_get_field (OaiRecord *self, guint field);
/* Returns whether the field can be set; emits a critical warning if not. */
gboolean oai_record_begin_set (OaiRecord *self, guint field);
/* Returns the value of a field that was set, or NULL and the view of its member.  If the member has
 * the type of another alternative, the view is absent. */
const OaiFieldValue *oai_record_look (OaiRecord *self, guint field, OaiView *view);
/* Returns the value in memory, or NULL. */
const OaiFieldValue *oai_record_peek_value (OaiRecord *self, guint field);
/* Stores a value that was created from JSON.  Takes ownership of it, and returns the stored value,
 * which may be that of another thread. */
const OaiFieldValue *oai_record_keep (OaiRecord *self, guint field, OaiFieldValue value);
/* Creates a nested record of a field. */
OaiRecord *oai_record_new_part (OaiRecord *self, guint field, OaiJsonDoc *doc, OaiJsonNode node);
/* Sets a field.  Takes ownership of value.  changed: whether to notify. */
void oai_record_put_value (OaiRecord *self, guint field, OaiFieldValue value, gboolean changed);
/* Sets the member of a field to JSON.  Takes ownership of doc. */
void oai_record_put_doc (OaiRecord *self, guint field, OaiJsonDoc *doc);
void oai_record_unset_field (OaiRecord *self, guint field);
/* Returns whether object has the type of the field; emits a critical warning if not. */
gboolean oai_record_check_object (OaiRecord *self, guint field, gpointer object);

/* The stack of records that a thread visits, which detects records that contain themselves.
 * Several threads may visit the same record. */
typedef struct _OaiRecordVisit OaiRecordVisit;
struct _OaiRecordVisit
{
  OaiRecord *record;
  OaiRecordVisit *outer;
  guint depth;
};

/* Begins a visit.  Returns FALSE if the thread already visits the record, or the nesting is too
 * deep. */
gboolean oai_record_enter (OaiRecord *self, OaiRecordVisit *visit);
void oai_record_leave (OaiRecordVisit *visit);
/* Emits a critical warning about a record that could not be entered. */
void oai_record_warn_of_nesting (OaiRecord *self);

G_END_DECLS
