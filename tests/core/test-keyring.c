/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keyring tests, each in a separate process, because libsecret caches the location of the keyring. */

#include "oai-auth-private.h"
#include "oai-secret-private.h"
#include "oai-error.h"

#include <glib/gstdio.h>

#define SERVICE "test.example"
#define ROOT "/org/freedesktop/secrets"
#define COLLECTION ROOT "/collection/login"
#define ITEM COLLECTION "/1"
#define PROMPT ROOT "/prompt/1"

/* Called by LeakSanitizer.  libsecret 0.20 leaks the entity tag of each file that it writes. */
static gboolean writes_file;

int __lsan_is_turned_off (void);

int
__lsan_is_turned_off (void)
{
  return writes_file;
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static OaiAuth *
load (GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_auth_new_from_keyring_async (SERVICE, NULL, on_done, &result);
  wait_for (&result);
  return oai_auth_new_from_keyring_finish (result, error);
}

static OaiAuth *
load_or_none (GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_auth_new_from_keyring_or_none_async (SERVICE, NULL, on_done, &result);
  wait_for (&result);
  return oai_auth_new_from_keyring_or_none_finish (result, error);
}

static void
assert_loads_or_none (const char *key, const char *source)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) auth = load_or_none (&error);
  oai_autosecret char *token = NULL;

  g_assert_no_error (error);
  token = oai_auth_dup_token (auth);
  g_assert_cmpstr (token, ==, key);
  g_assert_cmpstr (oai_auth_get_source (auth), ==, source);
}

static gboolean
store (OaiAuth *auth, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_auth_store_in_keyring_async (auth, SERVICE, NULL, on_done, &result);
  wait_for (&result);
  return oai_auth_store_in_keyring_finish (auth, result, error);
}

static gboolean
forget (GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_auth_remove_from_keyring_async (SERVICE, NULL, on_done, &result);
  wait_for (&result);
  return oai_auth_remove_from_keyring_finish (result, error);
}

static gboolean
unlock (GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_auth_unlock_keyring_async (SERVICE, cancellable, on_done, &result);
  wait_for (&result);
  return oai_auth_unlock_keyring_finish (result, error);
}

