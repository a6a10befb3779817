/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The header fields of a message, in their order. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *name;
  const char *value;
} OaiHttpField;

typedef struct _OaiHttpFields OaiHttpFields;

OaiHttpFields *oai_http_fields_new (void);
void oai_http_fields_free (OaiHttpFields *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiHttpFields, oai_http_fields_free)

/* Copies both. */
void oai_http_fields_append (OaiHttpFields *self, const char *name, const char *value);
/* Returns memory that is freed with the fields. */
char *oai_http_fields_allocate (OaiHttpFields *self, gsize size);
/* Does not copy: both are constants, or in memory of oai_http_fields_allocate(). */
void oai_http_fields_append_borrowed (OaiHttpFields *self, const char *name, const char *value);

/* Removes all fields with the name. */
void oai_http_fields_remove (OaiHttpFields *self, const char *name);

/* Returns the value of the first field with the name, or NULL. */
const char *oai_http_fields_get (OaiHttpFields *self, const char *name);
guint oai_http_fields_get_n (OaiHttpFields *self);
const OaiHttpField *oai_http_fields_get_nth (OaiHttpFields *self, guint index);
/* How many fields have the name. */
guint oai_http_fields_count (OaiHttpFields *self, const char *name);
/* Whether a comma-separated list, over all fields with the name, contains the token, in any case. */
gboolean oai_http_fields_has_token (OaiHttpFields *self, const char *name, const char *token);
/* Whether the field concerns this connection only: RFC 9110, 7.6.1, and the names in Connection. */
gboolean oai_http_fields_is_hop_by_hop (OaiHttpFields *self, const char *name);

/* Appends a line with the field. */
void oai_http_append_field (GString *text, const char *name, const char *value);
void oai_http_append_number (GString *text, guint64 number);

/* Whether names of fields are equal, in any case. */
static inline gboolean
oai_http_name_equal (const char *a, const char *b)
{
  for (; *a == *b || ((*a ^ *b) == 0x20 && g_ascii_isalpha (*a)); a++, b++)
    if (*a == '\0')
      return TRUE;

  return FALSE;
}

G_END_DECLS
