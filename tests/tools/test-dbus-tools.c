/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "tool-fixture.h"

static const char xml[] =
  "<node><interface name='org.example.Radio'>"
  "  <method name='Tune'>"
  "    <annotation name='org.gtk.GDBus.DocString' value='Tunes to a station'/>"
  "    <arg type='s' name='station' direction='in'><annotation name='org.gtk.GDBus.DocString' value='Name of the station'/></arg>"
  "    <arg type='u' direction='in'/>"
  "    <arg type='d' name='frequency' direction='out'/>"
  "    <arg type='as' direction='out'/>"
  "  </method>"
  "  <method name='Sleep'><arg type='u' name='delay' direction='in'/></method>"
  "  <method name='Fail'><arg type='b' direction='out'/></method>"
  "  <method name='Visit'><arg type='o' name='path' direction='in'/><arg type='(sa{sv}ay)' name='rest' direction='in'/><arg type='s' name='all' direction='out'/></method>"
  "  <method name='Send'><arg type='h' name='descriptor' direction='in'/></method>"
  "</interface></node>";

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *server;
  GDBusProxy *proxy;
  GDBusNodeInfo *node;
} Fixture;

static gboolean
wake_cb (gpointer data)
{
  g_dbus_method_invocation_return_value (data, NULL);

  return G_SOURCE_REMOVE;
}

static void
called_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *method, GVariant *arguments, GDBusMethodInvocation *invocation, gpointer user_data)
{
  g_autofree char *text = NULL;
  const char *station;
  guint number;

  if (g_str_equal (method, "Tune"))
    {
      g_variant_get (arguments, "(&su)", &station, &number);
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(d^as)", 87.5 + number, (const char *const[]){ station, "other", NULL }));
    }
  else if (g_str_equal (method, "Sleep"))
    {
      g_variant_get (arguments, "(u)", &number);
      g_timeout_add (MIN (number, 100), wake_cb, invocation);
    }
  else if (g_str_equal (method, "Visit"))
    {
      text = g_variant_print (arguments, FALSE);
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", text));
    }
  else
    g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_FAILED, "secret detail");
}

/* Returns a private connection, so that the one of the process stays unused. */
static GDBusConnection *
connect_to (GTestDBus *bus)
{
  g_autoptr(GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (bus), G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);

  g_assert_no_error (error);

  return connection;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  static const GDBusInterfaceVTable vtable = { .method_call = called_cb };
  g_autoptr(GDBusConnection) client = NULL;
  g_autoptr(GError) error = NULL;

  self->node = g_dbus_node_info_new_for_xml (xml, &error);
  g_assert_no_error (error);
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
  self->server = connect_to (self->bus);
  g_dbus_connection_register_object (self->server, "/radio", self->node->interfaces[0], &vtable, NULL, NULL, &error);
  g_assert_no_error (error);
  client = connect_to (self->bus);
  self->proxy = g_dbus_proxy_new_sync (client, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, self->node->interfaces[0], g_dbus_connection_get_unique_name (self->server), "/radio", "org.example.Radio", NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_dbus_connection_close_sync (g_dbus_proxy_get_connection (self->proxy), NULL, NULL);
  g_dbus_connection_close_sync (self->server, NULL, NULL);
  g_clear_object (&self->proxy);
  g_clear_object (&self->server);
  g_test_dbus_down (self->bus);
  g_object_unref (self->bus);
  g_dbus_node_info_unref (self->node);
}

static OaiTool *
create (Fixture *self, const char *method)
{
  g_autoptr(GError) error = NULL;
  OaiTool *tool = oai_tool_new_for_dbus_method (self->proxy, method, &error);

  g_assert_no_error (error);

  return tool;
}

static void
test_calls (Fixture *self, gconstpointer data)
{
  g_autoptr(OaiTool) tune = create (self, "Tune");
  g_autoptr(OaiTool) sleep = create (self, "Sleep");
  g_autoptr(OaiTool) visit = create (self, "Visit");

  g_assert_cmpstr (oai_tool_get_name (tune), ==, "Radio_Tune");
  g_assert_cmpstr (oai_tool_get_description (tune), ==, "Tunes to a station");
  g_assert_cmpstr (oai_json_schema_get_json (oai_tool_get_parameters (tune)), ==,
                   "{\"type\":\"object\",\"properties\":{"
                   "\"station\":{\"description\":\"Name of the station\",\"type\":\"string\"},"
                   "\"arg_1\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":4294967295}},"
                   "\"required\":[\"station\",\"arg_1\"],\"additionalProperties\":false}");
  check_tool (tune, "{\"station\":\"Jazz\",\"arg_1\":2}", "{\"result\":{\"frequency\":89.5,\"arg_3\":[\"Jazz\",\"other\"]}}");
  check_tool (sleep, "{\"delay\":1}", "{\"result\":\"success\"}");
  check_tool (visit, "{\"path\":\"/a/b\",\"rest\":[\"x\",{\"y\":1},\"AP8=\"]}", "{\"result\":\"('/a/b', ('x', {'y': <int64 1>}, [0x00, 0xff]))\"}");
  check_tool_rejects (visit, "{\"path\":\"no path\",\"rest\":[\"x\",{},\"\"]}", "path");
  check_tool_rejects (tune, "{\"station\":\"Jazz\"}", "arg_1");
}

