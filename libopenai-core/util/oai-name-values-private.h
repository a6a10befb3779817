/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names and values in the order in which they were set: headers, query parameters, body members. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef void (*OaiNameValueFunc) (const char *name, const char *value, gpointer user_data);

typedef struct _OaiNameValues OaiNameValues;

OaiNameValues *oai_name_values_new (gboolean ignore_case);
OaiNameValues *oai_name_values_copy (OaiNameValues *self);
/* An object with several references must not be changed. */
OaiNameValues *oai_name_values_ref (OaiNameValues *self);
void oai_name_values_unref (OaiNameValues *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiNameValues, oai_name_values_unref)

/* value: nullable; NULL is stored */
void oai_name_values_set (OaiNameValues *self, const char *name, const char *value);
void oai_name_values_remove (OaiNameValues *self, const char *name);
void oai_name_values_foreach (OaiNameValues *self, OaiNameValueFunc func, gpointer user_data);

/* Whether a text can be the name or the value of a header, without line ends. */
_OAI_INTERNAL
gboolean oai_header_name_is_valid (const char *name);
_OAI_INTERNAL
gboolean oai_header_value_is_valid (const char *value);

G_END_DECLS
