/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-module-loader-private.h"

#include <glib/gstdio.h>
#include <gmodule.h>
#include <string.h>

#include "oai-endpoint.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-library-private.h"
#include "oai-secure-environment-private.h"

/*
 * How modules are found
 *
 * A module that the program links, statically or dynamically, is found by the symbol of its
 * descriptor in the program.  Any other module is a shared library,
 * libopenai-NAME-1.so.0, that is opened as a GModule.  Its path is looked for in this order:
 *
 *  1. the library that is already open in the process, because a program links it or because a
 *     language binding opened it through the typelib,
 *  2. in the directories of OAI_MODULE_PATH,
 *  3. in the directories that the dynamic linker searches,
 *  4. in the module directory of this installation.
 *
 * g_module_open_full() gets an absolute path: with a bare name it would also
 * read NAME.la from the current directory.  The path of an open library returns the existing
 * handle, so types are never registered twice.
 *
 * Modules stay open, since registered types cannot be removed.
 */

#define MODULE_PREFIX "libopenai-"
#define MODULE_SUFFIX "-1.so.0"
#define MAX_NAME 64

static GMutex modules_lock;
static GHashTable *modules;     /* name → const OaiModuleDescriptor */
static GHashTable *type_owners; /* name of a type → name of its module; both static */
static char *searched;          /* what describe_installed() returned before the last search that found nothing */
static GHashTable *adapted;     /* descriptor of a module of another version → the descriptor that core reads */

typedef struct
{
  const char *name;
  char *file_name;
  GString *tried;      /* the files that do not exist, for messages */
  char *linker_reason; /* why the dynamic linker did not open the bare name */
} Search;

static void
search_init (Search *search, const char *name)
{
  search->name = name;
  search->file_name = g_strconcat (MODULE_PREFIX, name, MODULE_SUFFIX, NULL);
  search->tried = g_string_new (NULL);
}

static void
search_clear (Search *search)
{
  g_free (search->file_name);
  g_free (search->linker_reason);
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
  /* Translators: the first %s is the path of a file, the second one is the reason. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_MODULE,
               _("The endpoint module “%s” cannot be used: %s. Reinstall it, or remove it."),
               path, reason);
}

static void
set_missing (GError **error, const Search *search)
{
  /* Translators: the first %s is the name of a module, such as “chat”; the second one lists files;
   * the third one is the message of the dynamic linker. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_MODULE,
               _("There is no endpoint module “%s”. Looked for: %s (%s). Install it, or add its directory to the environment variable OAI_MODULE_PATH."),
               search->name, search->tried->str, search->linker_reason);
}

static GStrv
list_environment_directories (void)
{
  const char *path = oai_secure_environment_get ("OAI_MODULE_PATH");

  return g_strsplit (path != NULL ? path : "", G_SEARCHPATH_SEPARATOR_S, -1);
}

static char *
find_in_directory (Search *search, const char *directory)
{
  g_autofree char *path = g_build_filename (directory, search->file_name, NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_canonicalize_filename (path, NULL);

  add_tried (search, path);
  return NULL;
}

static char *
find_in_environment (Search *search)
{
  g_auto(GStrv) directories = list_environment_directories ();
  char *path = NULL;

  for (guint i = 0; path == NULL && directories[i] != NULL; i++)
    if (directories[i][0] != '\0')
      path = find_in_directory (search, directories[i]);

  return path;
}

static char *
find_by_soname (Search *search)
{
  char *path = oai_library_find_installed (search->file_name, &search->linker_reason);

  if (path == NULL)
    add_tried (search, search->file_name);

  return path;
}

static char *
find_path (Search *search, GError **error)
{
  char *path = oai_library_find_open (search->file_name);

  if (path == NULL)
    path = find_in_environment (search);
  if (path == NULL)
    path = find_by_soname (search);
  if (path == NULL)
    path = find_in_directory (search, OAI_MODULE_DIR);

  if (path == NULL)
    set_missing (error, search);
  return path;
}

/* Libraries of this project that have names like modules. */
static gboolean
is_no_module (const char *name)
{
  static const char *const names[] = { OAI_LIBRARIES_WITHOUT_ENDPOINTS, NULL };

  return g_strv_contains (names, name);
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
  if (!is_valid_name (name) || is_no_module (name))
    return NULL;

  return g_steal_pointer (&name);
}

static void
add_name_of_file (GHashTable *names, const char *file_name)
{
  g_autofree char *name = dup_module_name (file_name);

  if (name != NULL && !g_hash_table_contains (names, name))
    g_hash_table_add (names, g_steal_pointer (&name));
}

static void
add_names_of_directory (GHashTable *names, const char *path)
{
  g_autoptr(GDir) directory = g_dir_open (path, 0, NULL);
  const char *file_name = NULL;

  while (directory != NULL && (file_name = g_dir_read_name (directory)) != NULL)
    add_name_of_file (names, file_name);
}

static void
add_name_of_library (const char *path, gpointer names)
{
  const char *slash = strrchr (path, '/');

  add_name_of_file (names, slash != NULL ? slash + 1 : path);
}

/* Of those that were opened here, even if the system does not list the open libraries. */
static void
add_names_of_loaded_modules (GHashTable *names)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&modules_lock);
  GHashTableIter iter;
  gpointer name;

  if (modules == NULL)
    return;

  g_hash_table_iter_init (&iter, modules);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_hash_table_contains (names, name))
      g_hash_table_add (names, g_strdup (name));
}

