/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies that are JSON of a class, for the modules of endpoints. */

#pragma once

#include "oai-json-schema.h"

G_BEGIN_DECLS

/* Returns the strict schema of a class.  name: return location for a name that servers accept. */
_OAI_INTERNAL
OaiJsonSchema *oai_structured_reply_new_schema (GType type, char **name, GError **error);
/* Returns a new object; fails with OAI_ERROR_PROTOCOL if the text does not fit the class. */
_OAI_INTERNAL
GObject *oai_structured_reply_parse (GType type, const char *text, GError **error);

/* The object that a stream updates.  Returns TRUE for the first object of the stream. */
_OAI_INTERNAL
gboolean oai_structured_reply_set_object (GObject *stream, GObject *object);
/* Returns a borrowed object, or NULL. */
_OAI_INTERNAL
GObject *oai_structured_reply_get_object (GObject *stream);
/* Updates the object from text that still arrives; nullable. */
_OAI_INTERNAL
void oai_structured_reply_update (GObject *stream, const char *text);

G_END_DECLS
