/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A JSON value that can be changed.  Streams merge deltas into it. */

#pragma once

#include "oai-json-types-private.h"

G_BEGIN_DECLS

typedef struct _OaiJsonValue OaiJsonValue;

_OAI_INTERNAL
OaiJsonValue *oai_json_value_new_object (void);
_OAI_INTERNAL
OaiJsonValue *oai_json_value_new_array (void);
_OAI_INTERNAL
OaiJsonValue *oai_json_value_new_string (const char *text, gssize length);
G_GNUC_INTERNAL
OaiJsonValue *oai_json_value_new_boolean (gboolean boolean);
_OAI_INTERNAL
OaiJsonValue *oai_json_value_new_int (gint64 number);
_OAI_INTERNAL
OaiJsonValue *oai_json_value_new_from_node (OaiJsonDoc *doc, OaiJsonNode node);
_OAI_INTERNAL
void oai_json_value_free (OaiJsonValue *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiJsonValue, oai_json_value_free)

/* All getters accept NULL, which is an absent value. */
_OAI_INTERNAL
OaiJsonType oai_json_value_get_type (OaiJsonValue *value);
/* Returns a borrowed value; NULL if it is absent. */
_OAI_INTERNAL
OaiJsonValue *oai_json_value_get_member (OaiJsonValue *object, const char *name);
/* Returns a member by its position; name is borrowed. */
G_GNUC_INTERNAL
OaiJsonValue *oai_json_value_get_nth_member (OaiJsonValue *object, guint position, const char **name);
_OAI_INTERNAL
OaiJsonValue *oai_json_value_get_element (OaiJsonValue *array, guint index);
_OAI_INTERNAL
guint oai_json_value_get_size (OaiJsonValue *container);
_OAI_INTERNAL
const char *oai_json_value_get_string (OaiJsonValue *value, gsize *length);
_OAI_INTERNAL
gboolean oai_json_value_get_int (OaiJsonValue *value, gint64 *number);

G_GNUC_INTERNAL
gboolean oai_json_value_get_boolean (OaiJsonValue *value);

/* These functions take ownership of child, and return it borrowed. */
_OAI_INTERNAL
OaiJsonValue *oai_json_value_set_member (OaiJsonValue *object, const char *name, OaiJsonValue *child);
_OAI_INTERNAL
OaiJsonValue *oai_json_value_append (OaiJsonValue *array, OaiJsonValue *child);
/* index: from 0 to the size of the array. */
G_GNUC_INTERNAL
OaiJsonValue *oai_json_value_insert (OaiJsonValue *array, guint index, OaiJsonValue *child);
/* Returns the last element whose member has this text; NULL if there is none.  member must be the
 * same in all calls for an array. */
_OAI_INTERNAL
OaiJsonValue *oai_json_value_find_element (OaiJsonValue *array, const char *member, const char *text);
/* Returns the element that this function added for the index; adds an empty object if there is none. */
G_GNUC_INTERNAL
OaiJsonValue *oai_json_value_ensure_indexed (OaiJsonValue *array, gint64 index);
/* The number of repeats that a caller counts for a string; 0 at first.  It is not written. */
G_GNUC_INTERNAL
int oai_json_value_get_repeats (OaiJsonValue *string);
G_GNUC_INTERNAL
void oai_json_value_set_repeats (OaiJsonValue *string, int repeats);
/* Replaces the content of value with that of other.  Takes ownership of other. */
_OAI_INTERNAL
void oai_json_value_assign (OaiJsonValue *value, OaiJsonValue *other);
/* Appends to a string, in amortised constant time for each byte. */
_OAI_INTERNAL
void oai_json_value_append_string (OaiJsonValue *value, const char *text, gssize length);
/* Returns the text of a string with its NUL, without a copy.  The bytes do not change when the value
 * does. */
GBytes *oai_json_value_share_string (OaiJsonValue *value);
/* Merges a delta as accumulate_delta of the official SDKs does: absent members are set,
 * "index" and "type" are replaced, strings are joined, numbers added, objects merged,
 * arrays of objects merged by the index that each element must have, other arrays extended;
 * null changes nothing.  Fails if the types differ.  oai_delta_fold_known() instead replaces numbers
 * and values of another type, and joins "type" like other strings, for members that the API
 * description declares as deltas. */
_OAI_INTERNAL
gboolean oai_json_value_accumulate (OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode delta, GError **error);

_OAI_INTERNAL
void oai_json_write_value (GString *out, OaiJsonValue *value);

G_END_DECLS
