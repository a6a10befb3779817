/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-module-private.h"

#include <dlfcn.h>
#include <link.h>

#include "oai-endpoint.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-module-list.h"

/*
 * Where modules come from
 *
 * A module is an ordinary shared library, libopenai-NAME-1.so.0.  A program may
 * have it in the process already, because it links it or because a language
 * binding opened it through the typelib: then that one is used.  Otherwise it is
 * looked for in the directories of OAI_MODULE_PATH, then where the dynamic linker
 * finds libraries, then in the module directory of this installation.
 *
 * The libraries are opened with dlopen() rather than g_module_open(), which reads
 * NAME.la from the current directory, and cannot ask for what is open already:
 * the same types registered from two different files would end the process.
 */

#define MODULE_PREFIX "libopenai-"
#define MODULE_SUFFIX "-1.so.0"
#define MAX_NAME 64

static GRecMutex modules_lock;
static GHashTable *modules; /* name → const OaiModuleDescriptor */

typedef struct
{
  const char *name;
  char *file_name;
  GString *tried; /* the files that were not there, for people */
} Search;

static void
search_clear (Search *search)
{
  g_free (search->file_name);
  g_string_free (search->tried, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

static gboolean
is_valid_name (const char *name)
{
  gsize length = strlen (name);

  if (length == 0 || length > MAX_NAME || name[0] == '-' || name[length - 1] == '-')
    return FALSE;

  return strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static void
add_tried (Search *search, const char *path)
{
  if (search->tried->len > 0)
    g_string_append (search->tried, ", ");
  g_string_append (search->tried, path);
}

static void
set_broken (GError **error, const char *path, const char *reason)
{
  /* Translators: the first %s is the path of a file, the second one says what is wrong with it. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_MODULE,
               _("The endpoint module “%s” cannot be used: %s. Reinstall it, or remove it from where it is."),
               path, reason);
}

static void
set_missing (GError **error, const Search *search)
{
  /* Translators: the first %s is the name of a module, such as “chat”; the second one lists files. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_MODULE,
               _("There is no endpoint module “%s”. Looked for: %s. Install it, or name the directory it is in by the environment variable OAI_MODULE_PATH."),
               search->name, search->tried->str);
}

static GStrv
list_environment_directories (void)
{
  const char *path = secure_getenv ("OAI_MODULE_PATH");

  return g_strsplit (path != NULL ? path : "", G_SEARCHPATH_SEPARATOR_S, -1);
}

/* RTLD_NODELETE: types that were registered cannot go away again. */
static void *
open_library (const char *path)
{
  return dlopen (path, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
}

static void *
open_in_directory (Search *search, const char *directory, GError **error)
{
  g_autofree char *path = g_build_filename (directory, search->file_name, NULL);
  void *library = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      add_tried (search, path);
      return NULL;
    }

  library = open_library (path);
  if (library == NULL)
    set_broken (error, path, dlerror ());
  return library;
}

static void *
open_in_environment (Search *search, GError **error)
{
  g_auto(GStrv) directories = list_environment_directories ();

  for (guint i = 0; directories[i] != NULL; i++)
    {
      g_autoptr(GError) local_error = NULL;
      void *library = NULL;

      if (directories[i][0] == '\0')
        continue;

      library = open_in_directory (search, directories[i], &local_error);
      if (library != NULL)
        return library;
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
    }

  return NULL;
}

/* A library that is there but does not open (a symbol or another library is
 * missing) must not be told of as one that is not there. */
static void *
open_by_soname (Search *search, GError **error)
{
  void *library = open_library (search->file_name);
  const char *message = NULL;

  if (library != NULL)
    return library;

  message = dlerror ();
  if (message != NULL && strstr (message, "No such file") != NULL && g_str_has_prefix (message, search->file_name))
    add_tried (search, search->file_name);
  else
    set_broken (error, search->file_name, message);
  return NULL;
}

static void *
find_library (Search *search, GError **error)
{
  g_autoptr(GError) local_error = NULL;
  void *library = dlopen (search->file_name, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE | RTLD_NOLOAD);

  if (library == NULL)
    library = open_in_environment (search, &local_error);
  if (library == NULL && local_error == NULL)
    library = open_by_soname (search, &local_error);
  if (library == NULL && local_error == NULL)
    library = open_in_directory (search, OAI_MODULE_DIR, &local_error);

  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (library == NULL)
    set_missing (error, search);
  return library;
}

static char *
get_library_path (void *library, const Search *search)
{
  struct link_map *map = NULL;

  if (dlinfo (library, RTLD_DI_LINKMAP, &map) == 0 && map->l_name != NULL && map->l_name[0] != '\0')
    return g_strdup (map->l_name);

  return g_strdup (search->file_name);
}

/* NULL when the descriptor is what its module's name promises, or what is wrong with it. */
static char *
check_descriptor (const OaiModuleDescriptor *descriptor, const char *name)
{
  if (descriptor == NULL)
    return g_strdup (_("it does not describe itself"));

  if (descriptor->abi != OAI_MODULE_ABI)
    return g_strdup_printf (_("it was built for version %u of the module interface, this library has version %u"),
                            descriptor->abi, (guint) OAI_MODULE_ABI);

  if (g_strcmp0 (descriptor->name, name) != 0)
    return g_strdup_printf (_("it says that it is the module “%s”"), descriptor->name != NULL ? descriptor->name : "");

  if (descriptor->endpoint_types == NULL || descriptor->endpoint_types[0] == NULL)
    return g_strdup (_("it holds no endpoint"));

  for (guint i = 0; descriptor->endpoint_types[i] != NULL; i++)
    {
      GType type = descriptor->endpoint_types[i] ();

      if (!g_type_is_a (type, OAI_TYPE_ENDPOINT) || G_TYPE_IS_ABSTRACT (type))
        return g_strdup_printf (_("its type %s is not an endpoint"), type != 0 ? g_type_name (type) : "0");
    }

  return NULL;
}

static const OaiModuleDescriptor *
get_descriptor (void *library, const Search *search, GError **error)
{
  g_autofree char *symbol_name = g_strdup_printf ("oai_module_%s_get_descriptor", search->name);
  const OaiModuleDescriptor *descriptor = NULL;
  OaiModuleGetDescriptor get = NULL;
  g_autofree char *problem = NULL;
  g_autofree char *path = NULL;

  g_strdelimit (symbol_name, "-", '_');
  get = (OaiModuleGetDescriptor) dlsym (library, symbol_name);
  if (get != NULL)
    {
      descriptor = get ();
      problem = check_descriptor (descriptor, search->name);
    }
  else
    problem = g_strdup_printf (_("it has no function %s"), symbol_name);

  if (problem == NULL)
    return descriptor;

  path = get_library_path (library, search);
  set_broken (error, path, problem);
  return NULL;
}

static const OaiModuleDescriptor *
load_locked (const char *name, GError **error)
{
  const OaiModuleDescriptor *descriptor = NULL;
  g_auto(Search) search = { name, NULL, NULL };
  void *library = NULL;

  search.file_name = g_strconcat (MODULE_PREFIX, name, MODULE_SUFFIX, NULL);
  search.tried = g_string_new (NULL);

  library = find_library (&search, error);
  if (library == NULL)
    return NULL;

  /* Stays open: RTLD_NODELETE holds it even after a refusal. */
  descriptor = get_descriptor (library, &search, error);
  dlclose (library);
  return descriptor;
}

const OaiModuleDescriptor *
oai_module_load (const char *name, GError **error)
{
  g_autoptr(GRecMutexLocker) locker = NULL;
  const OaiModuleDescriptor *descriptor = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  if (!is_valid_name (name))
    {
      /* Translators: %s is what a program gave for the name of a module. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_MODULE,
                   _("“%s” cannot be the name of an endpoint module: it may hold small letters, digits and hyphens."), name);
      return NULL;
    }

  locker = g_rec_mutex_locker_new (&modules_lock);
  if (modules == NULL)
    modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  descriptor = g_hash_table_lookup (modules, name);
  if (descriptor != NULL)
    return descriptor;

  descriptor = load_locked (name, error);
  if (descriptor != NULL)
    g_hash_table_insert (modules, g_strdup (name), (gpointer) descriptor);
  return descriptor;
}

static char *
dup_module_name (const char *file_name)
{
  gsize length = strlen (file_name);
  g_autofree char *name = NULL;

  if (!g_str_has_prefix (file_name, MODULE_PREFIX) || !g_str_has_suffix (file_name, MODULE_SUFFIX) ||
      length <= strlen (MODULE_PREFIX MODULE_SUFFIX))
    return NULL;

  name = g_strndup (file_name + strlen (MODULE_PREFIX), length - strlen (MODULE_PREFIX MODULE_SUFFIX));
  if (!is_valid_name (name) || g_str_equal (name, "core"))
    return NULL;

  return g_steal_pointer (&name);
}

static void
add_names_of_directory (GHashTable *names, const char *path)
{
  g_autoptr(GDir) directory = g_dir_open (path, 0, NULL);
  const char *file_name = NULL;

  while (directory != NULL && (file_name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *name = dup_module_name (file_name);

      if (name != NULL && !g_hash_table_contains (names, name))
        g_hash_table_add (names, g_steal_pointer (&name));
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * oai_list_modules:
 *
 * Lists the endpoint modules that are installed.
 *
 * These are the names that [method@Oai.Client.get_endpoint] takes: of the modules
 * in the directories of the environment variable `OAI_MODULE_PATH` and in the
 * module directory of the library. None is opened for it, so that a module that
 * is listed may still turn out to be broken.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names, in alphabetical order
 *
 * Since: 1.0
 */
GStrv
oai_list_modules (void)
{
  g_auto(GStrv) directories = list_environment_directories ();
  g_autoptr(GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, NULL);
  GStrv list = NULL;
  guint n_names = 0;

  for (guint i = 0; directories[i] != NULL; i++)
    if (directories[i][0] != '\0')
      add_names_of_directory (names, directories[i]);
  add_names_of_directory (names, OAI_MODULE_DIR);

  list = (GStrv) g_hash_table_get_keys_as_array (names, &n_names);
  qsort (list, n_names, sizeof (char *), compare_names);
  return list;
}
