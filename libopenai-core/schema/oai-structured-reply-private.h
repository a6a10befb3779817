/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies that are JSON of a class, for the modules of endpoints. */

#pragma once

#include "oai-json-schema.h"

G_BEGIN_DECLS

/* Returns the strict schema of a class.  name: return location for a name that servers accept. */
_OAI_INTERNAL
OaiJsonSchema *oai_structured_reply_new_schema (GType type, char **name, GError **error);
/* Returns a new object; fails with OAI_ERROR_CONTENT_FILTER if there is a refusal, and with
 * OAI_ERROR_PROTOCOL if the text does not fit the class.  Both texts are nullable. */
_OAI_INTERNAL
GObject *oai_structured_reply_parse (GType type, const char *refusal, const char *text, GError **error);

/* The object that a stream updates.  Returns TRUE for the first object of the stream. */
_OAI_INTERNAL
gboolean oai_structured_reply_set_object (GObject *stream, GObject *object);
/* Returns a borrowed object, or NULL. */
_OAI_INTERNAL
GObject *oai_structured_reply_get_object (GObject *stream);
/* Updates the object from all text that has arrived; nullable.
 * delta: the part of it that is new; NULL if the text is complete, and another one may follow.  As the
 *   text grows, more of it must be new for an update, so that the time for all updates is proportional
 *   to the length of the text */
_OAI_INTERNAL
void oai_structured_reply_update (GObject *stream, const char *text, const char *delta);

G_END_DECLS
