/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the rest of the library uses of OaiRecord, and what the field types and the writer use.
 *
 * A record reads from a JSON value of a document.  Each field has a slot for a value in memory,
 * which a setter has set or a getter has made from the JSON.  Several fields may be
 * alternatives of one member; the first of them is the head, which stands for the member.
 *
 * Several threads may read a record at the same time.  Values that readers make are published
 * atomically; the second thread that makes one frees its own.  While a thread changes a
 * record, no other may use it. */

#pragma once

#include "oai-field-type-private.h"
#include "oai-json-doc-private.h"
#include "oai-record.h"

G_BEGIN_DECLS

/* Makes a record from a value of a document, a reference to which is kept; of a union, the
 * type that has its tag.  client and call may be NULL; nested records inherit them. */
_OAI_INTERNAL
OaiRecord *oai_record_new_from_node (GType type, OaiJsonDoc *doc, OaiJsonNode node, OaiClient *client, OaiCall *call);
const OaiRecordSchema *oai_record_get_schema (OaiRecord *self);
void oai_record_set_origin (OaiRecord *self, OaiClient *client, OaiCall *call);
/* The JSON of a member, borrowed; FALSE if it has none, or another value was set. */
_OAI_INTERNAL
gboolean oai_record_peek_member (OaiRecord *self, const char *member, OaiJsonDoc **doc, OaiJsonNode *node);
/* Appends an element to a member that is a JSON array; FALSE, and nothing changes, if it is not. */
_OAI_INTERNAL
gboolean oai_record_append_element (OaiRecord *self, const char *member, const char *json);
/* Whether all required members are set; the error is INVALID_ARGUMENT. */
gboolean oai_record_validate (OaiRecord *self, GError **error);

/* What a class computes from its schema. */

typedef struct
{
  guint field;
  const char *value;
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
/* Of a class, which another thread may be initialising. */
const OaiRecordInfo *oai_record_class_get_info (OaiRecordClass *klass);
const OaiRecordSchema *oai_record_class_get_schema (OaiRecordClass *klass);
void oai_record_class_set_info (OaiRecordClass *klass, const OaiRecordSchema *schema, OaiRecordInfo *info);

/* What a member is at the moment. */

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

/* The head of a member, or -1 if the schema does not know it. */
int oai_record_find_member (OaiRecord *self, const char *member);
/* The JSON of a member that the schema does not know; FALSE if it is absent. */
gboolean oai_record_find_unknown_member (OaiRecord *self, const char *member, OaiJsonDoc **doc, OaiJsonNode *node);
void oai_record_view (OaiRecord *self, guint head, OaiView *view);
/* Calls func for each member that has a value in JSON: those of the record's JSON first, in
 * their order.  head is -1, and doc and node are the value, of members unknown to the schema. */
typedef void (*OaiRecordMemberFunc) (OaiRecord *self, const char *name, int head, OaiJsonDoc *doc, OaiJsonNode node, gpointer user_data);
void oai_record_foreach_member (OaiRecord *self, OaiRecordMemberFunc func, gpointer user_data);
/* The JSON that the record was made from; FALSE if there is none. */
gboolean oai_record_get_source (OaiRecord *self, OaiJsonDoc **doc, OaiJsonNode *node);
gboolean oai_record_is_from_server (OaiRecord *self);
/* For records from JSON of the program. */
void oai_record_set_from_program (OaiRecord *self);
/* Whether a member was set or removed, or is still what the record was made from. */
gboolean oai_record_is_head_changed (OaiRecord *self, guint head);
/* Whether a record that was made from the JSON of this one was changed. */
gboolean oai_record_has_changed_parts (OaiRecord *self);
/* The field of a member whose records in memory replace its JSON, as they may have changed. */
gboolean oai_record_find_part (OaiRecord *self, guint head, const OaiView *view, guint *field);

/* For the accessors of field types. */

gboolean oai_record_check_field (OaiRecord *self, guint field);
const OaiField *oai_record_get_field (OaiRecord *self, guint field);
/* Whether the field can be set; if not, it is reported. */
gboolean oai_record_begin_set (OaiRecord *self, guint field);
/* Looks at the member of a field.  Returns the value that was set, or NULL and the view, which
 * is absent where the member has the type of another alternative. */
const OaiFieldValue *oai_record_look (OaiRecord *self, guint field, OaiView *view);
/* The value in memory, or NULL. */
const OaiFieldValue *oai_record_peek_value (OaiRecord *self, guint field);
/* Stores a value that was made from JSON; takes it, and returns the one that is stored. */
const OaiFieldValue *oai_record_keep (OaiRecord *self, guint field, OaiFieldValue value);
/* A nested record of a field. */
OaiRecord *oai_record_new_part (OaiRecord *self, guint field, OaiJsonDoc *doc, OaiJsonNode node);
/* Sets a field; takes value.  changed: whether to notify. */
void oai_record_put_value (OaiRecord *self, guint field, OaiFieldValue value, gboolean changed);
/* Sets the member of a field to JSON; takes doc. */
void oai_record_put_doc (OaiRecord *self, guint field, OaiJsonDoc *doc);
void oai_record_unset_field (OaiRecord *self, guint field);
/* Whether object has the type that the field takes; if not, it is reported. */
gboolean oai_record_check_object (OaiRecord *self, guint field, gpointer object);

/* The records that a thread is visiting, each within the one before: detects records that
 * contain themselves.  Several threads may visit the same record. */
typedef struct _OaiRecordVisit OaiRecordVisit;
struct _OaiRecordVisit
{
  OaiRecord *record;
  OaiRecordVisit *outer;
  guint depth;
};

/* FALSE, and the visit did not begin, when the record is being visited or is nested too deep. */
gboolean oai_record_enter (OaiRecord *self, OaiRecordVisit *visit);
void oai_record_leave (OaiRecordVisit *visit);
/* Reports why a record was not entered. */
void oai_record_warn_of_nesting (OaiRecord *self);

G_END_DECLS
