/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-key-file-private.h"
#include "oai-auth-private.h"
#include "oai-secret-private.h"
#include "oai-error.h"
#include "oai-platform-private.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define KEY "sk-test"

static const char *const variables[] = {
  "OPENAI_KEY", "OPENAI_API_KEY", "OPENAI_SECRET_KEY", "TEST_OPENAI_SECRET_KEY", "OPENAI_ADMIN_KEY",
  "OPEN_AI_ORGANIZATION_ID", "OPENAI_ORGANIZATION_ID", "OPENAI_ORGANIZATION", "OPENAI_ORG_ID", "ORGANIZATION",
  "OPEN_AI_PROJECT_ID", "OPENAI_PROJECT_ID", "AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_API_KEY",
};

static GString *logged;

static void
clean_environment (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
}

/* Checks that no log message contains a key. */
static GLogWriterOutput
collect_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      if (fields[i].length >= 0)
        continue;
      g_assert_null (strstr (fields[i].value, KEY));
      if (strcmp (fields[i].key, "MESSAGE") == 0 && (level & G_LOG_LEVEL_MESSAGE) != 0)
        g_string_append_printf (logged, "%s\n", (const char *) fields[i].value);
    }

  if ((level & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_DEBUG)) != 0)
    return G_LOG_WRITER_HANDLED;

  return g_log_writer_default (level, fields, n_fields, user_data);
}

static void
assert_token (OaiAuth *auth, const char *expected)
{
  oai_autosecret char *token = oai_auth_dup_token (auth);

  g_assert_cmpstr (token, ==, expected);
}

static void
assert_admin_key (OaiAuth *auth, const char *expected)
{
  oai_autosecret char *key = oai_auth_dup_admin_key (auth, NULL);

  g_assert_cmpstr (key, ==, expected);
}

static void
test_explicit_key (void)
{
  g_autoptr (OaiAuth) auth = oai_auth_new_full ("  sk-test\r\n", " org-x ", "");

  assert_token (auth, KEY);
  g_assert_true (oai_auth_has_api_key (auth));
  g_assert_false (oai_auth_has_admin_key (auth));
  g_assert_cmpstr (oai_auth_get_organization (auth), ==, "org-x");
  g_assert_null (oai_auth_get_project (auth));
  g_assert_cmpstr (oai_auth_get_source (auth), ==, "explicit");
}

static void
test_empty_key_for_servers_that_want_none (void)
{
  g_autoptr (OaiAuth) auth = oai_auth_new ("");

  assert_token (auth, "");
  g_assert_true (oai_auth_has_api_key (auth));
}

