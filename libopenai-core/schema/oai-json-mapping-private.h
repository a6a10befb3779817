/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The mapping between JSON and GValues, also of objects. */

#pragma once

#include <glib-object.h>

#include "oai-json-builder-private.h"

G_BEGIN_DECLS

/* Sets an initialized value.  pspec: the property that the value is for, which knows the type of
 * items and the limits of numbers; or NULL.  Fails with OAI_ERROR_INVALID_ARGUMENT, with a message for
 * models. */
G_GNUC_INTERNAL
gboolean oai_json_mapping_read_value (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error);
/* Creates an object. */
G_GNUC_INTERNAL
GObject *oai_json_mapping_read_object (GType type, OaiJsonDoc *doc, OaiJsonNode node, GError **error);

/* Returns JSON text; NULL with OAI_ERROR_INVALID_ARGUMENT if the type has no JSON form, or if objects
 * are nested too deeply. */
G_GNUC_INTERNAL
char *oai_json_mapping_write_value (const GValue *value, GParamSpec *pspec, GError **error);
G_GNUC_INTERNAL
char *oai_json_mapping_write_object (GObject *object, GError **error);

/* Returns the member of a property: its name has "_" or "-". */
G_GNUC_INTERNAL
OaiJsonNode oai_json_mapping_find_member (OaiJsonDoc *doc, OaiJsonNode object, GParamSpec *pspec);

G_END_DECLS