static void
add_names_of_open_libraries (GHashTable *names)
{
  oai_library_foreach_open (add_name_of_library, names);
}

/* Descriptors */

static OaiModuleDescriptor *
adapt_descriptor (const OaiModuleDescriptor *source)
{
  OaiModuleDescriptor *descriptor = g_new0 (OaiModuleDescriptor, 1);
  OaiModuleEndpoint *endpoints = g_new0 (OaiModuleEndpoint, source->n_endpoints);

  memcpy (descriptor, source, MIN (source->size, sizeof (OaiModuleDescriptor)));
  for (gsize i = 0; i < source->n_endpoints; i++)
    memcpy (&endpoints[i], (const char *) source->endpoints + i * source->endpoint_size, sizeof (OaiModuleEndpoint));
  descriptor->endpoints = endpoints;

  return descriptor;
}

/* Returns a descriptor in the form that core knows, which is shorter or longer than that of a
 * module of another version.  It is created once and never freed, since modules stay open.
 * NULL if the descriptor is too short to name an endpoint. */
static const OaiModuleDescriptor *
read_descriptor (const OaiModuleDescriptor *source)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = NULL;
  OaiModuleDescriptor *descriptor;

  if (source->size == sizeof (OaiModuleDescriptor) && source->endpoint_size == sizeof (OaiModuleEndpoint))
    return source;
  if (source->size < G_STRUCT_OFFSET (OaiModuleDescriptor, type_names) || source->endpoint_size < sizeof (OaiModuleEndpoint))
    return NULL;

  locker = g_mutex_locker_new (&modules_lock);
  if (adapted == NULL)
    adapted = g_hash_table_new (NULL, NULL);
  descriptor = g_hash_table_lookup (adapted, source);
  if (descriptor == NULL)
    {
      descriptor = adapt_descriptor (source);
      g_hash_table_insert (adapted, (gpointer) source, descriptor);
    }

  return descriptor;
}

static char *
dup_symbol_name (const char *name)
{
  return g_strdelimit (g_strdup_printf ("oai_module_%s_get_descriptor", name), "-", '_');
}

static char *
check_endpoints (const OaiModuleDescriptor *descriptor)
{
  for (gsize i = 0; i < descriptor->n_endpoints; i++)
    {
      GType type = descriptor->endpoints[i].get_type ();

      if (!g_type_is_a (type, OAI_TYPE_ENDPOINT) || G_TYPE_IS_ABSTRACT (type))
        return g_strdup_printf (_("its type %s is not an endpoint"), type != 0 ? g_type_name (type) : "0");
    }

  return NULL;
}

