/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lists that load further pages on demand. */

#include "call-fixture.h"
#include "oai-endpoint.h"
#include "oai-operation.h"
#include "oai-paged-list.h"

#include <string.h>

/* "a b" is a page with these items, followed by others; "c." is the last page. */
static void
push_page (CallFixture *self, const char *text)
{
  g_auto(GStrv) ids = NULL;
  g_autoptr(GString) json = g_string_new ("{\"object\":\"list\",\"data\":[");
  gboolean last = g_str_has_suffix (text, ".");
  g_autofree char *list = g_strndup (text, strlen (text) - (last ? 1 : 0));

  ids = g_strsplit (list, " ", -1);
  for (guint i = 0; ids[i] != NULL && *ids[i] != '\0'; i++)
    g_string_append_printf (json, "%s{\"id\":\"%s\"}", i > 0 ? "," : "", ids[i]);
  g_string_append_printf (json, "],\"has_more\":%s}", last ? "false" : "true");
  call_fixture_push (self, oai_mock_reply_new_json (200, json->str));
}

static OaiPagedList *
new_page (CallFixture *self, const char *first)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  OaiPagedList *page;

  push_page (self, first);
  oai_chat_endpoint_list_async (self->chat, NULL, NULL, call_store_result, &result);
  page = oai_chat_endpoint_list_finish (self->chat, call_wait (&result), &error);
  g_assert_no_error (error);

  return page;
}

static char *
dup_ids (OaiPagedList *page)
{
  GString *ids = g_string_new (NULL);

  oai_paged_list_set_auto_load (page, FALSE);
  for (guint i = 0; i < oai_paged_list_get_n_loaded (page); i++)
    {
      g_autoptr(OaiRecord) item = g_list_model_get_item (G_LIST_MODEL (page), i);

      g_string_append_printf (ids, "%s%s", i > 0 ? " " : "", oai_record_get_string_member (item, "id"));
    }

  return g_string_free (ids, FALSE);
}

static void
assert_ids (OaiPagedList *page, const char *expected)
{
  g_autofree char *ids = dup_ids (page);

  g_assert_cmpstr (ids, ==, expected);
}

/* Accesses the items like a list view. */
static void
look_at_last (OaiPagedList *page)
{
  g_autoptr(OaiRecord) item = g_list_model_get_item (G_LIST_MODEL (page), oai_paged_list_get_n_loaded (page) - 1);

  g_assert_nonnull (item);
}

static void
on_items_changed (OaiPagedList *page, guint position, guint removed, guint added, gpointer user_data)
{
  g_assert_false (oai_paged_list_is_loading (page));
  look_at_last (page);
}

static void
test_view (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiPagedList) page = new_page (self, "a b");

  push_page (self, "c");
  push_page (self, "d e");
  push_page (self, "f.");
  g_signal_connect (page, "items-changed", G_CALLBACK (on_items_changed), NULL);
  look_at_last (page);
  wait_until (!oai_paged_list_get_has_more (page));
  assert_ids (page, "a b c d e f");
}