static void
on_token (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static char *
get_token (OaiAuth *auth, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_auth_request_token_async (auth, cancellable, on_token, &result);
  g_assert_null (result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return oai_auth_request_token_finish (auth, result, error);
}

static void
assert_no_token (OaiAuth *auth, const char *why)
{
  g_autoptr (GError) error = NULL;

  assert_token (auth, NULL);
  g_assert_null (get_token (auth, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_assert_nonnull (strstr (error->message, why));
  g_assert_null (strstr (error->message, KEY));
}

static void
test_no_key_is_an_error_at_the_call (void)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (NULL);

  g_assert_false (oai_auth_has_api_key (auth));
  assert_no_token (auth, "no API key");
}

static void
test_a_key_cannot_smuggle_a_header (void)
{
  g_autoptr (OaiAuth) auth = oai_auth_new ("sk-test\r\nX-Evil: 1");
  g_autoptr (GError) error = NULL;

  oai_auth_set_admin_key (auth, "sk-test\nX-Evil: 1");
  assert_no_token (auth, "characters");
  g_assert_null (oai_auth_dup_admin_key (auth, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_assert_nonnull (strstr (error->message, "characters"));
  g_assert_null (strstr (error->message, KEY));
}

static void
test_keys_cannot_be_read_back (void)
{
  g_autoptr (OaiAuth) auth = g_object_new (OAI_TYPE_AUTH, "api-key", KEY, "admin-key", "sk-test-admin", "project", "proj_x", NULL);
  guint n_properties;
  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (auth), &n_properties);

  assert_token (auth, KEY);
  assert_admin_key (auth, "sk-test-admin");
  for (guint i = 0; i < n_properties; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autofree char *text = NULL;

      if ((specs[i]->flags & G_PARAM_READABLE) == 0)
        continue;
      g_object_get_property (G_OBJECT (auth), specs[i]->name, &value);
      text = g_strdup_value_contents (&value);
      g_assert_null (strstr (text, KEY));
    }
  g_assert_cmpint (g_object_class_find_property (G_OBJECT_GET_CLASS (auth), "api-key")->flags & G_PARAM_READABLE, ==, 0);
  g_assert_cmpint (g_object_class_find_property (G_OBJECT_GET_CLASS (auth), "admin-key")->flags & G_PARAM_READABLE, ==, 0);
}

/* Files */

typedef struct
{
  char *directory;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  clean_environment ();
  g_string_truncate (logged, 0);
  fixture->directory = g_dir_make_tmp ("oai-auth-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_tree (fixture->directory);
  g_free (fixture->directory);
  clean_environment ();
}

static char *
write_file (const char *directory, const char *name, const char *text, int mode)
{
  char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, mode), ==, 0);

  return path;
}

typedef struct
{
  const char *text;
  const char *key; /* NULL: none */
  const char *organization;
  const char *project;
} FileRow;

static const FileRow json_rows[] = {
  { "{\"apiKey\":\"sk-test\"}", KEY, NULL, NULL },
  { "\357\273\277 \n{\"apiKey\":\" sk-test \",\"organization\":\"org-a\",\"other\":{\"x\":1}}", KEY, "org-a", NULL },
  { "{\"apiKey\":\"sk-test\",\"organizationId\":\"org-a\",\"projectId\":\"proj_a\"}", KEY, "org-a", "proj_a" },
  { "{\"api_key\":\"sk-test\",\"organization_id\":\"org-a\",\"project\":\"proj_a\"}", KEY, "org-a", "proj_a" },
  { "{\"OPENAI_API_KEY\":\"sk-test\"}", KEY, NULL, NULL },
  { "{\"apiKey\":\"sk-test=a:b\\u002dc\"}", "sk-test=a:b-c", NULL, NULL },
  { "{\"apiKey\":17}", NULL, NULL, NULL },
  { "{\"apiKey\":\"  \"}", NULL, NULL, NULL },
  { "{\"apiKey\":sk-test}", NULL, NULL, NULL },
  { "{\"apiKey\":\"sk-test\",}", NULL, NULL, NULL },
  { "{}", NULL, NULL, NULL },
};

static const FileRow line_rows[] = {
  { "OPENAI_KEY=sk-test", KEY, NULL, NULL },
  { "OPENAI_API_KEY: sk-test\r\nORGANIZATION: org-a\r\nOPENAI_PROJECT_ID: proj_a\r\n", KEY, "org-a", "proj_a" },
  { "OPENAI_SECRET_KEY=sk-test\nOPEN_AI_ORGANIZATION_ID=org-a\nOPEN_AI_PROJECT_ID=proj_a", KEY, "org-a", "proj_a" },
  { "TEST_OPENAI_SECRET_KEY = sk-test\nOPENAI_ORGANIZATION_ID = org-a", KEY, "org-a", NULL },
  { "  export OPENAI_API_KEY=\"sk-test\"", KEY, NULL, NULL },
  { "export\tOPENAI_API_KEY='sk-test'  # mine", KEY, NULL, NULL },
  { "# OPENAI_API_KEY=other\n\nOPENAI_API_KEY=sk-test # mine", KEY, NULL, NULL },
  { "OPENAI_API_KEY=sk-test=a:b==", "sk-test=a:b==", NULL, NULL },
  { "OPENAI_API_KEY: sk-test#1", "sk-test#1", NULL, NULL },
  { "OPENAI_API_KEY=\"sk-test", "\"sk-test", NULL, NULL },
  { "OPENAI_API_KEY=sk-test\nORGANIZATION=org-\xff", KEY, "org-\xef\xbf\xbd", NULL },
  { "OPENAI_API_KEY=first\nOPENAI_API_KEY=sk-test\nOPENAI_API_KEY=\n", KEY, NULL, NULL },
  { "SOMETHING=else\nOPENAI_BASE_URL=http://x", NULL, NULL, NULL },
  { "sk-test", NULL, NULL, NULL },
  { "", NULL, NULL, NULL },
};

static void
check_file (const char *directory, const FileRow *row)
{
  g_autofree char *path = write_file (directory, "key", row->text, 0600);
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) auth = oai_auth_new_from_path (path, &error);

  if (row->key == NULL)
    {
      g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
      g_assert_nonnull (strstr (error->message, path));
      g_assert_null (strstr (error->message, KEY));
      return;
    }

  g_assert_no_error (error);
  assert_token (auth, row->key);
  g_assert_cmpstr (oai_auth_get_organization (auth), ==, row->organization);
  g_assert_cmpstr (oai_auth_get_project (auth), ==, row->project);
}

static void
test_json_files (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (json_rows); i++)
    check_file (fixture->directory, &json_rows[i]);
}

static void
test_line_files (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (line_rows); i++)
    check_file (fixture->directory, &line_rows[i]);
}