static void
test_errors (Fixture *self, gconstpointer data)
{
  g_autoptr(OaiTool) tool = create (self, "Fail");
  g_autoptr(OaiToolCall) call = run_tool (tool, "{}");
  g_autoptr(GError) unknown = NULL;
  g_autoptr(GError) descriptor = NULL;
  g_autoptr(GError) undescribed = NULL;
  g_autoptr(OaiTool) none = NULL;

  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_FAILED);
  g_assert_null (strstr (oai_tool_call_get_output (call), "secret"));

  none = oai_tool_new_for_dbus_method (self->proxy, "NoSuchMethod", &unknown);
  g_assert_error (unknown, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  none = oai_tool_new_for_dbus_method (self->proxy, "Send", &descriptor);
  g_assert_error (descriptor, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_dbus_proxy_set_interface_info (self->proxy, NULL);
  none = oai_tool_new_for_dbus_method (self->proxy, "Tune", &undescribed);
  g_assert_error (undescribed, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_null (none);
}

/* The time limit of the tool counts, and not that of the proxy. */
static void
test_time_limits (Fixture *self, gconstpointer data)
{
  g_autoptr(OaiTool) tool = create (self, "Sleep");
  g_autoptr(OaiToolCall) call = NULL;

  g_dbus_proxy_set_default_timeout (self->proxy, 1);
  check_tool (tool, "{\"delay\":50}", "{\"result\":\"success\"}");
  oai_tool_set_timeout_ms (tool, 1);
  call = run_tool (tool, "{\"delay\":50}");
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"error\":\"The tool did not answer in time.\"}");
}

static void
test_blocking (Fixture *self, gconstpointer data)
{
  g_autoptr(OaiTool) tool = create (self, "Sleep");

  oai_tool_set_needs_approval (tool, TRUE);
  check_tool_blocks (tool, "{\"delay\":5}", "{\"result\":\"success\"}");
}

static void
test_hostile_arguments (Fixture *self, gconstpointer data)
{
  for (guint i = 0; self->node->interfaces[0]->methods[i] != NULL; i++)
    {
      g_autoptr(OaiTool) tool = oai_tool_new_for_dbus_method (self->proxy, self->node->interfaces[0]->methods[i]->name, NULL);

      if (tool != NULL)
        check_tool_survives (tool);
    }
}

static void
test_cancelled_at_every_moment (Fixture *self, gconstpointer data)
{
  g_autoptr(OaiTool) tool = create (self, "Sleep");

  check_tool_cancels (tool, "{\"delay\":3}");
}

int
main (int argc, char **argv)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");

  g_test_init (&argc, &argv, NULL);
  if (daemon == NULL)
    {
      g_print ("1..0 # SKIP dbus-daemon is not installed\n");
      return 0;
    }
  g_test_add ("/dbus-tools/calls", Fixture, NULL, set_up, test_calls, tear_down);
  g_test_add ("/dbus-tools/errors", Fixture, NULL, set_up, test_errors, tear_down);
  g_test_add ("/dbus-tools/time-limits", Fixture, NULL, set_up, test_time_limits, tear_down);
  g_test_add ("/dbus-tools/blocking", Fixture, NULL, set_up, test_blocking, tear_down);
  g_test_add ("/dbus-tools/hostile-arguments", Fixture, NULL, set_up, test_hostile_arguments, tear_down);
  g_test_add ("/dbus-tools/cancelled-at-every-moment", Fixture, NULL, set_up, test_cancelled_at_every_moment, tear_down);

  return g_test_run ();
}