/* The main context in which the list started to load is not iterated. */
static void
test_blocking_after_look (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiPagedList) page = new_page (self, "a");
  g_autoptr(OaiRecord) first = NULL;
  g_autoptr(OaiRecord) second = NULL;
  g_autoptr(OaiRecord) third = NULL;
  g_autoptr(GError) error = NULL;

  push_page (self, "b");
  push_page (self, "c.");
  look_at_last (page);
  g_assert_true (oai_paged_list_is_loading (page));
  g_assert_true (oai_paged_list_load_more (page, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (oai_paged_list_is_loading (page));
  first = oai_paged_list_next (page, NULL, &error);
  second = oai_paged_list_next (page, NULL, &error);
  third = oai_paged_list_next (page, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (third);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  assert_ids (page, "a b c");
}

static void
test_callers_at_once (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiPagedList) page = new_page (self, "a");
  GAsyncResult *results[3] = { NULL, NULL, NULL };
  g_autoptr(GAsyncResult) loaded = NULL;
  g_autoptr(GString) ids = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  push_page (self, "b");
  push_page (self, "c.");
  look_at_last (page);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    oai_paged_list_next_async (page, NULL, call_store_result, &results[i]);
  oai_paged_list_load_more_async (page, NULL, call_store_result, &loaded);

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr(OaiRecord) item = oai_paged_list_next_finish (page, call_wait (&results[i]), &error);

      g_assert_no_error (error);
      g_string_append (ids, oai_record_get_string_member (item, "id"));
      g_object_unref (results[i]);
    }
  g_assert_cmpstr (ids->str, ==, "abc");
  g_assert_true (oai_paged_list_load_more_finish (page, call_wait (&loaded), &error));
  g_assert_no_error (error);
  g_assert_nonnull (oai_call_find_for_result (loaded));
  assert_ids (page, "a b c");
}

static void
test_page_without_items (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiPagedList) page = new_page (self, "a");
  g_autoptr(OaiRecord) first = NULL;
  g_autoptr(OaiRecord) second = NULL;
  g_autoptr(OaiRecord) none = NULL;
  g_autoptr(GError) error = NULL;

  call_fixture_push (self, oai_mock_reply_new_json (200, "{\"data\":[null,5],\"has_more\":true,\"last_id\":\"z\"}"));
  push_page (self, "b.");
  first = oai_paged_list_next (page, NULL, &error);
  second = oai_paged_list_next (page, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_record_get_string_member (second, "id"), ==, "b");
  none = oai_paged_list_next (page, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (none);
}

static void
test_pages_without_items_for_ever (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiPagedList) page = new_page (self, "a");
  g_autoptr(OaiRecord) first = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"data\":[null],\"has_more\":true,\"last_id\":\"z%u\"}", i);

      call_fixture_push (self, oai_mock_reply_new_json (200, json));
    }
  first = oai_paged_list_next (page, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (oai_paged_list_next (page, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), <, 150);
}

