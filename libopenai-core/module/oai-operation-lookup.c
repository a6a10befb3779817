/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-operation-lookup-private.h"

#include <string.h>

#include "oai-endpoint.h"
#include "oai-module-loader-private.h"

static GType
find_endpoint (const char *path, GError **error)
{
  g_autofree char *name = g_strndup (path, strcspn (path, "/"));

  return oai_module_find_endpoint (g_strdelimit (name, "_", '-'), error);
}

const OaiOperation *
oai_operation_lookup (const char *method, const char *path)
{
  const char *start = path + strspn (path, "/");
  g_autofree char *plain = g_strndup (start, strcspn (start, "?#"));
  g_autoptr(GError) error = NULL;
  GType type;
  OaiEndpointClass *klass;
  const OaiOperation *found = NULL;

  for (gsize length = strlen (plain); length > 0 && plain[length - 1] == '/'; length--)
    plain[length - 1] = '\0';
  type = find_endpoint (plain, &error);
  if (type == G_TYPE_INVALID)
    return NULL;

  klass = g_type_class_ref (type);
  for (guint i = 0; i < klass->n_operations && found == NULL; i++)
    if (strcmp (klass->operations[i].path, plain) == 0
        && (method == NULL || g_ascii_strcasecmp (klass->operations[i].method, method) == 0))
      found = &klass->operations[i];
  g_type_class_unref (klass);

  return found;
}

typedef struct
{
  const OaiOperation *operation;
  const char *name;
} Row;

static void
add_operations (GHashTable *rows, OaiEndpointClass *klass)
{
  for (guint i = 0; i < klass->n_operations; i++)
    {
      const OaiOperation *operation = &klass->operations[i];
      g_autofree char *first = g_strndup (operation->path, strcspn (operation->path, "/"));
      g_autofree char *name = g_strconcat (klass->name, ".", operation->name, NULL);
      Row row = { operation, g_intern_string (name) };
      GArray *group = g_hash_table_lookup (rows, first);

      if (group == NULL)
        {
          group = g_array_new (FALSE, FALSE, sizeof (Row));
          g_hash_table_insert (rows, (gpointer) g_intern_string (first), group);
        }
      g_array_append_val (group, row);
    }
}

/* The operations of all modules by the first segment of their paths: arrays of Row. */
static GHashTable *
collect_operations (void)
{
  GHashTable *rows = g_hash_table_new (g_str_hash, g_str_equal);
  g_auto(GStrv) modules = oai_list_modules ();

  for (guint i = 0; modules[i] != NULL; i++)
    {
      const OaiModuleDescriptor *descriptor = oai_module_load (modules[i], NULL);

      for (gsize j = 0; descriptor != NULL && j < descriptor->n_endpoints; j++)
        add_operations (rows, g_type_class_ref (descriptor->endpoints[j].get_type ()));
    }

  return rows;
}

/* A segment of the template in braces matches any segment that is not empty. */
static gboolean
path_matches (const char *template, const char *path)
{
  while (*template != '\0' && *path != '\0')
    {
      if (*template == '{')
        {
          template += strcspn (template, "/");
          if (*path == '/')
            return FALSE;
          path += strcspn (path, "/");
        }
      else if (*template++ != *path++)
        {
          return FALSE;
        }
    }

  return *template == *path;
}

const OaiOperation *
oai_operation_match (const char *method, const char *path, const char **name)
{
  static GHashTable *all;
  char first[32];
  gsize length = strcspn (path, "/");
  GArray *rows;

  if (g_once_init_enter (&all))
    g_once_init_leave (&all, collect_operations ());
  if (length >= sizeof first)
    return NULL;

  memcpy (first, path, length);
  first[length] = '\0';
  rows = g_hash_table_lookup (all, first);
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);

      if (strcmp (row->operation->method, method) == 0 && path_matches (row->operation->path, path))
        {
          if (name != NULL)
            *name = row->name;
          return row->operation;
        }
    }

  return NULL;
}
