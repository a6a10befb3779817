/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-http-fields-private.h"

#include <string.h>

struct _OaiHttpFields
{
  GArray *fields; /* of OaiHttpField, whose strings are owned */
};

static void
clear_field (gpointer data)
{
  OaiHttpField *field = data;

  g_free ((char *) field->name);
  g_free ((char *) field->value);
}

OaiHttpFields *
oai_http_fields_new (void)
{
  OaiHttpFields *self = g_new (OaiHttpFields, 1);

  self->fields = g_array_new (FALSE, FALSE, sizeof (OaiHttpField));
  g_array_set_clear_func (self->fields, clear_field);

  return self;
}

void
oai_http_fields_free (OaiHttpFields *self)
{
  g_array_unref (self->fields);
  g_free (self);
}

void
oai_http_fields_append (OaiHttpFields *self, const char *name, const char *value)
{
  OaiHttpField field = { g_strdup (name), g_strdup (value) };

  g_array_append_val (self->fields, field);
}

guint
oai_http_fields_get_n (OaiHttpFields *self)
{
  return self->fields->len;
}

const OaiHttpField *
oai_http_fields_get_nth (OaiHttpFields *self, guint index)
{
  return &g_array_index (self->fields, OaiHttpField, index);
}

const char *
oai_http_fields_get (OaiHttpFields *self, const char *name)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (self, i);

      if (g_ascii_strcasecmp (field->name, name) == 0)
        return field->value;
    }

  return NULL;
}

static gboolean
list_has (const char *list, const char *token)
{
  gsize wanted = strlen (token);

  while (*list != '\0')
    {
      gsize length;

      list += strspn (list, ", \t");
      length = strcspn (list, ", \t");
      if (length == wanted && g_ascii_strncasecmp (list, token, length) == 0)
        return TRUE;
      list += length;
    }

  return FALSE;
}

gboolean
oai_http_fields_has_token (OaiHttpFields *self, const char *name, const char *token)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (self, i);

      if (g_ascii_strcasecmp (field->name, name) == 0 && list_has (field->value, token))
        return TRUE;
    }

  return FALSE;
}

gboolean
oai_http_fields_is_hop_by_hop (OaiHttpFields *self, const char *name)
{
  static const char *const names[] = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authentication-info", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return TRUE;

  return oai_http_fields_has_token (self, "connection", name);
}
