/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-client-endpoints.h"

#include "oai-module-loader-private.h"
#include "oai-quark-private.h"

/* The endpoints that the program holds, by name: a table of GWeakRef of OaiEndpoint on each
 * client. */
static OAI_DEFINE_QUARK ("oai-client-endpoints", oai_client_endpoints)

/* Protects the tables of all clients. */
static GMutex lock;

static void
weak_ref_free (gpointer data)
{
  GWeakRef *weak = data;

  g_weak_ref_clear (weak);
  g_free (weak);
}

static OaiEndpoint *
lookup_endpoint_locked (OaiClient *self, const char *name)
{
  GHashTable *endpoints = g_object_get_qdata (G_OBJECT (self), oai_client_endpoints_quark ());
  GWeakRef *weak = endpoints != NULL ? g_hash_table_lookup (endpoints, name) : NULL;

  return weak != NULL ? g_weak_ref_get (weak) : NULL;
}

static OaiEndpoint *
lookup_endpoint (OaiClient *self, const char *name)
{
  OaiEndpoint *endpoint;

  g_mutex_lock (&lock);
  endpoint = lookup_endpoint_locked (self, name);
  g_mutex_unlock (&lock);

  return endpoint;
}

static GHashTable *
ensure_endpoints_locked (OaiClient *self)
{
  GHashTable *endpoints = g_object_get_qdata (G_OBJECT (self), oai_client_endpoints_quark ());

  if (endpoints == NULL)
    {
      endpoints = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, weak_ref_free);
      g_object_set_qdata_full (G_OBJECT (self), oai_client_endpoints_quark (), endpoints, (GDestroyNotify) g_hash_table_unref);
    }

  return endpoints;
}

static OaiEndpoint *
remember_endpoint_locked (OaiClient *self, OaiEndpoint *endpoint)
{
  const char *name = oai_endpoint_get_name (endpoint); /* of its class: static */
  OaiEndpoint *other = lookup_endpoint_locked (self, name);
  GWeakRef *weak = NULL;

  if (other != NULL)
    return other;

  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, endpoint);
  g_hash_table_replace (ensure_endpoints_locked (self), (gpointer) name, weak);
  return g_object_ref (endpoint);
}

/* Returns the endpoint that was remembered meanwhile, if there is one. */
static OaiEndpoint *
remember_endpoint (OaiClient *self, OaiEndpoint *endpoint)
{
  OaiEndpoint *remembered;

  g_mutex_lock (&lock);
  remembered = remember_endpoint_locked (self, endpoint);
  g_mutex_unlock (&lock);

  return remembered;
}

/**
 * oai_client_get_endpoint:
 * @self: a client
 * @name: the name of a module, such as `chat`, or of a further endpoint of a module
 * @error: return location for an error
 *
 * Gets an endpoint by name, and loads its module if necessary. The same object
 * is returned each time as long as the program holds a reference to it.
 *
 * The name of a module selects its first endpoint. Each other endpoint of a module has a separate
 * name. If no loaded module has an endpoint of that name, the installed modules are loaded one
 * after the other until the endpoint is found. If none has it, they stay loaded, and are searched
 * again only after another module was installed.
 *
 * Fails with %OAI_ERROR_MODULE if there is no such endpoint; the message lists the files that were
 * tried.
 *
 * Returns: (transfer full): the endpoint
 *
 * Since: 1.0
 */
OaiEndpoint *
oai_client_get_endpoint (OaiClient *self, const char *name, GError **error)
{
  GType type;
  g_autoptr(OaiEndpoint) endpoint = NULL;

  g_return_val_if_fail (OAI_IS_CLIENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  endpoint = lookup_endpoint (self, name);
  if (endpoint != NULL)
    return g_steal_pointer (&endpoint);

  type = oai_module_find_endpoint (name, error);
  if (type == G_TYPE_INVALID)
    return NULL;

  /* The lock is not held, since code of the module runs. */
  endpoint = g_object_new (type, "client", self, NULL);
  return remember_endpoint (self, endpoint);
}