/* Returns a description of the first error in the descriptor of a module, or NULL. */
static char *
check_descriptor (const OaiModuleDescriptor *descriptor, const char *name)
{
  if (descriptor == NULL)
    return g_strdup (_("it returns no descriptor"));

  if (descriptor->abi != OAI_MODULE_ABI)
    return g_strdup_printf (_("it was built for version %u of the module interface, this library has version %u"),
                            descriptor->abi, (guint) OAI_MODULE_ABI);

  if (g_strcmp0 (descriptor->name, name) != 0)
    return g_strdup_printf (_("its descriptor has the name “%s”"), descriptor->name != NULL ? descriptor->name : "");

  if (descriptor->n_endpoints == 0 || g_strcmp0 (descriptor->endpoints[0].name, name) != 0)
    return g_strdup (_("it contains no endpoint"));

  return NULL;
}

/* The types of open modules: name of a type → name of its module. */

static char *
dup_owner (const char *type_name)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&modules_lock);

  return type_owners != NULL ? g_strdup (g_hash_table_lookup (type_owners, type_name)) : NULL;
}

static void
note_types (const OaiModuleDescriptor *descriptor)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&modules_lock);

  if (type_owners == NULL)
    type_owners = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; descriptor->type_names != NULL && descriptor->type_names[i] != NULL; i++)
    if (!g_hash_table_contains (type_owners, descriptor->type_names[i]))
      g_hash_table_insert (type_owners, (gpointer) descriptor->type_names[i], (gpointer) descriptor->name);
}

/* Types of the same name in two modules are an error. */
static char *
check_type_names (const OaiModuleDescriptor *descriptor)
{
  for (guint i = 0; descriptor->type_names != NULL && descriptor->type_names[i] != NULL; i++)
    {
      g_autofree char *owner = dup_owner (descriptor->type_names[i]);

      if (owner != NULL && !g_str_equal (owner, descriptor->name))
        return g_strdup_printf (_("its type %s also exists in the module “%s”"), descriptor->type_names[i], owner);
    }

  return NULL;
}

static const OaiModuleDescriptor *
get_descriptor (GModule *module, const char *name)
{
  g_autofree char *symbol_name = dup_symbol_name (name);
  OaiModuleGetDescriptor get = NULL;
  const OaiModuleDescriptor *descriptor = NULL;

  if (g_module_symbol (module, symbol_name, (gpointer *) &get) && get != NULL)
    descriptor = get ();

  return descriptor != NULL ? read_descriptor (descriptor) : NULL;
}

/* Adds the types of modules that the program links, which core has not loaded. */
static void
note_types_of_open_modules (const char *but)
{
  g_autoptr(GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer name;

  add_names_of_open_libraries (names);
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_auto(Search) search = { 0 };
      g_autofree char *path = NULL;
      const OaiModuleDescriptor *descriptor;
      GModule *module;

      search_init (&search, name);
      path = g_str_equal (name, but) ? NULL : oai_library_find_open (search.file_name);
      module = path != NULL ? g_module_open_full (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL, NULL) : NULL;
      if (module == NULL)
        continue;

      descriptor = get_descriptor (module, name);
      if (descriptor != NULL && descriptor->abi == OAI_MODULE_ABI)
        note_types (descriptor);
      g_module_close (module);
    }
}

static const OaiModuleDescriptor *
describe (GModule *module, const char *name, GError **error)
{
  g_autofree char *symbol_name = dup_symbol_name (name);
  const OaiModuleDescriptor *descriptor = NULL;
  g_autofree char *problem = NULL;
  gpointer symbol;

  if (g_module_symbol (module, symbol_name, &symbol))
    {
      descriptor = get_descriptor (module, name);
      problem = check_descriptor (descriptor, name);
    }
  else
    problem = g_strdup_printf (_("it has no function %s"), symbol_name);

  if (problem == NULL)
    {
      note_types_of_open_modules (name);
      problem = check_type_names (descriptor);
    }
  if (problem == NULL)
    problem = check_endpoints (descriptor);
  if (problem == NULL)
    return descriptor;

  set_broken (error, g_module_name (module), problem);
  return NULL;
}

