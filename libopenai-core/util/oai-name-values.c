/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-name-values-private.h"

#include <string.h>

typedef struct
{
  char *name;
  char *value;
} Pair;

struct _OaiNameValues
{
  gint ref_count; /* atomic */
  GPtrArray *pairs;
  gboolean ignore_case;
};

static void
pair_free (gpointer data)
{
  Pair *pair = data;

  g_free (pair->name);
  g_free (pair->value);
  g_free (pair);
}

OaiNameValues *
oai_name_values_new (gboolean ignore_case)
{
  OaiNameValues *self = g_new0 (OaiNameValues, 1);

  self->ref_count = 1;
  self->pairs = g_ptr_array_new_with_free_func (pair_free);
  self->ignore_case = ignore_case;

  return self;
}

static void
copy_pair (const char *name, const char *value, gpointer user_data)
{
  oai_name_values_set (user_data, name, value);
}

OaiNameValues *
oai_name_values_copy (OaiNameValues *self)
{
  OaiNameValues *copy = oai_name_values_new (self->ignore_case);

  oai_name_values_foreach (self, copy_pair, copy);

  return copy;
}

OaiNameValues *
oai_name_values_ref (OaiNameValues *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

/* Drops a reference, and frees it with the last one. */
void
oai_name_values_unref (OaiNameValues *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_ptr_array_unref (self->pairs);
  g_free (self);
}

static gboolean
find (OaiNameValues *self, const char *name, guint *position)
{
  for (guint i = 0; i < self->pairs->len; i++)
    {
      const Pair *pair = g_ptr_array_index (self->pairs, i);
      int order = self->ignore_case ? g_ascii_strcasecmp (pair->name, name) : strcmp (pair->name, name);

      if (order == 0)
        {
          *position = i;
          return TRUE;
        }
    }

  return FALSE;
}

void
oai_name_values_set (OaiNameValues *self, const char *name, const char *value)
{
  guint position;
  Pair *pair;

  if (find (self, name, &position))
    {
      char *copy = g_strdup (value);

      pair = g_ptr_array_index (self->pairs, position);
      g_free (pair->value);
      pair->value = copy;
      return;
    }

  pair = g_new0 (Pair, 1);
  pair->name = g_strdup (name);
  pair->value = g_strdup (value);
  g_ptr_array_add (self->pairs, pair);
}

void
oai_name_values_remove (OaiNameValues *self, const char *name)
{
  guint position;

  if (find (self, name, &position))
    g_ptr_array_remove_index (self->pairs, position);
}

void
oai_name_values_foreach (OaiNameValues *self, OaiNameValueFunc func, gpointer user_data)
{
  for (guint i = 0; i < self->pairs->len; i++)
    {
      const Pair *pair = g_ptr_array_index (self->pairs, i);

      func (pair->name, pair->value, user_data);
    }
}

gboolean
oai_header_name_is_valid (const char *name)
{
  if (*name == '\0')
    return FALSE;

  for (; *name != '\0'; name++)
    {
      if (!g_ascii_isalnum (*name) && strchr ("!#$%&'*+-.^_`|~", *name) == NULL)
        return FALSE;
    }

  return TRUE;
}

gboolean
oai_header_value_is_valid (const char *value)
{
  for (; *value != '\0'; value++)
    {
      if ((guchar) *value < 0x20 && *value != '\t')
        return FALSE;
      if (*value == 0x7f)
        return FALSE;
    }

  return TRUE;
}
