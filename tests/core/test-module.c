/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* OAI_MODULE_PATH names the directory of the fixtures, tests/fixtures/modules.
 * LANGUAGE is "de" for the test of a translation. */

#include <errno.h>
#include <glib/gstdio.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>
#include <utime.h>

#include "oai-client.h"
#include "oai-client-endpoints.h"
#include "oai-endpoint.h"
#include "oai-error.h"
#include "oai-module-loader.h"
#include "oai-operation.h"
#include "oai-platform-private.h"

static const char *module_path;

/* The type of the first endpoint of a module. */
static GType
load (const char *name, GError **error)
{
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiClient) client = oai_client_new (auth, NULL);
  g_autoptr(OaiEndpoint) endpoint = oai_client_get_endpoint (client, name, error);

  return endpoint != NULL ? G_OBJECT_TYPE (endpoint) : G_TYPE_INVALID;
}

static void
test_good (void)
{
  g_autoptr(GError) error = NULL;
  GType type = load ("good", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (g_type_name (type), ==, "OaiGoodEndpoint");

  /* Later calls return the same one. */
  g_assert_true (load ("good", &error) == type);
  g_assert_no_error (error);
}

typedef struct
{
  const char *name;
  const char *says;
} Refusal;

static void
test_refused (gconstpointer data)
{
  const Refusal *refusal = data;
  g_autofree char *file_name = g_strdup_printf ("libopenai-%s-1.so.0", refusal->name);

#ifndef OAI_HAVE_DLINFO
  /* Without a list of the open libraries, only the types of loaded modules are known. */
  g_assert_true (load ("good", NULL) != G_TYPE_INVALID);
#endif

  /* Twice, since a failure must not be stored as a success. */
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_true (load (refusal->name, &error) == G_TYPE_INVALID);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_MODULE);
      g_assert_nonnull (strstr (error->message, refusal->says));
      g_assert_nonnull (strstr (error->message, file_name));
      g_assert_nonnull (strstr (error->message, "/fixtures/modules/"));
    }
}

static void
test_missing (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *first = g_build_filename (g_getenv ("OAI_MODULE_PATH"), "libopenai-nowhere-1.so.0", NULL);

  g_assert_true (load ("nowhere", &error) == G_TYPE_INVALID);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_MODULE);

  /* The message contains every path that was tried, and the solution. */
  g_assert_nonnull (strstr (error->message, "“nowhere”"));
  g_assert_nonnull (strstr (error->message, first));
  g_assert_nonnull (strstr (error->message, ", libopenai-nowhere-1.so.0, "));
  g_assert_nonnull (strstr (error->message, "/openai-1/modules/libopenai-nowhere-1.so.0"));
  g_assert_nonnull (strstr (error->message, "OAI_MODULE_PATH"));
}

static void
test_bad_names (void)
{
  static const char *const names[] = {
    "", "..", "../good", "/good", "go/od", "Good", "go od", "good.", "go_od", "good\n", "gööd", "-good", "good-",
  };
  g_autofree char *longest = g_strnfill (10000, 'a');

  for (guint i = 0; i <= G_N_ELEMENTS (names); i++)
    {
      const char *name = i < G_N_ELEMENTS (names) ? names[i] : longest;
      g_autoptr(GError) error = NULL;

      g_assert_true (load (name, &error) == G_TYPE_INVALID);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_MODULE);
      g_assert_nonnull (strstr (error->message, "cannot be the name"));
    }
}

static void
test_list (void)
{
  g_auto(GStrv) names = oai_list_modules ();

  g_assert_true (g_strv_contains ((const char *const *) names, "good"));
  g_assert_true (g_strv_contains ((const char *const *) names, "not-a-library"));
  g_assert_false (g_strv_contains ((const char *const *) names, "core"));
  g_assert_false (g_strv_contains ((const char *const *) names, ""));

  for (guint i = 1; names[i] != NULL; i++)
    g_assert_cmpstr (names[i - 1], <, names[i]);
}

