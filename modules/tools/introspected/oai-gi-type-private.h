/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Types of the introspection data, and what they are in JSON. */

#pragma once

#include <gio/gio.h>
#include <girepository.h>

#include "oai-json-doc-private.h"

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GIBaseInfo, g_base_info_unref)

typedef enum
{
  OAI_GI_UNSUPPORTED,
  OAI_GI_NOTHING, /* the result of a function without one */
  OAI_GI_BOOLEAN,
  OAI_GI_INTEGER,
  OAI_GI_NUMBER,
  OAI_GI_STRING,
  OAI_GI_CHARACTER, /* a string of one character */
  OAI_GI_FILE,      /* a string: the URI or the path of a GFile */
  OAI_GI_ENUM,      /* a string: the nick of a value */
  OAI_GI_FLAGS,     /* an array of nicks */
  OAI_GI_BYTES,     /* a string: an array of bytes in Base64 */
  OAI_GI_ARRAY,     /* an array: a C array, GArray, GPtrArray, GList or GSList */
  OAI_GI_MAP,       /* an object: a GHashTable whose keys are strings */
  OAI_GI_VALUE      /* of a type of GObject, which the schemas of core support */
} OaiGiKind;

/* Returns whether a value can be converted from JSON, or with for_output, to JSON. */
OaiGiKind oai_gi_type_get_kind (GITypeInfo *type, gboolean for_output);
gboolean oai_gi_kind_is_pointer (OaiGiKind kind);
/* Returns the type of an interface, a structure or an enumeration; G_TYPE_NONE for others. */
GType oai_gi_type_get_gtype (GITypeInfo *type);
/* Returns the size of a value in an array. */
gsize oai_gi_type_get_size (GITypeInfo *type);
/* Returns the limits of an integer.  The upper limit of a guint64 is that of a gint64. */
void oai_gi_type_get_limits (GITypeInfo *type, gint64 *minimum, gint64 *maximum);
/* Stores an integer that is within the limits. */
void oai_gi_type_set_integer (GITypeInfo *type, gint64 number, GIArgument *argument);
/* Returns an integer or an enumeration; is_unsigned: whether it is a guint64. */
gint64 oai_gi_type_get_integer (GITypeInfo *type, const GIArgument *argument, gboolean *is_unsigned);
/* Returns the nick of a value of an enumeration or of flags. */
char *oai_gi_value_dup_nick (GIBaseInfo *value);

G_END_DECLS