/* Returns the program itself if it has the descriptor of the module: the program links the
 * shared library, or contains the module and exports its symbols. */
static GModule *
open_program (const char *name)
{
  GModule *program = g_module_open (NULL, 0);

  if (program != NULL && get_descriptor (program, name) != NULL)
    return program;

  g_clear_pointer (&program, g_module_close);
  return NULL;
}

/* Sets *missing if the module does not exist. */
static const OaiModuleDescriptor *
load (const char *name, gboolean *missing, GError **error)
{
  g_auto(Search) search = { 0 };
  g_autofree char *path = NULL;
  GModule *module = open_program (name);

  *missing = FALSE;
  search_init (&search, name);
  if (module != NULL)
    return describe (module, name, error);

  path = find_path (&search, error);
  *missing = path == NULL;
  if (path == NULL)
    return NULL;

  module = g_module_open_full (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL, NULL);
  if (module == NULL)
    {
      set_broken (error, path, g_module_error ());
      return NULL;
    }

  g_module_make_resident (module);
  return describe (module, name, error);
}

static const OaiModuleDescriptor *
lookup (const char *name)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&modules_lock);

  return modules != NULL ? g_hash_table_lookup (modules, name) : NULL;
}

static void
remember (const char *name, const OaiModuleDescriptor *descriptor)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&modules_lock);

  if (modules == NULL)
    modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_insert (modules, g_strdup (name), (gpointer) descriptor);
}

static const OaiModuleDescriptor *
load_once (const char *name, gboolean *missing, GError **error)
{
  const OaiModuleDescriptor *descriptor = NULL;

  *missing = FALSE;
  if (!is_valid_name (name))
    {
      /* Translators: %s is what a program gave for the name of a module. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_MODULE,
                   _("“%s” cannot be the name of an endpoint module: only lower-case letters, digits and hyphens are allowed."), name);
      return NULL;
    }

  descriptor = lookup (name);
  if (descriptor != NULL)
    return descriptor;

  /* The lock is not held, since code of the module runs.  Two threads may load the same one. */
  descriptor = load (name, missing, error);
  if (descriptor == NULL)
    return NULL;

  note_types (descriptor);
  remember (name, descriptor);
  return descriptor;
}

const OaiModuleDescriptor *
oai_module_load (const char *name, GError **error)
{
  gboolean missing;

  g_return_val_if_fail (name != NULL, NULL);

  return load_once (name, &missing, error);
}

/* Endpoints by name */

static GType
find_in_module (const OaiModuleDescriptor *descriptor, const char *name)
{
  for (gsize i = 0; i < descriptor->n_endpoints; i++)
    if (g_strcmp0 (descriptor->endpoints[i].name, name) == 0)
      return descriptor->endpoints[i].get_type ();

  return G_TYPE_INVALID;
}

static GList *
list_loaded (void)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&modules_lock);

  return modules != NULL ? g_hash_table_get_values (modules) : NULL;
}

static GType
find_in_loaded_modules (const char *name)
{
  g_autoptr(GList) loaded = list_loaded ();
  GType type = G_TYPE_INVALID;

  for (GList *link = loaded; link != NULL && type == G_TYPE_INVALID; link = link->next)
    type = find_in_module (link->data, name);

  return type;
}

static gsize
get_common_length (const char *a, const char *b)
{
  gsize i = 0;

  while (a[i] != '\0' && a[i] == b[i])
    i++;

  return i;
}

/* Sorts modules by the length of the prefix that their name shares with the endpoint's, longest
 * first. */