static void
test_list_modules_only (void)
{
  static const char *const files[] = {
    "libopenai-core-1.so.0", "libopenai-introspection-1.so.0", "libopenai-json-glib-1.so.0", "libopenai-only-listed-1.so.0",
  };
  g_autofree char *directory = g_dir_make_tmp ("oai-module-XXXXXX", NULL);
  g_auto(GStrv) names = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (directory, files[i], NULL);

      g_assert_true (g_file_set_contents (path, "", 0, NULL));
    }

  g_setenv ("OAI_MODULE_PATH", directory, TRUE);
  names = oai_list_modules ();
  g_setenv ("OAI_MODULE_PATH", module_path, TRUE);

  g_assert_true (g_strv_contains ((const char *const *) names, "only-listed"));
  g_assert_false (g_strv_contains ((const char *const *) names, "core"));
  g_assert_false (g_strv_contains ((const char *const *) names, "introspection"));
  g_assert_false (g_strv_contains ((const char *const *) names, "json-glib"));

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (directory, files[i], NULL);

      g_assert_no_errno (g_unlink (path));
    }
  g_assert_no_errno (g_rmdir (directory));
}

/* The same happens in a program that links a module from a directory that is not searched. */
static void
test_list_open (void)
{
  g_auto(GStrv) names = NULL;

  g_assert_true (load ("good", NULL) != G_TYPE_INVALID);
  g_unsetenv ("OAI_MODULE_PATH");
  names = oai_list_modules ();
  g_setenv ("OAI_MODULE_PATH", module_path, TRUE);

  g_assert_true (g_strv_contains ((const char *const *) names, "good"));
  g_assert_false (g_strv_contains ((const char *const *) names, "not-a-library"));
}

static gpointer
load_in_thread (gpointer name)
{
  return GSIZE_TO_POINTER (load (name, NULL));
}

static void
test_threads (void)
{
  GThread *threads[8];
  GType type;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("load", load_in_thread, (gpointer) "good");

  type = load ("good", NULL);
  g_assert_true (type != G_TYPE_INVALID);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_true (GPOINTER_TO_SIZE (g_thread_join (threads[i])) == type);
}

/* Messages are translated, with the catalogue of the build. */
static void
test_translated (void)
{
  g_autofree char *catalogues = g_build_filename (g_getenv ("G_TEST_BUILDDIR"), "..", "..", "po", NULL);
  g_autoptr(GError) untranslated = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (load ("No", &untranslated) == G_TYPE_INVALID);

  g_assert_nonnull (setlocale (LC_ALL, "C.UTF-8"));
  bindtextdomain (GETTEXT_PACKAGE, catalogues);

  g_assert_true (load ("No", &error) == G_TYPE_INVALID);
  setlocale (LC_ALL, "C");

  g_assert_error (error, OAI_ERROR, OAI_ERROR_MODULE);
  g_assert_cmpstr (error->message, !=, untranslated->message);
  g_assert_nonnull (strstr (error->message, "Kleinbuchstaben"));
}

/* A catalogue with one message, in the format of .mo files. */
static void
write_catalogue (const char *path, const char *text, const char *translation)
{
  const guint32 head[] = {
    0x950412de, 0, 1, 28, 36, 0, 44,                                       /* magic, revision, one message, tables */
    strlen (text), 44, strlen (translation), 44 + (guint32) strlen (text) + 1, /* length and offset of each string */
  };
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  g_autoptr(GError) error = NULL;

  g_byte_array_append (bytes, (const guint8 *) head, sizeof head);
  g_byte_array_append (bytes, (const guint8 *) text, strlen (text) + 1);
  g_byte_array_append (bytes, (const guint8 *) translation, strlen (translation) + 1);
  g_file_set_contents (path, (const char *) bytes->data, bytes->len, &error);
  g_assert_no_error (error);
}

