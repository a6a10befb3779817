/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz-modules.h"

#include "oai-client.h"
#include "oai-record-private.h"
#include "static-modules.h"

static void
add_operations (GArray *array, GType endpoint_type)
{
  /* Keeps references to the classes, whose data is used later. */
  OaiEndpointClass *klass = g_type_class_ref (endpoint_type);

  for (guint i = 0; i < klass->n_operations; i++)
    {
      const FuzzOperation operation = { endpoint_type, &klass->operations[i] };

      g_array_append_val (array, operation);
    }
}

GArray *
fuzz_get_operations (void)
{
  static GArray *array;

  if (array != NULL)
    return array;

  array = g_array_new (FALSE, FALSE, sizeof (FuzzOperation));
  for (guint i = 0; static_modules[i] != NULL; i++)
    for (gsize k = 0; k < static_modules[i] ()->n_endpoints; k++)
      add_operations (array, static_modules[i] ()->endpoints[k].get_type ());

  return array;
}

static void
add_type (GArray *array, GHashTable *seen, GType (*get_type) (void))
{
  GType type = get_type != NULL ? get_type () : G_TYPE_INVALID;
  const OaiRecordSchema *schema;

  if (type == G_TYPE_INVALID || !g_hash_table_add (seen, GSIZE_TO_POINTER (type)))
    return;

  schema = ((OaiRecordClass *) g_type_class_ref (type))->schema;
  /* The union creates the case from an object with its tag. */
  if (schema->tag == NULL)
    g_array_append_val (array, type);
  for (guint i = 0; i < schema->n_fields; i++)
    add_type (array, seen, schema->fields[i].item_type);
  for (guint i = 0; i < schema->n_cases; i++)
    add_type (array, seen, schema->cases[i].type);
}

GArray *
fuzz_get_record_types (void)
{
  static GArray *array;
  g_autoptr(GHashTable) seen = g_hash_table_new (NULL, NULL);
  GArray *operations = fuzz_get_operations ();

  if (array != NULL)
    return array;

  array = g_array_new (FALSE, FALSE, sizeof (GType));
  for (guint i = 0; i < operations->len; i++)
    {
      const OaiOperation *operation = g_array_index (operations, FuzzOperation, i).operation;

      add_type (array, seen, operation->result_type);
      add_type (array, seen, operation->chunk_type);
      add_type (array, seen, operation->request_type);
      add_type (array, seen, operation->query_type);
    }

  return array;
}

OaiEndpoint *
fuzz_get_endpoint (GType type)
{
  static GHashTable *endpoints;
  static OaiClient *client;
  OaiEndpoint *endpoint;

  if (endpoints == NULL)
    {
      g_autoptr(OaiAuth) auth = oai_auth_new ("sk-fuzz");
      g_autoptr(OaiSettings) settings = oai_settings_new ();

      endpoints = g_hash_table_new (NULL, NULL);
      client = oai_client_new (auth, settings);
    }
  endpoint = g_hash_table_lookup (endpoints, GSIZE_TO_POINTER (type));
  if (endpoint == NULL)
    {
      endpoint = g_object_new (type, "client", client, NULL);
      g_hash_table_insert (endpoints, GSIZE_TO_POINTER (type), endpoint);
    }

  return endpoint;
}
