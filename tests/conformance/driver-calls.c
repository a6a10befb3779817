/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests and operations that return one reply or a list. */

#include "driver.h"

#include <string.h>

#include "oai-paged-list.h"
#include "oai-client-invoke.h"
#include "static-modules.h"

static void
report_result (DriverCase *self, const char *text, const GError *error)
{
  if (error != NULL)
    driver_report_error (self, error);
  else if (text != NULL)
    driver_set_json (self->out, "result", text);
  else
    json_object_set_boolean_member (self->out, "result_absent", TRUE);
  driver_report_call (self);
}

static char *
dup_body (JsonObject *call)
{
  const char *bytes = driver_get_string (call, "body_bytes");

  return bytes != NULL ? g_strdup (bytes) : driver_dup_json (call, "request_json");
}

/* The SDKs send these with the admin key. */
static gboolean
is_administration (const char *path)
{
  return g_str_has_prefix (path, "/organization/") || g_str_has_prefix (path, "organization/");
}

static void
request (DriverCase *self)
{
  const char *path = driver_get_string (self->call, "path");
  g_autoptr(OaiCallOptions) options = driver_new_call_options (self);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *body = dup_body (self->call);
  g_autofree char *method = g_ascii_strup (driver_get_string (self->call, "method"), -1);
  g_autofree char *reply = NULL;

  if (json_object_has_member (self->call, "cancelled_before_start"))
    g_cancellable_cancel (cancellable);
  if (is_administration (path))
    oai_call_options_set_use_admin_key (options, TRUE);
  reply = oai_client_invoke (self->client, method, path, body, options, cancellable, &error);
  report_result (self, reply, error);
}

static void
play_request (DriverCase *self)
{
  g_autoptr(GError) error = NULL;

  if (driver_make_client (self, &error))
    request (self);
  else
    driver_report_error (self, error);
}

/* Operations */

static char *
result_to_text (const OaiOperation *operation, gpointer result)
{
  switch ((OaiResultKind) operation->result)
    {
    case OAI_RESULT_RECORD:
      return oai_record_to_json (result);
    case OAI_RESULT_TEXT:
      return g_strdup (result);
    case OAI_RESULT_LIST:
    case OAI_RESULT_BYTES:
    case OAI_RESULT_NONE:
    default:
      return NULL;
    }
}

static void
result_free (const OaiOperation *operation, gpointer result)
{
  if (operation->result == OAI_RESULT_BYTES)
    g_bytes_unref (result);
  else if (operation->result == OAI_RESULT_TEXT)
    g_free (result);
  else if (operation->result != OAI_RESULT_NONE)
    g_object_unref (result);
}

static void
invoke (DriverCase *self, DriverInvocation *invocation)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  gpointer result;

  result = oai_endpoint_invoke (invocation->endpoint, invocation->index, (const char *const *) invocation->path_arguments,
                                invocation->query, invocation->request, NULL, &error);
  if (error == NULL)
    {
      text = result_to_text (invocation->operation, result);
      result_free (invocation->operation, result);
    }
  report_result (self, text, error);
}

static void
invoke_stream (DriverCase *self, DriverInvocation *invocation)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiStream) stream = NULL;
  g_autoptr(OaiRecord) result = NULL;

  stream = oai_endpoint_stream (invocation->endpoint, invocation->index, (const char *const *) invocation->path_arguments,
                                invocation->query, invocation->request);
  result = oai_stream_run (stream, NULL, &error);
  if (error != NULL)
    driver_report_error (self, error);
}

static gboolean
wants_stream (DriverInvocation *invocation)
{
  OaiRecord *place = invocation->operation->request_type != NULL ? invocation->request : invocation->query;

  return invocation->operation->stream_type != NULL && place != NULL && oai_record_get_boolean_member (place, "stream");
}

/* Typed: with records, like the generated methods. */
static void
play_operation (DriverCase *self)
{
  g_auto(DriverInvocation) invocation = { 0 };
  g_autoptr(GError) error = NULL;

  if (!driver_make_client (self, &error)
      || !driver_invocation_init (&invocation, self, driver_get_string (self->fixture, "operation"), driver_get_object (self->fixture, "arguments"), &error))
    driver_report_error (self, error);
  else if (wants_stream (&invocation))
    invoke_stream (self, &invocation);
  else
    invoke (self, &invocation);
}

static void
on_retried (OaiClient *client, OaiCall *call, GPtrArray *calls)
{
  g_ptr_array_add (calls, g_object_ref (call));
}