/* A missing module is looked for in all directories, even if dlerror() is translated. */
static void
test_translated_linker (void)
{
  g_autofree char *root = g_dir_make_tmp ("oai-module-XXXXXX", NULL);
  g_autofree char *language = g_build_filename (root, "de", NULL);
  g_autofree char *directory = g_build_filename (language, "LC_MESSAGES", NULL);
  g_autofree char *path = g_build_filename (directory, "libc.mo", NULL);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  write_catalogue (path, "No such file or directory", "Datei oder Verzeichnis nicht gefunden");

  g_assert_nonnull (setlocale (LC_ALL, "C.UTF-8"));
  bindtextdomain ("libc", root);
  g_assert_cmpstr (strerror (ENOENT), ==, "Datei oder Verzeichnis nicht gefunden");
  bindtextdomain (GETTEXT_PACKAGE, root);
  test_missing ();
  setlocale (LC_ALL, "C");

  g_unlink (path);
  g_rmdir (directory);
  g_rmdir (language);
  g_rmdir (root);
}

/* The constructor of its endpoint gets another endpoint. */
static void
test_nested (void)
{
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiClient) client = oai_client_new (auth, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiEndpoint) endpoint = oai_client_get_endpoint (client, "nested", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_endpoint_get_name (endpoint), ==, "nested");
}

static void
test_further (void)
{
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiClient) client = oai_client_new (auth, NULL);
  g_autoptr(OaiEndpoint) first = NULL;
  g_autoptr(OaiEndpoint) further = NULL;
  g_autoptr(OaiEndpoint) again = NULL;
  g_autoptr(GError) error = NULL;

  /* Its module is opened for it. */
  further = oai_client_get_endpoint (client, "further", &error);
  g_assert_no_error (error);
  first = oai_client_get_endpoint (client, "two", &error);
  g_assert_no_error (error);
  again = oai_client_get_endpoint (client, "further", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_endpoint_get_name (first), ==, "two");
  g_assert_cmpstr (oai_endpoint_get_name (further), ==, "further");
  g_assert_true (further == again);
}

static void
test_no_endpoint (void)
{
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiClient) client = oai_client_new (auth, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_client_get_endpoint (client, "no-module-has-it", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_MODULE);
  g_assert_nonnull (strstr (error->message, "“no-module-has-it”"));
}

static void
set_time (const char *path, time_t seconds)
{
  struct utimbuf times = { .actime = seconds, .modtime = seconds };

  g_assert_cmpint (g_utime (path, &times), ==, 0);
}

/* A directory that has just changed is searched each time. */
static void
wait_for_module_directory (void)
{
  GStatBuf status;

  while (g_stat (OAI_MODULE_DIR, &status) == 0 && status.st_mtime + 2 > g_get_real_time () / G_USEC_PER_SEC)
    g_usleep (G_USEC_PER_SEC / 10);
}

/* Installed modules are not searched again for a name that none of them has, until their directory
 * changes. */