/* A server that ignores "after" sends the same page repeatedly. */
static void
test_server_without_cursors (CallFixture *self, gconstpointer data)
{
  static const char *const pages[][4] = {
    { "a b", "a b", NULL },
    { "a", "b", "a", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autoptr(OaiPagedList) page = new_page (self, pages[i][0]);
      g_autoptr(GError) error = NULL;
      guint k;

      for (k = 1; pages[i][k + 1] != NULL; k++)
        {
          push_page (self, pages[i][k]);
          g_assert_true (oai_paged_list_load_more (page, NULL, &error));
        }
      push_page (self, pages[i][k]);
      g_assert_false (oai_paged_list_load_more (page, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
      g_assert_error (oai_paged_list_get_error (page), OAI_ERROR, OAI_ERROR_PROTOCOL);
      assert_ids (page, "a b");
    }
}

/* Loading continues after the program cancelled a call. */
static void
test_cancelled (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiPagedList) page = new_page (self, "a");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  call_fixture_push (self, oai_mock_reply_new_hang ());
  oai_paged_list_load_more_async (page, cancellable, call_store_result, &result);
  wait_until (oai_mock_server_get_n_requests (self->server) == 2);
  g_cancellable_cancel (cancellable);
  g_assert_false (oai_paged_list_load_more_finish (page, call_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (oai_paged_list_get_error (page));
  g_assert_false (oai_paged_list_is_loading (page));

  push_page (self, "b.");
  look_at_last (page);
  wait_until (!oai_paged_list_get_has_more (page));
  assert_ids (page, "a b");
}

static void
test_one_of_two_cancelled (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiPagedList) page = new_page (self, "a");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) cancelled = NULL;
  g_autoptr(GAsyncResult) other = NULL;
  g_autoptr(GError) reason = NULL;
  g_autoptr(GError) error = NULL;

  push_page (self, "b.");
  oai_paged_list_load_more_async (page, cancellable, call_store_result, &cancelled);
  oai_paged_list_load_more_async (page, NULL, call_store_result, &other);
  g_cancellable_cancel (cancellable);
  g_assert_false (oai_paged_list_load_more_finish (page, call_wait (&cancelled), &reason));
  g_assert_error (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (oai_paged_list_load_more_finish (page, call_wait (&other), &error));
  g_assert_no_error (error);
  assert_ids (page, "a b");
}

static void
test_dropped (CallFixture *self, gconstpointer data)
{
  OaiPagedList *page = new_page (self, "a");

  call_fixture_push (self, oai_mock_reply_new_hang ());
  look_at_last (page);
  wait_until (oai_mock_server_get_n_requests (self->server) == 2);
  g_assert_finalize_object (page);
  wait_until (oai_mock_server_get_n_aborted (self->server) == 1);
}

static void
test_blocking_while_loading (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiPagedList) page = new_page (self, "a");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) pending = NULL;
  g_autoptr(GError) error = NULL;

  push_page (self, "b.");
  oai_paged_list_load_more_async (page, NULL, call_store_result, &result);
  g_assert_false (oai_paged_list_load_more (page, NULL, &pending));
  g_assert_error (pending, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_assert_true (oai_paged_list_load_more_finish (page, call_wait (&result), &error));
  assert_ids (page, "a b");
}

/* A failure before the request is sent completes immediately. */
static void
test_load_ends_at_once (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiPagedList) page = new_page (self, "a");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GAsyncResult) next = NULL;
  g_autoptr(OaiRecord) item = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) blocking = NULL;
  g_autoptr(GError) iterating = NULL;

  g_object_set (self->settings, "base-url", "this is no address", NULL);
  oai_paged_list_load_more_async (page, NULL, call_store_result, &result);
  g_assert_false (oai_paged_list_load_more_finish (page, call_wait (&result), &error));
  g_assert_nonnull (error);
  g_assert_false (oai_paged_list_load_more (page, NULL, &blocking));
  g_assert_cmpstr (blocking->message, ==, error->message);
  g_assert_cmpstr (oai_paged_list_get_error (page)->message, ==, error->message);

  item = oai_paged_list_next (page, NULL, &iterating);
  g_assert_no_error (iterating);
  oai_paged_list_next_async (page, NULL, call_store_result, &next);
  g_assert_null (oai_paged_list_next_finish (page, call_wait (&next), &iterating));
  g_assert_cmpstr (iterating->message, ==, error->message);
  g_assert_false (oai_paged_list_is_loading (page));
  g_assert_true (oai_paged_list_get_has_more (page));
}

/* The same for a page that the list loads automatically. */
static void
test_load_ahead_ends_at_once (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiPagedList) page = new_page (self, "a");

  g_object_set (self->settings, "base-url", "this is no address", NULL);
  look_at_last (page);
  wait_until (oai_paged_list_get_error (page) != NULL);
  g_assert_false (oai_paged_list_is_loading (page));
}

/* "x" is nested this deep in the JSON. */
static OaiMockReply *
new_deep_reply (const char *json, guint n_levels)
{
  g_autofree char *deep = g_strnfill (2 * n_levels, '[');
  g_auto(GStrv) parts = g_strsplit (json, "x", 2);
  g_autofree char *body = NULL;

  memset (deep + n_levels, ']', n_levels);
  body = g_strconcat (parts[0], deep, parts[1], NULL);

  return oai_mock_reply_new_text (200, "application/json", body);
}

