/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-library-private.h"

#include "oai-platform-private.h"

#ifdef OAI_HAVE_DLINFO

#include <dlfcn.h>
#include <link.h>

/* An address within this library. */
static const char anchor = 0;

static char *
dup_path_of_handle (void *handle)
{
  struct link_map *map = NULL;

  dlinfo (handle, RTLD_DI_LINKMAP, &map);

  return g_canonicalize_filename (map->l_name, NULL);
}

char *
oai_library_find_open (const char *file_name)
{
  void *handle = dlopen (file_name, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
  char *path = NULL;

  if (handle == NULL)
    return NULL;

  path = dup_path_of_handle (handle);
  dlclose (handle);

  return path;
}

static Dl_serinfo *
list_linker_directories (void *handle)
{
  Dl_serinfo *list;
  Dl_serinfo size;

  if (dlinfo (handle, RTLD_DI_SERINFOSIZE, &size) != 0)
    return NULL;

  list = g_malloc0 (size.dls_size);
  list->dls_size = size.dls_size;
  list->dls_cnt = size.dls_cnt;
  if (dlinfo (handle, RTLD_DI_SERINFO, list) != 0)
    list->dls_cnt = 0;

  return list;
}

/* Searches the directories that the dynamic linker searches for this library: LD_LIBRARY_PATH, the
 * run path and the directories of the system. */
static char *
find_in_linker_directories (const char *file_name)
{
  g_autofree Dl_serinfo *list = NULL;
  Dl_info self;
  void *handle = NULL;
  char *path = NULL;

  if (dladdr (&anchor, &self) == 0 || self.dli_fname == NULL)
    return NULL;
  handle = dlopen (self.dli_fname, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
  if (handle == NULL)
    return NULL;

  list = list_linker_directories (handle);
  for (guint i = 0; list != NULL && path == NULL && i < list->dls_cnt; i++)
    {
      g_autofree char *candidate = g_build_filename (list->dls_serpath[i].dls_name, file_name, NULL);

      if (g_file_test (candidate, G_FILE_TEST_EXISTS))
        path = g_canonicalize_filename (candidate, NULL);
    }
  dlclose (handle);

  return path;
}

char *
oai_library_find_installed (const char *file_name, char **reason)
{
  void *handle = dlopen (file_name, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
  char *path;

  if (handle == NULL)
    {
      *reason = g_strdup (dlerror ());
      return find_in_linker_directories (file_name);
    }

  path = dup_path_of_handle (handle);
  dlclose (handle);

  return path;
}

typedef struct
{
  void (*func) (const char *path, gpointer user_data);
  gpointer user_data;
} Closure;

static int
call_cb (struct dl_phdr_info *info, size_t size, void *data)
{
  Closure *closure = data;

  closure->func (info->dlpi_name, closure->user_data);

  return 0;
}

void
oai_library_foreach_open (void (*func) (const char *path, gpointer user_data), gpointer user_data)
{
  Closure closure = { func, user_data };

  dl_iterate_phdr (call_cb, &closure);
}

#else

char *
oai_library_find_open (const char *file_name)
{
  return NULL;
}

char *
oai_library_find_installed (const char *file_name, char **reason)
{
  *reason = g_strdup ("the directories of the linker are not known");

  return NULL;
}

void
oai_library_foreach_open (void (*func) (const char *path, gpointer user_data), gpointer user_data)
{
}

#endif