static int
compare_likeness (gconstpointer a, gconstpointer b, gpointer name)
{
  gsize length_a = get_common_length (*(const char *const *) a, name);
  gsize length_b = get_common_length (*(const char *const *) b, name);

  if (length_a != length_b)
    return length_a > length_b ? -1 : 1;

  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* In seconds.  A directory that changed more recently may change again without a new time. */
#define MIN_AGE 2

/* Returns FALSE if a later change of the directory may not be visible in its time. */
static gboolean
describe_directory (GString *text, const char *path)
{
  GStatBuf status = { 0 };

  g_stat (path, &status);
  g_string_append_printf (text, "%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT "\n", path,
                          (guint64) status.st_dev, (guint64) status.st_ino, (gint64) status.st_mtime);

  return status.st_mtime + MIN_AGE <= g_get_real_time () / G_USEC_PER_SEC;
}

static void
add_path_of_library (const char *path, gpointer text)
{
  g_string_append_printf (text, "%s\n", path);
}

/* Returns a text that changes when a module is installed, removed or opened by the program.  It
 * also changes when a search opens modules.  NULL if a change may be missed. */
static char *
describe_installed (void)
{
  g_auto(GStrv) directories = list_environment_directories ();
  GString *text = g_string_new (NULL);
  gboolean reliable = describe_directory (text, OAI_MODULE_DIR);

  for (guint i = 0; directories[i] != NULL; i++)
    if (directories[i][0] != '\0' && !describe_directory (text, directories[i]))
      reliable = FALSE;
  oai_library_foreach_open (add_path_of_library, text);

  return g_string_free (text, !reliable);
}

static gboolean
was_searched (const char *installed)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&modules_lock);

  return installed != NULL && g_strcmp0 (installed, searched) == 0;
}

/* Takes ownership of installed. */
static void
remember_search (char *installed)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&modules_lock);

  g_free (searched);
  searched = installed;
}

/* Opens the installed modules one after the other until one has the endpoint.  If no module has it,
 * all are open, so they are not searched again before another module is installed. */
static GType
find_in_installed_modules (const char *name)
{
  g_autofree char *installed = describe_installed ();
  g_auto(GStrv) names = NULL;
  GType type = G_TYPE_INVALID;

  if (was_searched (installed))
    return G_TYPE_INVALID;

  names = oai_list_modules ();
  g_qsort_with_data (names, g_strv_length (names), sizeof (char *), compare_likeness, (gpointer) name);
  for (guint i = 0; names[i] != NULL && type == G_TYPE_INVALID; i++)
    {
      const OaiModuleDescriptor *descriptor = oai_module_load (names[i], NULL);

      if (descriptor != NULL)
        type = find_in_module (descriptor, name);
    }
  if (type == G_TYPE_INVALID)
    remember_search (g_steal_pointer (&installed));

  return type;
}

GType
oai_module_find_endpoint (const char *name, GError **error)
{
  const OaiModuleDescriptor *descriptor = lookup (name);
  g_autoptr(GError) reason = NULL;
  gboolean missing;
  GType type = descriptor == NULL ? find_in_loaded_modules (name) : G_TYPE_INVALID;

  if (type != G_TYPE_INVALID)
    return type;

  descriptor = load_once (name, &missing, &reason);
  if (descriptor != NULL)
    return descriptor->endpoints[0].get_type ();

  if (missing)
    type = find_in_installed_modules (name);
  if (type == G_TYPE_INVALID)
    g_propagate_error (error, g_steal_pointer (&reason));

  return type;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * oai_list_modules:
 *
 * Lists the endpoint modules that are installed or in use.
 *
 * [method@Oai.Client.get_endpoint] accepts these names. The list contains the modules in the
 * directories of the environment variable `OAI_MODULE_PATH`, in the module directory of the
 * library, and those that are open in the process. No module is opened, so a listed module may be
 * broken. A module that only the dynamic linker finds is not listed.
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
  add_names_of_open_libraries (names);
  add_names_of_loaded_modules (names);

  list = (GStrv) g_hash_table_get_keys_as_array (names, &n_names);
  qsort (list, n_names, sizeof (char *), compare_names);
  return list;
}