static gboolean
is_supported (void)
{
  g_autoptr (OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr (GError) error = NULL;

  g_assert_null (load (&error));
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    return TRUE;

  g_clear_error (&error);
  g_assert_null (load_or_none (&error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  g_assert_false (store (auth, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  g_assert_false (forget (&error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  return FALSE;
}

static void
assert_loads (const char *key, const char *organization, const char *project)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) auth = load (&error);
  oai_autosecret char *token = NULL;

  g_assert_no_error (error);
  token = oai_auth_dup_token (auth);
  g_assert_cmpstr (token, ==, key);
  g_assert_cmpstr (oai_auth_get_organization (auth), ==, organization);
  g_assert_cmpstr (oai_auth_get_project (auth), ==, project);
  g_assert_cmpstr (oai_auth_get_source (auth), ==, "keyring");
}

static void
test_what_is_stored_comes_back (void)
{
  g_autofree char *place = NULL;
  g_autofree char *path = NULL;
  g_autofree char *backup = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) bare = oai_auth_new ("sk-test");
  g_autoptr (OaiAuth) full = oai_auth_new_full ("sk-test=a:b", "org-x", "proj_x");
  g_autoptr (OaiAuth) none = oai_auth_new ("");

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  writes_file = TRUE;
  place = g_dir_make_tmp ("oai-keyring-XXXXXX", NULL);
  path = g_build_filename (place, "keyring", NULL);
  backup = g_strconcat (path, "~", NULL);
  g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", path, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "test", TRUE);

  if (is_supported ())
    {
      g_assert_null (load (&error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
      g_clear_error (&error);
      assert_loads_or_none ("", "none");
      g_assert_false (store (none, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);

      g_assert_true (store (bare, &error));
      assert_loads ("sk-test", NULL, NULL);
      assert_loads_or_none ("sk-test", "keyring");
      g_assert_true (store (full, &error));
      assert_loads ("sk-test=a:b", "org-x", "proj_x");

      g_assert_true (forget (&error));
      g_assert_no_error (error);
      g_assert_null (load (&error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
      g_clear_error (&error);
      g_assert_false (forget (&error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
    }

  g_remove (path);
  g_remove (backup);
  g_assert_cmpint (g_rmdir (place), ==, 0);
}

/* A keyring service with a locked collection, which the library unlocks only by the prompt of the service, and if the program
 * requests it.  A collection that was not unlocked since login lists no items. */

static gboolean lists_items;
static gboolean unlocked;
static GCancellable *cancellable; /* of the operation that unlocks it */
static guint n_prompts;
static guint n_dismissals;

static enum { NO_PROMPT, UNLOCKS, DISMISSED, CANCELLED } prompt; /* what the user does with it */

static const char introspection[] =
    "<node>"
    "<interface name='org.freedesktop.Secret.Service'>"
    "<method name='OpenSession'><arg type='s' direction='in'/><arg type='v' direction='in'/><arg type='v' direction='out'/><arg type='o' direction='out'/></method>"
    "<method name='SearchItems'><arg type='a{ss}' direction='in'/><arg type='ao' direction='out'/><arg type='ao' direction='out'/></method>"
    "<method name='ReadAlias'><arg type='s' direction='in'/><arg type='o' direction='out'/></method>"
    "<method name='Unlock'><arg type='ao' direction='in'/><arg type='ao' direction='out'/><arg type='o' direction='out'/></method>"
    "<property name='Collections' type='ao' access='read'/>"
    "</interface>"
    "<interface name='org.freedesktop.Secret.Collection'>"
    "<property name='Items' type='ao' access='read'/><property name='Label' type='s' access='read'/>"
    "<property name='Locked' type='b' access='read'/><property name='Created' type='t' access='read'/><property name='Modified' type='t' access='read'/>"
    "</interface>"
    "<interface name='org.freedesktop.Secret.Item'>"
    "<method name='GetSecret'><arg type='o' direction='in'/><arg type='(oayays)' direction='out'/></method>"
    "<property name='Locked' type='b' access='read'/><property name='Attributes' type='a{ss}' access='read'/>"
    "<property name='Label' type='s' access='read'/><property name='Created' type='t' access='read'/><property name='Modified' type='t' access='read'/>"
    "</interface>"
    "<interface name='org.freedesktop.Secret.Prompt'>"
    "<method name='Prompt'><arg type='s' direction='in'/></method>"
    "<method name='Dismiss'/>"
    "<signal name='Completed'><arg type='b'/><arg type='v'/></signal>"
    "</interface>"
    "</node>";

static void
complete_prompt (GDBusConnection *connection, gboolean dismissed)
{
  GVariant *objects = dismissed ? g_variant_new_parsed ("@ao []") : g_variant_new_parsed ("[objectpath '" COLLECTION "', '" ITEM "']");

  unlocked = !dismissed;
  g_dbus_connection_emit_signal (connection, NULL, PROMPT, "org.freedesktop.Secret.Prompt", "Completed",
                                 g_variant_new ("(bv)", dismissed, objects), NULL);
}

/* Returns NULL for methods without a reply. */
static GVariant *
answer_method (const char *method)
{
  if (strcmp (method, "OpenSession") == 0)
    return g_variant_new ("(vo)", g_variant_new_string (""), ROOT "/session/1");
  if (strcmp (method, "SearchItems") == 0 && unlocked)
    return g_variant_new_parsed ("([objectpath '" ITEM "'], @ao [])");
  if (strcmp (method, "SearchItems") == 0)
    return lists_items ? g_variant_new_parsed ("(@ao [], [objectpath '" ITEM "'])") : g_variant_new_parsed ("(@ao [], @ao [])");
  if (strcmp (method, "GetSecret") == 0)
    return g_variant_new_parsed ("((objectpath '" ROOT "/session/1', @ay [], b'sk-test', 'text/plain'),)");
  if (strcmp (method, "ReadAlias") == 0)
    return g_variant_new ("(o)", COLLECTION);
  if (strcmp (method, "Unlock") == 0)
    return g_variant_new_parsed ("(@ao [], objectpath '" PROMPT "')");

  return NULL;
}

static void
on_method (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *method, GVariant *parameters, GDBusMethodInvocation *invocation, gpointer user_data)
{
  gboolean prompts = strcmp (method, "Prompt") == 0;
  const char *algorithm = "";

  g_assert_true (prompt != NO_PROMPT || (!prompts && strcmp (method, "Unlock") != 0));
  if (strcmp (method, "OpenSession") == 0)
    g_variant_get (parameters, "(&sv)", &algorithm, NULL);
  if (prompt != NO_PROMPT && *algorithm != '\0' && strcmp (algorithm, "plain") != 0)
    {
      g_dbus_method_invocation_return_dbus_error (invocation, "org.freedesktop.DBus.Error.NotSupported", "There is only plain.");
      return;
    }

  g_dbus_method_invocation_return_value (invocation, answer_method (method));
  n_prompts += prompts;
  if (prompts && prompt == CANCELLED)
    g_cancellable_cancel (cancellable);
  else if (prompts || strcmp (method, "Dismiss") == 0)
    complete_prompt (connection, !prompts || prompt == DISMISSED);
  n_dismissals += strcmp (method, "Dismiss") == 0;
}

static GVariant *
on_property (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
             const char *property, GError **error, gpointer user_data)
{
  if (strcmp (property, "Locked") == 0)
    return g_variant_new_boolean (!unlocked);
  if (strcmp (property, "Collections") == 0)
    return g_variant_new_parsed ("[objectpath '" COLLECTION "']");
  if (strcmp (property, "Items") == 0)
    return g_variant_new_parsed ("[objectpath '" ITEM "']");
  if (strcmp (property, "Attributes") == 0)
    return g_variant_new_parsed ("{'service': '" SERVICE "'}");
  if (strcmp (property, "Label") == 0)
    return g_variant_new_string ("test");

  return g_variant_new_uint64 (0);
}

static GDBusConnection *
serve_locked_keyring (const char *address)
{
  static const GDBusInterfaceVTable vtable = { on_method, on_property, NULL };
  static const char *const paths[] = { ROOT, COLLECTION, ITEM, PROMPT };
  const GDBusConnectionFlags flags = G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, &error);
  GDBusConnection *connection;

  g_assert_no_error (error);
  connection = g_dbus_connection_new_for_address_sync (address, flags, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_dbus_connection_register_object (connection, paths[i], node->interfaces[i], &vtable, NULL, NULL, &error);
      g_assert_no_error (error);
    }
  g_bus_own_name_on_connection (connection, "org.freedesktop.secrets", G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);

  return connection;
}

/* Runs in a child process; libsecret keeps the connection, so that it cannot be closed. */
static GTestDBus *bus;

static gboolean
have_bus (void)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");

  if (daemon == NULL)
    g_test_skip ("dbus-daemon is not installed");

  return daemon != NULL;
}

static void
check_locked_keyring (void)
{
  g_autoptr (GDBusConnection) service = NULL;
  g_autoptr (OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr (GError) error = NULL;

  if (!have_bus ())
    return;
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  g_unsetenv ("SECRET_BACKEND");
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  service = serve_locked_keyring (g_test_dbus_get_bus_address (bus));

  if (is_supported ())
    {
      g_assert_null (load (&error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
      g_clear_error (&error);
      g_assert_false (store (auth, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
      g_assert_null (strstr (error->message, "sk-test"));
      g_clear_error (&error);
      g_assert_false (forget (&error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
    }

  g_test_dbus_stop (bus);
}

static void
test_a_locked_keyring_is_an_error (void)
{
  lists_items = TRUE;
  check_locked_keyring ();
}

static void
test_a_keyring_locked_since_login_is_an_error (void)
{
  check_locked_keyring ();
}

/* The result is that of the prompt, and the key can be read after the first one only. */
static void
check_prompt (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) auth = NULL;

  unlock (cancellable, &error);
  if (prompt == UNLOCKS)
    {
      g_assert_no_error (error);
      assert_loads ("sk-test", NULL, NULL);
      g_assert_true (unlock (NULL, &error)); /* an unlocked keyring needs no prompt */
    }
  else
    {
      g_assert_error (error, G_IO_ERROR, (prompt == DISMISSED ? G_IO_ERROR_FAILED_HANDLED : G_IO_ERROR_CANCELLED));
      g_assert_null (strstr (error->message, "sk-"));
      g_clear_error (&error);
      auth = load (&error);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
    }
  g_assert_cmpuint (n_prompts, ==, 1);
  while (prompt == CANCELLED && n_dismissals == 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_prompt (gconstpointer data)
{
  g_autoptr (GDBusConnection) service = NULL;
  g_autoptr (GCancellable) owned = g_cancellable_new ();

  if (!have_bus ())
    return;
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  prompt = GPOINTER_TO_UINT (data) & 3;
  lists_items = (GPOINTER_TO_UINT (data) & 4) != 0;
  cancellable = owned;
  g_unsetenv ("SECRET_BACKEND");
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  service = serve_locked_keyring (g_test_dbus_get_bus_address (bus));
  if (is_supported ())
    check_prompt ();
  g_test_dbus_stop (bus);
}

static void
test_no_keyring_is_an_error (void)
{
  g_autoptr (OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr (GError) error = NULL;

  if (!have_bus ())
    return;
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  g_unsetenv ("SECRET_BACKEND");
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);

  if (is_supported ())
    {
      g_assert_null (load (&error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, "keyring"));
      g_clear_error (&error);
      g_assert_false (store (auth, &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
      g_assert_false (forget (&error));
      g_assert_nonnull (error);
    }

  g_test_dbus_stop (bus);
}

int
main (int argc, char *argv[])
{
  g_setenv ("LANGUAGE", "en", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/keyring/a-stored-key-can-be-read", test_what_is_stored_comes_back);
  g_test_add_func ("/keyring/a-locked-keyring-is-an-error", test_a_locked_keyring_is_an_error);
  g_test_add_func ("/keyring/a-keyring-locked-since-login-is-an-error", test_a_keyring_locked_since_login_is_an_error);
  g_test_add_data_func ("/keyring/prompt/unlocks", GUINT_TO_POINTER (UNLOCKS | 4), test_prompt);
  g_test_add_data_func ("/keyring/prompt/unlocks-since-login", GUINT_TO_POINTER (UNLOCKS), test_prompt);
  g_test_add_data_func ("/keyring/prompt/is-dismissed", GUINT_TO_POINTER (DISMISSED | 4), test_prompt);
  g_test_add_data_func ("/keyring/prompt/is-dismissed-since-login", GUINT_TO_POINTER (DISMISSED), test_prompt);
  g_test_add_data_func ("/keyring/prompt/is-cancelled", GUINT_TO_POINTER (CANCELLED | 4), test_prompt);
  g_test_add_func ("/keyring/a-missing-keyring-is-an-error", test_no_keyring_is_an_error);

  return g_test_run ();
}