static void
test_files_that_cannot_be_read (Fixture *fixture, gconstpointer data)
{
  g_autofree char *absent = g_build_filename (fixture->directory, "absent", NULL);
  g_autofree char *blanks = g_strnfill (70 * 1024, ' ');
  g_autofree char *huge = write_file (fixture->directory, "huge", blanks, 0600);
  g_autoptr (GError) error = NULL;

  g_assert_null (oai_auth_new_from_path (absent, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (oai_auth_new_from_path (fixture->directory, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_clear_error (&error);
  g_assert_null (oai_auth_new_from_path (huge, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
}

static void
test_search_goes_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *deep = g_build_filename (fixture->directory, "a", "b", NULL);
  g_autofree char *missing = g_build_filename (deep, "not", "there", NULL);
  g_autofree char *path = write_file (fixture->directory, ".openai", "OPENAI_KEY=sk-test", 0600);
  g_autofree char *distraction = g_build_filename (fixture->directory, "a", ".openai", NULL);
  g_autofree char *source = g_strconcat ("file ", path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) auth = NULL;

  /* A directory of that name is not a key file. */
  g_assert_cmpint (g_mkdir_with_parents (distraction, 0700), ==, 0);
  auth = oai_auth_new_from_directory (missing, NULL, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_auth_get_source (auth), ==, source);

  g_assert_null (oai_auth_new_from_directory (deep, NULL, FALSE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (oai_auth_new_from_directory (deep, "no-such-name-anywhere", TRUE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (oai_auth_new_from_directory (deep, "../.openai", FALSE, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_first_file_ends_the_search (Fixture *fixture, gconstpointer data)
{
  g_autofree char *below = g_build_filename (fixture->directory, "a", NULL);
  g_autofree char *upper = write_file (fixture->directory, ".openai", "OPENAI_KEY=sk-test", 0600);
  g_autofree char *lower = write_file (below, ".openai", "NOTHING=here", 0600);
  g_autoptr (GError) error = NULL;

  g_assert_null (oai_auth_new_from_directory (below, NULL, TRUE, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_assert_null (strstr (error->message, upper));
  g_assert_nonnull (strstr (error->message, lower));
}

/* Whether the library reads who owns a file and who can write to it; if not, the test is skipped. */
static gboolean
has_permissions (void)
{
#ifdef OAI_HAVE_UNIX
  return TRUE;
#else
  g_test_skip ("this build does not read the owners and permissions of files");
  return FALSE;
#endif
}

static void
test_file_that_others_can_read (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = write_file (fixture->directory, "key", "OPENAI_KEY=sk-test", 0644);
  g_autofree char *closed = write_file (fixture->directory, "closed", "OPENAI_KEY=sk-test", 0600);
  g_autoptr (OaiAuth) auth = oai_auth_new_from_path (closed, NULL);
  g_autoptr (OaiAuth) open = NULL;

  if (!has_permissions ())
    return;

  g_assert_nonnull (auth);
  g_assert_cmpstr (logged->str, ==, "");
  open = oai_auth_new_from_path (path, NULL);
  g_assert_nonnull (open);
  g_assert_nonnull (strstr (logged->str, path));
}

/* Files that other users could have written */

static void
test_who_is_trusted (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    uid_t directory_owner;
    mode_t directory_mode;
    uid_t file_owner;
    mode_t file_mode;
    const char *why; /* NULL: trusted */
  } rows[] = {
    { 1000, 0755, 1000, 0644, NULL },
    { 0, 0755, 0, 0644, NULL },
    { 0, 0755, 1000, 0600, NULL },
    { 1000, 0700, 0, 0444, NULL },
    { 1001, 0755, 1000, 0600, "directory belongs to another user" },
    { 0, 01777, 1000, 0600, "write to its directory" },
    { 1000, 0775, 1000, 0600, "write to its directory" },
    { 1000, 0755, 1001, 0644, "it belongs to another user" },
    { 0, 0755, 65534, 0600, "it belongs to another user" },
    { 1000, 0755, 1000, 0664, "write to it" },
    { 1000, 0755, 0, 0646, "write to it" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const OaiFileStatus directory = { rows[i].directory_owner, rows[i].directory_mode };
      const OaiFileStatus file = { rows[i].file_owner, rows[i].file_mode };
      g_autofree char *message = oai_key_file_dup_distrust ("/a/.openai", &directory, &file, 1000);

      if (rows[i].why == NULL)
        {
          g_assert_null (message);
          continue;
        }
      g_assert_nonnull (message);
      g_assert_nonnull (strstr (message, "/a/.openai"));
      g_assert_nonnull (strstr (message, rows[i].why));
    }
}

static void
assert_search_goes_on (const char *below, const char *ignored, const char *taken)
{
  g_autofree char *source = g_strconcat ("file ", taken, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) auth = NULL;

  g_string_truncate (logged, 0);
  auth = oai_auth_new_from_directory (below, NULL, TRUE, &error);
  g_assert_no_error (error);
  assert_token (auth, KEY);
  g_assert_cmpstr (oai_auth_get_source (auth), ==, source);
  g_assert_nonnull (strstr (logged->str, ignored));
  g_assert_null (oai_auth_new_from_directory (below, NULL, FALSE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_nonnull (strstr (error->message, ignored));
}

static void
test_files_that_others_can_write_are_ignored (Fixture *fixture, gconstpointer data)
{
  g_autofree char *below = g_build_filename (fixture->directory, "shared", NULL);
  g_autofree char *upper = write_file (fixture->directory, ".openai", "OPENAI_KEY=sk-test", 0600);
  g_autofree char *lower = write_file (below, ".openai", "OPENAI_KEY=sk-test-other", 0620);
  g_autoptr (OaiAuth) named = NULL;

  if (!has_permissions ())
    return;

  assert_search_goes_on (below, lower, upper);

  g_assert_cmpint (g_chmod (lower, 0600), ==, 0);
  g_assert_cmpint (g_chmod (below, 01777), ==, 0);
  assert_search_goes_on (below, lower, upper);

  /* A file that the program names is read. */
  named = oai_auth_new_from_path (lower, NULL);
  assert_token (named, "sk-test-other");
}

static void
test_files_of_other_users_are_ignored (Fixture *fixture, gconstpointer data)
{
  g_autofree char *below = g_build_filename (fixture->directory, "other", NULL);
  g_autofree char *upper = write_file (fixture->directory, ".openai", "OPENAI_KEY=sk-test", 0600);
  g_autofree char *lower = write_file (below, ".openai", "OPENAI_KEY=sk-test-other", 0644);

  if (!has_permissions ())
    return;
  if (chown (lower, 65534, 65534) != 0)
    {
      g_test_skip ("only root can change the owner of a file");
      return;
    }

  assert_search_goes_on (below, lower, upper);
}

/* The default chain: $HOME and the current directory are set in main(). */

static void
test_chain (Fixture *fixture, gconstpointer data)
{
  const char *home = g_get_home_dir ();
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *of_home = NULL;
  g_autofree char *of_here = NULL;
  g_autoptr (GError) error = NULL;
  OaiAuth *auth = oai_auth_new_default (&error);

  g_assert_null (auth);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_clear_error (&error);

  g_setenv ("OPENAI_API_KEY", "sk-test-env", TRUE);
  g_setenv ("OPENAI_ADMIN_KEY", "sk-test-admin", TRUE);
  auth = oai_auth_new_default (&error);
  assert_token (auth, "sk-test-env");
  g_assert_cmpstr (oai_auth_get_source (auth), ==, "environment OPENAI_API_KEY");
  g_object_unref (auth);

  of_home = write_file (home, ".openai", "OPENAI_KEY=sk-test-home", 0600);
  auth = oai_auth_new_default (&error);
  assert_token (auth, "sk-test-home");
  assert_admin_key (auth, "sk-test-admin");
  g_object_unref (auth);

  of_here = write_file (here, ".openai", "OPENAI_KEY=sk-test-here\nOPENAI_ADMIN_KEY=sk-test-own", 0600);
  auth = oai_auth_new_default (&error);
  assert_token (auth, "sk-test-here");
  assert_admin_key (auth, "sk-test-own");
  g_object_unref (auth);

  /* A file without a key is skipped and reported. */
  g_free (write_file (here, ".openai", "{}", 0600));
  g_string_truncate (logged, 0);
  auth = oai_auth_new_default (&error);
  assert_token (auth, "sk-test-home");
  g_assert_nonnull (strstr (logged->str, of_here));
  g_object_unref (auth);

  g_assert_no_error (error);
  g_assert_cmpint (g_remove (of_home), ==, 0);
  g_assert_cmpint (g_remove (of_here), ==, 0);
}

static void
test_chain_ignores_files_that_others_can_write (Fixture *fixture, gconstpointer data)
{
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *of_home = write_file (g_get_home_dir (), ".openai", "OPENAI_KEY=sk-test-home", 0600);
  g_autofree char *of_here = write_file (here, ".openai", "OPENAI_KEY=sk-test-here", 0622);
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) auth = NULL;

  if (has_permissions ())
    {
      auth = oai_auth_new_default (&error);
      g_assert_no_error (error);
      assert_token (auth, "sk-test-home");
      g_assert_nonnull (strstr (logged->str, "chmod go-w"));
    }

  g_assert_cmpint (g_remove (of_home), ==, 0);
  g_assert_cmpint (g_remove (of_here), ==, 0);
}

static void
test_what_is_wrong_with_files_is_in_the_error (Fixture *fixture, gconstpointer data)
{
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *path = write_file (here, ".openai", "{\"apiKey\":sk-test}", 0600);
  g_autoptr (GError) error = NULL;

  g_assert_null (oai_auth_new_default (&error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_assert_nonnull (strstr (error->message, "There is no API key"));
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, "not valid JSON"));
  g_assert_null (strstr (error->message, KEY));
  g_assert_nonnull (strstr (logged->str, path));
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
test_environment (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  OaiAuth *auth;

  g_assert_null (oai_auth_new_from_environment (&error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_clear_error (&error);

  g_setenv ("TEST_OPENAI_SECRET_KEY", "sk-test-4", TRUE);
  g_setenv ("OPENAI_SECRET_KEY", " sk-test-3\n", TRUE);
  g_setenv ("OPENAI_KEY", "  ", TRUE);
  g_setenv ("ORGANIZATION", "Example Inc.", TRUE);
  auth = oai_auth_new_from_environment (&error);
  assert_token (auth, "sk-test-3");
  g_assert_null (oai_auth_get_organization (auth));
  g_object_unref (auth);

  g_setenv ("OPENAI_API_KEY", "sk-test-2", TRUE);
  g_setenv ("OPENAI_KEY", "sk-test-1", TRUE);
  g_setenv ("ORGANIZATION", "org-c", TRUE);
  g_setenv ("OPENAI_PROJECT_ID", "proj_b", TRUE);
  auth = oai_auth_new_from_environment (&error);
  assert_token (auth, "sk-test-1");
  g_assert_cmpstr (oai_auth_get_organization (auth), ==, "org-c");
  g_assert_cmpstr (oai_auth_get_project (auth), ==, "proj_b");
  g_assert_cmpstr (oai_auth_get_source (auth), ==, "environment OPENAI_KEY");
  g_object_unref (auth);

  g_setenv ("OPENAI_ORG_ID", "org-e", TRUE);
  auth = oai_auth_new_from_environment (&error);
  g_assert_cmpstr (oai_auth_get_organization (auth), ==, "org-e");
  g_object_unref (auth);
  g_setenv ("OPENAI_ORGANIZATION", "org-d", TRUE);
  auth = oai_auth_new_from_environment (&error);
  g_assert_cmpstr (oai_auth_get_organization (auth), ==, "org-d");
  g_object_unref (auth);

  g_setenv ("OPENAI_ORGANIZATION_ID", "org-b", TRUE);
  g_setenv ("OPEN_AI_ORGANIZATION_ID", "org-a", TRUE);
  g_setenv ("OPEN_AI_PROJECT_ID", "proj_a", TRUE);
  auth = oai_auth_new_from_environment (&error);
  g_assert_cmpstr (oai_auth_get_organization (auth), ==, "org-a");
  g_assert_cmpstr (oai_auth_get_project (auth), ==, "proj_a");
  g_object_unref (auth);
  g_assert_no_error (error);
}

static void
test_admin_key_alone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) auth = NULL;

  g_setenv ("OPENAI_ADMIN_KEY", "sk-test-admin", TRUE);
  auth = oai_auth_new_from_environment (&error);
  g_assert_no_error (error);
  g_assert_false (oai_auth_has_api_key (auth));
  g_assert_true (oai_auth_has_admin_key (auth));
  g_assert_cmpstr (oai_auth_get_source (auth), ==, "environment OPENAI_ADMIN_KEY");
}

static void
test_azure_environment (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) key = NULL;
  g_autoptr (OaiAuth) token = NULL;

  g_setenv ("OPENAI_API_KEY", "sk-test", TRUE);
  g_assert_null (oai_auth_new_for_azure_from_environment (&error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_clear_error (&error);

  g_setenv ("AZURE_OPENAI_API_KEY", "k-test", TRUE);
  key = oai_auth_new_for_azure_from_environment (&error);
  assert_token (key, "k-test");
  g_assert_false (oai_auth_get_use_active_directory (key));

  g_setenv ("AZURE_OPENAI_AD_TOKEN", "t-test", TRUE);
  token = oai_auth_new_for_azure_from_environment (&error);
  assert_token (token, "t-test");
  g_assert_true (oai_auth_get_use_active_directory (token));
  g_assert_no_error (error);
}

/* Threads */

#define ROUNDS 200

static gpointer
change_keys (gpointer user_data)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autofree char *key = g_strdup_printf ("sk-test-%u", i);

      oai_auth_set_api_key (user_data, key);
      oai_auth_set_admin_key (user_data, i % 2 == 0 ? key : NULL);
    }

  return NULL;
}

static gpointer
read_keys (gpointer user_data)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      oai_autosecret char *key = oai_auth_dup_token (user_data);
      oai_autosecret char *admin_key = oai_auth_dup_admin_key (user_data, NULL);

      g_assert_true (g_str_has_prefix (key, KEY));
      g_assert_true (admin_key == NULL || g_str_has_prefix (admin_key, KEY));
      g_assert_true (oai_auth_has_api_key (user_data));
      g_assert_cmpstr (oai_auth_get_source (user_data), ==, "explicit");
      oai_auth_advise (user_data, "https://api.openai.com/v1");
    }

  return NULL;
}

static void
test_threads_share_keys (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (KEY);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("keys", i < 2 ? change_keys : read_keys, auth);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
test_advice_about_credentials (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OaiAuth) odd = oai_auth_new_full ("key-test", "Example", "One");
  g_autoptr (OaiAuth) fine = oai_auth_new_full ("sess-test", "org-x", "proj_x");
  g_autoptr (OaiAuth) none = oai_auth_new ("");

  oai_auth_advise (fine, "https://api.openai.com/v1");
  oai_auth_advise (none, "https://api.openai.com/v1");
  oai_auth_advise (odd, "http://localhost:11434/v1");
  oai_auth_advise (odd, "https://api.openai.com.example/v1");
  g_assert_cmpstr (logged->str, ==, "");

  oai_auth_advise (odd, "https://eu.api.openai.com/v1");
  g_assert_nonnull (strstr (logged->str, "sk-"));
  g_assert_nonnull (strstr (logged->str, "org-"));
  g_assert_nonnull (strstr (logged->str, "proj_"));
  g_assert_null (strstr (logged->str, "key-test"));
  g_assert_null (strstr (logged->str, "Example"));
  assert_token (odd, "key-test");
}

int
main (int argc, char *argv[])
{
  g_autofree char *place = g_dir_make_tmp ("oai-home-XXXXXX", NULL);
  g_autofree char *here = g_build_filename (place, "here", NULL);
  g_autofree char *home = g_build_filename (place, "home", NULL);
  int status;

  g_setenv ("HOME", home, TRUE);
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_setenv ("LANGUAGE", "en", TRUE);
  g_test_init (&argc, &argv, NULL);
  logged = g_string_new (NULL);
  g_log_set_writer_func (collect_log, NULL, NULL);
  g_assert_cmpint (g_mkdir_with_parents (here, 0700), ==, 0);
  g_assert_cmpint (g_chdir (here), ==, 0);

  g_test_add_func ("/auth/explicit-key", test_explicit_key);
  g_test_add_func ("/auth/empty-key-for-servers-that-need-none", test_empty_key_for_servers_that_want_none);
  g_test_add_func ("/auth/no-key-is-an-error-at-the-call", test_no_key_is_an_error_at_the_call);
  g_test_add_func ("/auth/a-key-with-a-line-end-is-rejected", test_a_key_cannot_smuggle_a_header);
  g_test_add_func ("/auth/keys-are-not-readable", test_keys_cannot_be_read_back);
  g_test_add ("/auth/file/json", Fixture, NULL, set_up, test_json_files, tear_down);
  g_test_add ("/auth/file/lines", Fixture, NULL, set_up, test_line_files, tear_down);
  g_test_add ("/auth/file/that-cannot-be-read", Fixture, NULL, set_up, test_files_that_cannot_be_read, tear_down);
  g_test_add ("/auth/file/parent-directories-are-searched", Fixture, NULL, set_up, test_search_goes_up, tear_down);
  g_test_add ("/auth/file/the-first-file-is-used", Fixture, NULL, set_up, test_first_file_ends_the_search, tear_down);
  g_test_add ("/auth/file/that-others-can-read", Fixture, NULL, set_up, test_file_that_others_can_read, tear_down);
  g_test_add ("/auth/file/trusted-owners", Fixture, NULL, set_up, test_who_is_trusted, tear_down);
  g_test_add ("/auth/file/that-others-can-write-is-ignored", Fixture, NULL, set_up, test_files_that_others_can_write_are_ignored, tear_down);
  g_test_add ("/auth/file/of-another-user-is-ignored", Fixture, NULL, set_up, test_files_of_other_users_are_ignored, tear_down);
  g_test_add ("/auth/file/errors-contain-the-reason", Fixture, NULL, set_up, test_what_is_wrong_with_files_is_in_the_error, tear_down);
  g_test_add ("/auth/default-chain", Fixture, NULL, set_up, test_chain, tear_down);
  g_test_add ("/auth/default-chain-ignores-files-that-others-can-write", Fixture, NULL, set_up, test_chain_ignores_files_that_others_can_write, tear_down);
  g_test_add ("/auth/environment", Fixture, NULL, set_up, test_environment, tear_down);
  g_test_add ("/auth/admin-key-alone", Fixture, NULL, set_up, test_admin_key_alone, tear_down);
  g_test_add ("/auth/azure-environment", Fixture, NULL, set_up, test_azure_environment, tear_down);
  g_test_add ("/auth/threads-share-keys", Fixture, NULL, set_up, test_threads_share_keys, tear_down);
  g_test_add ("/auth/advice-about-credentials", Fixture, NULL, set_up, test_advice_about_credentials, tear_down);

  status = g_test_run ();
  g_string_free (logged, TRUE);
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  remove_tree (place);
  return status;
}
