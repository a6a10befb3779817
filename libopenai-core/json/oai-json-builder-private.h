/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Builds a JSON document directly, without text that must be parsed.
 *
 *   OaiJsonBuilder *builder = oai_json_builder_new_object ();
 *
 *   oai_json_builder_add_string (builder, "type", type, -1);
 *   oai_json_builder_begin_array (builder, "items");
 *   oai_json_builder_add_node (builder, NULL, doc, node);
 *   oai_json_builder_end (builder);
 *   built = oai_json_builder_finish (builder);
 *
 * name is the name of a member, or NULL within an array.  Invalid UTF-8 and NUL in strings become
 * U+FFFD.  A document is limited to 4 GiB; a string that is larger than a quarter of the remaining
 * size becomes null. */

#pragma once

#include "oai-json-value-private.h"

G_BEGIN_DECLS

typedef struct _OaiJsonBuilder OaiJsonBuilder;

/* Creates a builder whose root is an open container. */
_OAI_INTERNAL
OaiJsonBuilder *oai_json_builder_new_object (void);
_OAI_INTERNAL
OaiJsonBuilder *oai_json_builder_new_array (void);
/* Creates a builder without a root, which the first value or container becomes. */
OaiJsonBuilder *oai_json_builder_new (void);
_OAI_INTERNAL
void oai_json_builder_free (OaiJsonBuilder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiJsonBuilder, oai_json_builder_free)
/* Closes all open containers, frees the builder, and returns the document. */
_OAI_INTERNAL
OaiJsonDoc *oai_json_builder_finish (OaiJsonBuilder *self);
/* The same, as text. */
_OAI_INTERNAL
char *oai_json_builder_finish_text (OaiJsonBuilder *self);

_OAI_INTERNAL
void oai_json_builder_begin_object (OaiJsonBuilder *self, const char *name);
_OAI_INTERNAL
void oai_json_builder_begin_array (OaiJsonBuilder *self, const char *name);
/* Opens a container with the members or elements of a value, to which others can be added.  It
 * shares long strings with the value, as oai_json_builder_add_value() does. */
_OAI_INTERNAL
void oai_json_builder_begin_value (OaiJsonBuilder *self, const char *name, OaiJsonValue *value);
/* Closes the innermost open container, which is not the root. */
_OAI_INTERNAL
void oai_json_builder_end (OaiJsonBuilder *self);

_OAI_INTERNAL
void oai_json_builder_add_null (OaiJsonBuilder *self, const char *name);
_OAI_INTERNAL
void oai_json_builder_add_boolean (OaiJsonBuilder *self, const char *name, gboolean value);
_OAI_INTERNAL
void oai_json_builder_add_int (OaiJsonBuilder *self, const char *name, gint64 value);
/* NaN and infinities become null. */
_OAI_INTERNAL
void oai_json_builder_add_double (OaiJsonBuilder *self, const char *name, double value);
/* length may be -1. */
_OAI_INTERNAL
void oai_json_builder_add_string (OaiJsonBuilder *self, const char *name, const char *text, gssize length);
/* Copies a value of a document with its elements or members; OAI_JSON_NONE becomes null. */
_OAI_INTERNAL
void oai_json_builder_add_node (OaiJsonBuilder *self, const char *name, OaiJsonDoc *doc, OaiJsonNode node);
/* Copies all members of an object into the open object. */
_OAI_INTERNAL
void oai_json_builder_add_members (OaiJsonBuilder *self, OaiJsonDoc *doc, OaiJsonNode object);
/* Adds a value; an absent one becomes null.  Its long strings are shared with the document; they are
 * copied when the value changes. */
_OAI_INTERNAL
void oai_json_builder_add_value (OaiJsonBuilder *self, const char *name, OaiJsonValue *value);

/* Creates a document of any value, in the same way. */
OaiJsonDoc *oai_json_doc_new_from_value (OaiJsonValue *value);

G_END_DECLS
