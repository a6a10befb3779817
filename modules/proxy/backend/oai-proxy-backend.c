/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-backend-private.h"

#include <gmodule.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-secure-environment-private.h"

static GMutex lock;
static GHashTable *loaded; /* name → const OaiProxyBackend */

static void
add_paths (GPtrArray *paths, const char *name)
{
  const char *variable = oai_secure_environment_get ("OAI_MODULE_PATH");
  g_auto(GStrv) directories = g_strsplit (variable != NULL ? variable : "", G_SEARCHPATH_SEPARATOR_S, -1);
  g_autofree char *file = g_strconcat ("liboai-proxy-", name, "." G_MODULE_SUFFIX, NULL);

  for (guint i = 0; directories[i] != NULL; i++)
    if (directories[i][0] != '\0')
      g_ptr_array_add (paths, g_build_filename (directories[i], "proxy", file, NULL));
  g_ptr_array_add (paths, g_build_filename (OAI_PROXY_BACKEND_DIR, file, NULL));
}

static const OaiProxyBackend *
open_backend (const char *path, const char *name, GError **error)
{
  GModule *module = g_module_open_full (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL, error);
  gpointer symbol = NULL;
  const OaiProxyBackend *backend;

  if (module == NULL)
    return NULL;

  backend = g_module_symbol (module, "oai_proxy_backend", &symbol) ? symbol : NULL;
  if (backend == NULL || backend->version != OAI_PROXY_BACKEND_VERSION || g_strcmp0 (backend->name, name) != 0)
    {
      /* Translators: the first %s is the path of a file, the second one is the name of a plug-in. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_MODULE, _("“%s” is not the plug-in “%s” of this version of the proxy. Reinstall it."), path, name);
      g_module_close (module);
      return NULL;
    }
  g_module_make_resident (module);

  return backend;
}

static const OaiProxyBackend *
find_backend (const char *name, GError **error)
{
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *tried = NULL;

  add_paths (paths, name);
  for (guint i = 0; i < paths->len; i++)
    if (g_file_test (paths->pdata[i], G_FILE_TEST_EXISTS))
      return open_backend (paths->pdata[i], name, error);

  g_ptr_array_add (paths, NULL);
  tried = g_strjoinv (", ", (char **) paths->pdata);
  /* Translators: the first three %s are the name of a plug-in, the last one lists files. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_MODULE,
               _("The plug-in “%s” of the proxy is not installed. Install the package that contains liboai-proxy-%s.so, or build it with -Dproxy-%s=enabled. Looked for: %s."),
               name, name, name, tried);

  return NULL;
}

gconstpointer
oai_proxy_backend_load (const char *name, GError **error)
{
  const OaiProxyBackend *backend;

  g_mutex_lock (&lock);
  if (loaded == NULL)
    loaded = g_hash_table_new (g_str_hash, g_str_equal);
  backend = g_hash_table_lookup (loaded, name);
  if (backend == NULL)
    backend = find_backend (name, error);
  if (backend != NULL)
    g_hash_table_insert (loaded, (gpointer) backend->name, (gpointer) backend);
  g_mutex_unlock (&lock);

  return backend != NULL ? backend->interface : NULL;
}
