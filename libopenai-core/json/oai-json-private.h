/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reader that replies are decoded by: bytes are parsed where they lie into
 * a flat tape of nodes; strings are unescaped in place and NUL-terminated, so
 * that they can be borrowed as C strings for as long as the document lives. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef struct _OaiJsonDoc OaiJsonDoc;
typedef guint32 OaiJsonNode; /* index on the tape; the root is 0 */

#define OAI_JSON_NONE G_MAXUINT32

typedef enum
{
  OAI_JSON_INVALID, /* type of OAI_JSON_NONE */
  OAI_JSON_NULL,
  OAI_JSON_BOOLEAN,
  OAI_JSON_INT,
  OAI_JSON_DOUBLE,
  OAI_JSON_STRING,
  OAI_JSON_ARRAY,
  OAI_JSON_OBJECT
} OaiJsonType;

typedef enum
{
  OAI_JSON_STRICT = 0,
  OAI_JSON_TOLERANT = 1 << 0, /* for what servers send: NaN, Infinity, bad UTF-8, raw control characters, a BOM */
  OAI_JSON_PREFIX = 1 << 1,   /* stop after the first value; oai_json_doc_get_consumed tells where */
  OAI_JSON_OWN = 1 << 2       /* for what was put together here: 2048 levels of nesting */
} OaiJsonFlags;

/* Strings hold no NUL and no invalid UTF-8, whatever came: an escaped NUL reads
 * as U+FFFD, and so do, where tolerated, a bare one, half a surrogate pair and
 * each bad sequence of bytes (STRICT refuses those).  An integer that 64 bits
 * cannot hold is a DOUBLE that keeps its digits.  Tolerated, NaN, Infinity and
 * -Infinity are DOUBLEs of those values that are written back as null.  Nesting
 * beyond 512 levels and 4 GiB are refused.  Errors tell the byte and what was
 * expected there, never what was found: OAI_ERROR_PROTOCOL for tolerated JSON,
 * which comes from servers, OAI_ERROR_INVALID_ARGUMENT for strict.
 *
 * Any number of threads may read a document at the same time.  What was borrowed
 * stays as it is for as long as the document lives. */

/* An empty document to parse into again and again; memory is reused. */
_OAI_INTERNAL
OaiJsonDoc *oai_json_doc_new (void);
/* Parses data, which is overwritten, is not owned and must outlive the use of the document. */
_OAI_INTERNAL
gboolean oai_json_doc_parse (OaiJsonDoc *doc, char *data, gsize length, OaiJsonFlags flags, GError **error);
/* Documents that own their bytes. */
_OAI_INTERNAL
OaiJsonDoc *oai_json_doc_new_copy (const char *data, gssize length, OaiJsonFlags flags, GError **error);
_OAI_INTERNAL
OaiJsonDoc *oai_json_doc_new_take (char *data, gsize length, OaiJsonFlags flags, GError **error);
_OAI_INTERNAL
OaiJsonDoc *oai_json_doc_ref (OaiJsonDoc *doc);
_OAI_INTERNAL
void oai_json_doc_unref (OaiJsonDoc *doc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiJsonDoc, oai_json_doc_unref)
/* Whether there are other references. */
_OAI_INTERNAL
gboolean oai_json_doc_is_shared (OaiJsonDoc *doc);
/* Adds an element to the document, which is an array, owns its bytes and is not shared.
 * Takes time by the size of the element.  Not for arrays of numbers. */
_OAI_INTERNAL
gboolean oai_json_doc_append (OaiJsonDoc *doc, const char *json, GError **error);
_OAI_INTERNAL
gsize oai_json_doc_get_consumed (OaiJsonDoc *doc);

/* All take OAI_JSON_NONE and answer as for an absent value. */
_OAI_INTERNAL
OaiJsonType oai_json_get_type (OaiJsonDoc *doc, OaiJsonNode node);
/* NULL unless a string; length may be NULL. */
_OAI_INTERNAL
const char *oai_json_get_string (OaiJsonDoc *doc, OaiJsonNode node, gsize *length);
/* FALSE unless a number that fits (a double with no fraction counts as an integer; tolerant: digits in a string do not). */
_OAI_INTERNAL
gboolean oai_json_get_int (OaiJsonDoc *doc, OaiJsonNode node, gint64 *value);
_OAI_INTERNAL
gboolean oai_json_get_double (OaiJsonDoc *doc, OaiJsonNode node, double *value);
_OAI_INTERNAL
gboolean oai_json_get_boolean (OaiJsonDoc *doc, OaiJsonNode node, gboolean *value);
/* Elements of an array, members of an object. */
_OAI_INTERNAL
guint oai_json_get_size (OaiJsonDoc *doc, OaiJsonNode node);
_OAI_INTERNAL
OaiJsonNode oai_json_get_member (OaiJsonDoc *doc, OaiJsonNode object, const char *name);
/* Several members at once. */
#define OAI_JSON_MAX_NAMES 4
_OAI_INTERNAL
void oai_json_get_members (OaiJsonDoc *doc, OaiJsonNode object, const char *const *names, OaiJsonNode *found, guint n_names);
/* Of the first element of an array; for one of numbers, either type of number. */
_OAI_INTERNAL
OaiJsonType oai_json_get_first_type (OaiJsonDoc *doc, OaiJsonNode array);
/* "choices.0.delta" without allocation: each step a member or an index. */
_OAI_INTERNAL
OaiJsonNode oai_json_get_element (OaiJsonDoc *doc, OaiJsonNode array, guint index);