/* At most 512 levels are parsed, and the error reports this. */
static void
test_nested_replies (CallFixture *self, gconstpointer data)
{
  static const char page_json[] = "{\"data\":[{\"id\":\"b\"}],\"has_more\":false,\"deep\":x}";
  static const char *const record_jsons[] = { "{\"id\":\"a\",\"choices\":[],\"deep\":x}", "{\"id\":\"a\",\"choices\":[{\"delta\":{}}],\"deep\":x}" };
  g_autoptr(OaiPagedList) page = new_page (self, "a");
  g_autoptr(GError) error = NULL;

  call_fixture_push (self, new_deep_reply (page_json, 512));
  g_assert_false (oai_paged_list_load_more (page, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "512"));
  g_clear_error (&error);
  call_fixture_push (self, new_deep_reply (page_json, 511));
  g_assert_true (oai_paged_list_load_more (page, NULL, &error));
  g_assert_no_error (error);
  assert_ids (page, "a b");

  for (guint i = 0; i < G_N_ELEMENTS (record_jsons); i++)
    for (guint n_levels = 510; n_levels <= 512; n_levels++)
      {
        g_autoptr(OaiChatCompletion) completion = NULL;

        call_fixture_push (self, new_deep_reply (record_jsons[i], n_levels));
        completion = oai_chat_endpoint_create (self->chat, self->request, NULL, &error);
        g_assert_true ((completion != NULL) == (error == NULL));
        if (n_levels == 512)
          g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
        g_clear_error (&error);
      }
}

static void
dispose_once (OaiPagedList *page, GParamSpec *pspec, gpointer user_data)
{
  g_signal_handlers_disconnect_by_func (page, dispose_once, user_data);
  g_object_run_dispose (G_OBJECT (page));
}

