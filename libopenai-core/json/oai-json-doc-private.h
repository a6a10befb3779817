/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Documents: JSON text that was parsed in place into a flat tape of values.  Strings are
 * unescaped in place and NUL-terminated, so that they can be borrowed as C strings for as
 * long as the document lives.
 *
 * Strings contain no NUL and no invalid UTF-8: an escaped NUL reads as U+FFFD, and so do,
 * with TOLERANT, a raw NUL, a lone surrogate and each invalid sequence of bytes (errors with
 * STRICT).  An integer that does not fit 64 bits is a DOUBLE that keeps its digits. With TOLERANT,
 * NaN, Infinity and -Infinity are DOUBLEs of these values; they are written as null.  Nesting
 * beyond 512 levels and text of 4 GiB or more are errors.  Error messages contain the position of
 * the byte and what was expected there, but never the text: OAI_ERROR_PROTOCOL with TOLERANT, since
 * that text comes from servers, OAI_ERROR_INVALID_ARGUMENT with STRICT.
 *
 * Any number of threads may read a document at the same time.  Borrowed strings do not
 * change while the document lives. */

#pragma once

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* An empty document, into which text can be parsed repeatedly; memory is reused. */
OaiJsonDoc *oai_json_doc_new (void);
/* Parses data in place, which overwrites it.  data is not owned, and must be valid as long as the
 * document is used. */
gboolean oai_json_doc_parse (OaiJsonDoc *doc, char *data, gsize length, OaiJsonFlags flags, GError **error);
/* Documents that own their bytes. */
_OAI_INTERNAL
OaiJsonDoc *oai_json_doc_new_copy (const char *data, gssize length, OaiJsonFlags flags, GError **error);
OaiJsonDoc *oai_json_doc_new_take (char *data, gsize length, OaiJsonFlags flags, GError **error);
/* Copies a document of which no values were borrowed.  The copy owns its bytes. */
OaiJsonDoc *oai_json_doc_dup (OaiJsonDoc *doc);
_OAI_INTERNAL
OaiJsonDoc *oai_json_doc_ref (OaiJsonDoc *doc);
_OAI_INTERNAL
void oai_json_doc_unref (OaiJsonDoc *doc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiJsonDoc, oai_json_doc_unref)
/* Returns whether there are other references. */
gboolean oai_json_doc_is_shared (OaiJsonDoc *doc);
/* Appends an element to the document, which is an array, owns its bytes and is not shared.
 * The cost depends on the size of the element only.  Arrays of numbers are not supported. */
gboolean oai_json_doc_append (OaiJsonDoc *doc, const char *json, GError **error);
/* Returns the length of the text that was parsed. */
gsize oai_json_doc_get_consumed (OaiJsonDoc *doc);

/* The following functions accept OAI_JSON_NONE, which is an absent value. */
_OAI_INTERNAL
OaiJsonType oai_json_get_type (OaiJsonDoc *doc, OaiJsonNode node);
/* Returns NULL if the value is not a string; length may be NULL. */
_OAI_INTERNAL
const char *oai_json_get_string (OaiJsonDoc *doc, OaiJsonNode node, gsize *length);
/* Returns FALSE if the value is not a number, or does not fit 64 bits.  A double without a fraction
 * is accepted; digits in a string are not. */
_OAI_INTERNAL
gboolean oai_json_get_int (OaiJsonDoc *doc, OaiJsonNode node, gint64 *value);
/* The same, but discards the fraction, which some servers send in times. */
G_GNUC_INTERNAL
gboolean oai_json_get_truncated_int (OaiJsonDoc *doc, OaiJsonNode node, gint64 *value);
_OAI_INTERNAL
gboolean oai_json_get_double (OaiJsonDoc *doc, OaiJsonNode node, double *value);
_OAI_INTERNAL
gboolean oai_json_get_boolean (OaiJsonDoc *doc, OaiJsonNode node, gboolean *value);
/* Returns the number of elements of an array or of members of an object. */
_OAI_INTERNAL
guint oai_json_get_size (OaiJsonDoc *doc, OaiJsonNode node);
/* Returns the last member of the name. */
_OAI_INTERNAL
OaiJsonNode oai_json_get_member (OaiJsonDoc *doc, OaiJsonNode object, const char *name);
OaiJsonNode oai_json_get_element (OaiJsonDoc *doc, OaiJsonNode array, guint index);
/* Returns the type of the first element of an array; OAI_JSON_DOUBLE for a number array. */
OaiJsonType oai_json_get_first_type (OaiJsonDoc *doc, OaiJsonNode array);
/* Returns the text of a finite number as it was parsed; NULL for other values. */
G_GNUC_INTERNAL
const char *oai_json_get_digits (OaiJsonDoc *doc, OaiJsonNode node, gsize *length);

/* Returns 32-bit floats in the byte order of the machine, from an array of numbers or from Base64
 * text of little-endian floats; NULL for other values.  Long text is decoded in place, unless it
 * was borrowed before. */
_OAI_INTERNAL
GBytes *oai_json_dup_floats (OaiJsonDoc *doc, OaiJsonNode node);
/* Returns a string that is only used for a moment, so that its text can still be decoded in place.
 * If it was decoded to floats, returns new Base64 text, and sets encoded to it; the caller frees
 * encoded. */
G_GNUC_INTERNAL
const char *oai_json_peek_string (OaiJsonDoc *doc, OaiJsonNode node, gsize *length, char **encoded);

/* Stores text that was created from a value, so that it can be borrowed.  Takes ownership of text.
 * Returns the stored text, which may be that of another thread. */
const char *oai_json_keep_text (OaiJsonDoc *doc, OaiJsonNode node, char *text);
/* Returns the stored text, or NULL. */
const char *oai_json_peek_text (OaiJsonDoc *doc, OaiJsonNode node);

typedef struct
{
  OaiJsonDoc *doc;
  OaiJsonNode next;
  guint left;
  gboolean object;
} OaiJsonIter;

/* Iterates over an array or an object.  Other values have no elements. */
_OAI_INTERNAL
void oai_json_iter_init (OaiJsonIter *iter, OaiJsonDoc *doc, OaiJsonNode container);
/* Iterates over the members of an object.  Other values have no members. */
_OAI_INTERNAL
void oai_json_iter_init_members (OaiJsonIter *iter, OaiJsonDoc *doc, OaiJsonNode object);
/* name may be NULL; it is set to NULL for elements of arrays.  Duplicate members are all
 * returned. */
_OAI_INTERNAL
gboolean oai_json_iter_next (OaiJsonIter *iter, const char **name, OaiJsonNode *value);

G_END_DECLS