static void
test_installed_later (void)
{
  g_autofree char *directory = g_dir_make_tmp ("oai-module-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "libopenai-late-1.so.0", NULL);
  g_autofree char *source = g_build_filename (module_path, "uninstalled.so", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (source);
  g_autoptr(GFile) installed = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;

  wait_for_module_directory ();
  g_setenv ("OAI_MODULE_PATH", directory, TRUE);
  set_time (directory, 1000);
  for (guint i = 0; i < 3; i++)
    g_assert_true (load ("late-further", NULL) == G_TYPE_INVALID);

  g_file_copy (file, installed, G_FILE_COPY_NONE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  set_time (directory, 1000);
  g_assert_true (load ("late-further", NULL) == G_TYPE_INVALID);

  set_time (directory, 2000);
  g_assert_cmpstr (g_type_name (load ("late-further", &error)), ==, "OaiLateFurtherEndpoint");
  g_assert_no_error (error);

  g_setenv ("OAI_MODULE_PATH", module_path, TRUE);
  g_unlink (path);
  g_rmdir (directory);
}

/* A module whose tables are shorter or longer than those that core knows. */
static void
test_tables (gconstpointer name)
{
  g_autofree char *path = g_strdup_printf ("%ss/{%s_id}", (const char *) name, (const char *) name);
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiClient) client = oai_client_new (auth, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiEndpoint) endpoint = oai_client_get_endpoint (client, name, &error);
  const OaiOperation *operations;
  g_auto(GStrv) names = NULL;
  g_autofree char *joined = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (oai_endpoint_get_name (endpoint), ==, name);
  names = oai_endpoint_list_operations (endpoint);
  joined = g_strjoinv (" ", names);
  g_assert_cmpstr (joined, ==, "list retrieve");

  operations = OAI_ENDPOINT_GET_CLASS (endpoint)->operations;
  g_assert_cmpint (operations[0].result, ==, OAI_RESULT_LIST);
  g_assert_cmpstr (operations[1].path, ==, path);
  g_assert_cmpint (operations[1].result, ==, OAI_RESULT_RECORD);
  g_assert_cmpstr (operations[1].text_member, ==, "text");
  g_assert_null (operations[1].format_member);
  g_assert_null (operations[1].check);
  if (g_str_equal (name, "older"))
    g_assert_null (operations[0].paging);
  else
    g_assert_cmpstr (operations[0].paging->next_member, ==, "next_page");

  /* The request matches the table. */
  g_assert_null (oai_endpoint_invoke_by_name (endpoint, "retrieve", "{}", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "_id"));
}

static void
test_further_row (void)
{
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiClient) client = oai_client_new (auth, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiEndpoint) endpoint = oai_client_get_endpoint (client, "newer-still", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_endpoint_get_name (endpoint), ==, "newer-still");
}

int
main (int argc, char **argv)
{
  static const Refusal refusals[] = {
    { "not-a-library", "invalid ELF header" },
    { "unresolved", "oai_symbol_of_no_library" },
    { "no-symbol", "it has no function oai_module_no_symbol_get_descriptor" },
    { "no-descriptor", "it returns no descriptor" },
    { "other-abi", "it was built for version 2 of the module interface, this library has version 1" },
    { "other-name", "its descriptor has the name “chat”" },
    { "no-endpoint", "it contains no endpoint" },
    { "other-type", "its type GCancellable is not an endpoint" },
    { "same-type", "its type OaiGoodEndpoint also exists in the module “good”" },
  };

  g_test_init (&argc, &argv, NULL);
  module_path = g_intern_string (g_getenv ("OAI_MODULE_PATH"));

  g_test_add_func ("/module/a-module-is-opened-once", test_good);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/module/refused/%s", refusals[i].name);

      g_test_add_data_func (path, &refusals[i], test_refused);
    }
  g_test_add_func ("/module/the-error-of-a-missing-module-lists-files", test_missing);
  g_test_add_func ("/module/names-that-are-paths-are-rejected", test_bad_names);
  g_test_add_func ("/module/installed-modules-are-listed", test_list);
  g_test_add_func ("/module/other-libraries-are-not-listed", test_list_modules_only);
  g_test_add_func ("/module/open-modules-are-listed", test_list_open);
  g_test_add_func ("/module/threads-get-the-same-module", test_threads);
  g_test_add_func ("/module/messages-are-translated", test_translated);
  g_test_add_func ("/module/messages-of-the-linker-may-be-translated", test_translated_linker);
  g_test_add_func ("/module/an-endpoint-can-get-others-during-construction", test_nested);

  g_test_add_func ("/module/other-endpoints-have-separate-names", test_further);
  g_test_add_func ("/module/an-unknown-endpoint-is-an-error", test_no_endpoint);
  g_test_add_func ("/module/a-module-that-is-installed-later-is-found", test_installed_later);
  g_test_add_data_func ("/module/shorter-tables-of-an-older-module", "older", test_tables);
  g_test_add_data_func ("/module/longer-tables-of-a-newer-module", "newer", test_tables);
  g_test_add_func ("/module/longer-rows-of-endpoints", test_further_row);

  return g_test_run ();
}
