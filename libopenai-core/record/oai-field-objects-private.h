/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions for fields that contain objects: records, files, and lists of them. */

#pragma once

#include "oai-record-private.h"

G_BEGIN_DECLS

GParamSpec *oai_field_object_create_property (const OaiField *field, GParamFlags flags, GType type);
void oai_field_object_clear (OaiFieldValue *value);
void oai_field_object_foreach (const OaiFieldValue *value, OaiFieldObjectFunc func, gpointer user_data);
/* Sets a field, or removes it if object is NULL. */
void oai_field_object_set (OaiRecord *record, guint field, gpointer object, gpointer old);

void oai_field_list_clear (OaiFieldValue *value);
gboolean oai_field_list_is_filled (const OaiFieldValue *value);
void oai_field_list_foreach (const OaiFieldValue *value, OaiFieldObjectFunc func, gpointer user_data);

G_END_DECLS