/* 32-bit floats in the machine's order: of an array of numbers, or of base64 text of
 * little-endian floats. NULL when it is neither.  Long text is decoded in its place,
 * unless it was borrowed before. */
_OAI_INTERNAL
GBytes *oai_json_dup_floats (OaiJsonDoc *doc, OaiJsonNode node);

/* Takes text that was made of the node, and returns it or the same that was kept before, borrowed. */
_OAI_INTERNAL
const char *oai_json_keep_text (OaiJsonDoc *doc, OaiJsonNode node, char *text);
/* What was kept, or NULL. */
_OAI_INTERNAL
const char *oai_json_peek_text (OaiJsonDoc *doc, OaiJsonNode node);

typedef struct
{
  OaiJsonDoc *doc;
  OaiJsonNode next;
  guint left;
  gboolean object;
} OaiJsonIter;

/* Over an array or an object; nothing to iterate for any other node. */
_OAI_INTERNAL
void oai_json_iter_init (OaiJsonIter *iter, OaiJsonDoc *doc, OaiJsonNode container);
/* Over the members of an object, all of which have names; nothing to iterate for any other node. */
_OAI_INTERNAL
void oai_json_iter_init_members (OaiJsonIter *iter, OaiJsonDoc *doc, OaiJsonNode object);
/* name: NULL for arrays; may be NULL.  Duplicate members are all seen; get_member takes the last. */
_OAI_INTERNAL
gboolean oai_json_iter_next (OaiJsonIter *iter, const char **name, OaiJsonNode *value);

/* For tables of names that servers choose: no server knows what its hashes are. */
_OAI_INTERNAL
guint oai_json_hash_name (gconstpointer name);

/* Serialises; a number keeps its digits as they came. */
_OAI_INTERNAL
void oai_json_write_node (GString *out, OaiJsonDoc *doc, OaiJsonNode node);
_OAI_INTERNAL
void oai_json_write_string (GString *out, const char *text, gssize length);
_OAI_INTERNAL
void oai_json_write_int (GString *out, gint64 value);
/* Shortest text that reads back the same, in any locale; NaN and infinities as null. */
_OAI_INTERNAL
void oai_json_write_double (GString *out, double value);

typedef enum
{
  OAI_JSON_PARTIAL_NUMBERS, /* an unfinished string is left out, a number taken as it is */
  OAI_JSON_PARTIAL_STRINGS  /* an unfinished string is closed, a number left out that may go on */
} OaiJsonPartial;

/* JSON whose end has not arrived yet, made whole with as much of it as can be; NULL
 * when there is nothing.  The text may still be wrong where it is not cut off. */
_OAI_INTERNAL
char *oai_json_complete (const char *text, OaiJsonPartial what);

/* A value that grows: what streamed deltas are folded into. */
typedef struct _OaiJsonValue OaiJsonValue;

_OAI_INTERNAL
OaiJsonValue *oai_json_value_new_object (void);
_OAI_INTERNAL
OaiJsonValue *oai_json_value_new_from_node (OaiJsonDoc *doc, OaiJsonNode node);
_OAI_INTERNAL
void oai_json_value_free (OaiJsonValue *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiJsonValue, oai_json_value_free)
_OAI_INTERNAL
OaiJsonType oai_json_value_get_type (OaiJsonValue *value);
/* Borrowed; NULL when absent. */
_OAI_INTERNAL
OaiJsonValue *oai_json_value_get_member (OaiJsonValue *object, const char *name);
_OAI_INTERNAL
OaiJsonValue *oai_json_value_get_element (OaiJsonValue *array, guint index);
_OAI_INTERNAL
guint oai_json_value_get_size (OaiJsonValue *container);
_OAI_INTERNAL
const char *oai_json_value_get_string (OaiJsonValue *value, gsize *length);
_OAI_INTERNAL
gboolean oai_json_value_get_int (OaiJsonValue *value, gint64 *number);
/* Takes child; returns it, borrowed. */
_OAI_INTERNAL
OaiJsonValue *oai_json_value_set_member (OaiJsonValue *object, const char *name, OaiJsonValue *child);
_OAI_INTERNAL
OaiJsonValue *oai_json_value_append (OaiJsonValue *array, OaiJsonValue *child);
_OAI_INTERNAL
OaiJsonValue *oai_json_value_new_string (const char *text, gssize length);
_OAI_INTERNAL
OaiJsonValue *oai_json_value_new_array (void);
/* Amortised: cheap for each of many small pieces.  The value must be a string. */
_OAI_INTERNAL
void oai_json_value_append_string (OaiJsonValue *value, const char *text, gssize length);
/* accumulate_delta of the official SDKs: absent set, "index" and "type" replaced,
 * strings joined, numbers added, objects merged, arrays of objects merged by their
 * index, which each must have, other arrays extended, null leaves what there is.
 * FALSE with an error where the two do not fit. */
_OAI_INTERNAL
gboolean oai_json_value_accumulate (OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode delta, GError **error);
_OAI_INTERNAL
void oai_json_write_value (GString *out, OaiJsonValue *value);

G_END_DECLS