static void
iterate_once (OaiPagedList *page, GParamSpec *pspec, gpointer user_data)
{
  g_signal_handlers_disconnect_by_func (page, iterate_once, user_data);
  g_cancellable_cancel (user_data);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_handlers_of_loading (CallFixture *self, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  const GCallback handlers[] = { G_CALLBACK (dispose_once), G_CALLBACK (iterate_once) };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    {
      g_autoptr(OaiPagedList) page = new_page (self, "a");
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;

      g_signal_connect (page, "notify::loading", handlers[i], cancellable);
      oai_paged_list_load_more_async (page, cancellable, call_store_result, &result);
      g_assert_false (oai_paged_list_load_more_finish (page, call_wait (&result), &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_false (oai_paged_list_is_loading (page));
    }
}

/* Kinds of paging */

typedef OaiEndpoint KindsEndpoint;
typedef OaiEndpointClass KindsEndpointClass;

static GType kinds_endpoint_get_type (void);

G_DEFINE_FINAL_TYPE (KindsEndpoint, kinds_endpoint, OAI_TYPE_ENDPOINT)

#define KIND(name_, ...) \
  { \
    .name = name_, \
    .method = "GET", \
    .path = "things", \
    .result = OAI_RESULT_LIST, \
    .query_type = oai_record_get_type, \
    .result_type = oai_record_get_type, \
    .paging = &(const OaiPaging) { .size = sizeof (OaiPaging), .more_member = "has_more", __VA_ARGS__ } \
  }

static const char *const data_items[] = { "data", NULL };
static const char *const other_items[] = { "data", "things", NULL };

static const OaiOperation kinds[] = {
  KIND ("after", .items = data_items, .parameter = "after", .next_member = "next", .item_member = "id", .last_member = "last_id"),
  KIND ("page", .items = other_items, .parameter = "page", .next_member = "next_page"),
  KIND ("token", .items = data_items, .parameter = "page_token", .next_member = "next_page_token"),
  KIND ("whole", .items = data_items),
};

static const OaiEndpointTable kinds_table = { OAI_ENDPOINT_TABLE_SIZES, .name = "kinds", .operations = kinds, .n_operations = G_N_ELEMENTS (kinds) };

static void
kinds_endpoint_class_init (KindsEndpointClass *klass)
{
  oai_endpoint_class_set_table (klass, &kinds_table);
}

static void
kinds_endpoint_init (KindsEndpoint *self)
{
}

typedef struct
{
  const char *name;
  const char *first;   /* the page that is loaded first */
  const char *query;   /* that requests the second one; NULL if there is none */
} Kind;

static const Kind kind_cases[] = {
  { "after", "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"has_more\":true}", "after=b" },
  { "after", "{\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"next\":\"n\"}", "after=n" },
  { "after", "{\"data\":[{\"name\":\"a\"}],\"has_more\":true,\"last_id\":\"l\"}", "after=l" },
  { "after", "{\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"next\":null}", NULL },
  { "after", "{\"data\":[{\"id\":\"a\"}],\"next\":\"n\"}", NULL },
  { "after", "{\"data\":[],\"has_more\":true}", NULL },
  { "page", "{\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"next_page\":\"p 2\"}", "page=p%202" },
  { "page", "{\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"next_page\":2}", "page=2" },
  { "page", "{\"things\":[{\"id\":\"a\"}],\"has_more\":true,\"next_page\":\"2\"}", "page=2" },
  { "page", "{\"data\":[],\"has_more\":true,\"next_page\":\"2\"}", "page=2" },
  { "page", "{\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"last_id\":\"a\"}", NULL },
  { "page", "{\"data\":[{\"id\":\"a\"}],\"has_more\":false,\"next_page\":\"2\"}", NULL },
  { "token", "{\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"next_page_token\":\"t\"}", "page_token=t" },
  { "whole", "{\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"next\":\"n\"}", NULL },
};

static void
test_kinds (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiEndpoint) endpoint = g_object_new (kinds_endpoint_get_type (), "client", self->client, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kind_cases); i++)
    {
      const Kind *kind = &kind_cases[i];
      guint operation = oai_endpoint_find_operation (kinds_endpoint_get_type (), kind->name);
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiPagedList) list = NULL;
      g_autoptr(OaiMockRequest) request = NULL;

      call_fixture_push (self, oai_mock_reply_new_json (200, kind->first));
      list = oai_endpoint_invoke (endpoint, operation, NULL, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (oai_paged_list_get_has_more (list), ==, kind->query != NULL);
      if (kind->query == NULL)
        continue;

      call_fixture_push (self, oai_mock_reply_new_json (200, "{\"data\":[{\"id\":\"z\"}],\"has_more\":false}"));
      g_assert_true (oai_paged_list_load_more (list, NULL, &error));
      g_assert_no_error (error);
      g_assert_false (oai_paged_list_get_has_more (list));
      request = oai_mock_server_dup_request (self->server, -1);
      g_assert_cmpstr (oai_mock_request_get_query (request), ==, kind->query);
    }
}

#define ADD(path, function) g_test_add (path, CallFixture, NULL, call_fixture_set_up, function, call_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/paged-list/views-load-to-the-end", test_view);
  ADD ("/paged-list/blocking-calls-after-automatic-loading", test_blocking_after_look);
  ADD ("/paged-list/concurrent-callers", test_callers_at_once);
  ADD ("/paged-list/page-without-items", test_page_without_items);
  ADD ("/paged-list/endless-pages-without-items", test_pages_without_items_for_ever);
  ADD ("/paged-list/server-without-cursors", test_server_without_cursors);
  ADD ("/paged-list/cancelled", test_cancelled);
  ADD ("/paged-list/one-of-two-cancelled", test_one_of_two_cancelled);
  ADD ("/paged-list/dropped-while-loading", test_dropped);
  ADD ("/paged-list/blocking-while-loading", test_blocking_while_loading);
  ADD ("/paged-list/load-completes-at-once", test_load_ends_at_once);
  ADD ("/paged-list/automatic-load-completes-at-once", test_load_ahead_ends_at_once);
  ADD ("/paged-list/nested-replies", test_nested_replies);
  ADD ("/paged-list/handlers-of-loading", test_handlers_of_loading);
  ADD ("/paged-list/kinds-of-paging", test_kinds);

  return g_test_run ();
}