/* By the name of the operation, with JSON. */
static void
play_call (DriverCase *self)
{
  g_auto(GStrv) names = g_strsplit (driver_get_string (self->fixture, "operation"), ".", 2);
  g_autofree char *arguments = driver_dup_json (self->fixture, "arguments");
  g_autoptr(GPtrArray) calls = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(OaiCallOptions) options = driver_new_call_options (self);
  g_autoptr(OaiEndpoint) plain = NULL;
  g_autoptr(OaiEndpoint) endpoint = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *reply = NULL;

  if (!driver_make_client (self, &error))
    {
      driver_report_error (self, error);
      return;
    }
  g_signal_connect (self->client, "call-started", G_CALLBACK (on_retried), calls);
  plain = static_modules_get_endpoint (self->client, names[0], &error);
  if (plain != NULL)
    {
      endpoint = oai_endpoint_with_options (plain, options);
      reply = oai_endpoint_invoke_by_name (endpoint, names[1], arguments, NULL, &error);
    }
  report_result (self, reply, error);
  json_object_set_int_member (self->out, "calls_started", calls->len);
}

/* Several clients one after the other: copies with other credentials. */
static void
play_steps (DriverCase *self)
{
  JsonArray *steps = driver_get_array (self->call, "steps");
  JsonObject *original = driver_get_object (self->options, "azure");

  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *changes = driver_get_object (step, "copy_with");
      g_autoptr(JsonObject) azure = json_object_new ();
      g_autoptr(JsonObject) options = json_object_new ();
      g_autoptr(JsonObject) arguments = json_object_new ();
      g_auto(DriverInvocation) invocation = { 0 };
      g_autoptr(GError) error = NULL;

      json_object_set_string_member (azure, "azure_endpoint", driver_get_string (original, "azure_endpoint"));
      json_object_set_string_member (azure, "api_version", driver_get_string (original, "api_version"));
      for (guint k = 0; k < 3; k++)
        {
          static const char *const names[] = { "api_key", "azure_ad_token", "azure_ad_token_provider" };
          JsonObject *from = changes != NULL ? changes : original;

          if (json_object_has_member (from, names[k]))
            json_object_set_member (azure, names[k], json_node_copy (json_object_get_member (from, names[k])));
        }
      json_object_set_object_member (options, "azure", g_steal_pointer (&azure));
      if (!driver_make_client_with (self, options, &error)
          || !driver_invocation_init (&invocation, self, "models.list", arguments, &error))
        driver_report_error (self, error);
      else
        invoke (self, &invocation);
    }
}

/* Pages */

static JsonArray *
collect_items (DriverCase *self, OaiPagedList *page)
{
  g_autoptr(GError) error = NULL;
  JsonArray *items = json_array_new ();
  OaiRecord *item;

  while ((item = oai_paged_list_next (page, NULL, &error)) != NULL)
    {
      g_autofree char *json = oai_record_to_json (item);

      json_array_add_element (items, json_from_string (json, NULL));
      g_object_unref (item);
    }
  if (error != NULL)
    driver_report_error (self, error);

  return items;
}

static void
play_page (DriverCase *self)
{
  g_auto(DriverInvocation) invocation = { 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiPagedList) page = NULL;
  g_autofree char *record = NULL;
  gboolean has_more;

  if (driver_make_client (self, &error)
      && driver_invocation_init (&invocation, self, driver_get_string (self->fixture, "operation"), driver_get_object (self->fixture, "arguments"), &error))
    page = oai_endpoint_invoke (invocation.endpoint, invocation.index, (const char *const *) invocation.path_arguments, invocation.query, NULL, NULL, &error);
  if (page == NULL)
    {
      driver_report_error (self, error);
      return;
    }

  has_more = oai_paged_list_get_has_more (page);
  json_object_set_boolean_member (self->out, "has_next_page", has_more);
  if (oai_paged_list_get_record (page) != NULL)
    {
      record = oai_record_to_json (oai_paged_list_get_record (page));
      driver_set_json (self->out, "page", record);
    }
  if (json_object_has_member (self->fixture, "iterate"))
    json_object_set_array_member (self->out, "items", collect_items (self, page));
  if (!has_more || !json_object_has_member (self->fixture, "iterate"))
    json_object_set_boolean_member (self->out, "next_page_loaded", oai_paged_list_load_more (page, NULL, NULL));
}

const DriverEntry driver_call_table[] = {
  { "request", play_request },
  { "operation", play_operation },
  { "call", play_call },
  { "steps", play_steps },
  { "page", play_page },
  { NULL, NULL },
};
