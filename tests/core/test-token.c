/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-auth-private.h"
#include "oai-secret-private.h"
#include "oai-error.h"

static void
on_token (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static char *
wait_for_token (OaiAuth *auth, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_auth_request_token_async (auth, cancellable, on_token, &result);
  g_assert_null (result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return oai_auth_request_token_finish (auth, result, error);
}

static void
assert_token (OaiAuth *auth, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = wait_for_token (auth, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (token, ==, expected);
}

static void
assert_at_hand (OaiAuth *auth, const char *expected)
{
  oai_autosecret char *token = oai_auth_dup_token (auth);

  g_assert_cmpstr (token, ==, expected);
}

static void
assert_failure (OaiAuth *auth, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (wait_for_token (auth, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_assert_nonnull (strstr (error->message, why));
}

static void
respond (OaiAuth *auth, OaiTokenRequest *request, gpointer user_data)
{
  oai_token_request_respond (request, user_data);
}

static void
count_and_respond (OaiAuth *auth, OaiTokenRequest *request, gpointer user_data)
{
  guint *count = user_data;
  g_autofree char *token = g_strdup_printf ("token-%u", ++*count);

  oai_token_request_respond (request, token);
}

static void
test_each_attempt_requests (void)
{
  g_autoptr (OaiAuth) auth = oai_auth_new ("sk-test");
  guint count = 0;
  gulong handler;

  assert_at_hand (auth, "sk-test");
  handler = g_signal_connect (auth, "token-requested", G_CALLBACK (count_and_respond), &count);

  assert_at_hand (auth, NULL);
  g_assert_cmpstr (oai_auth_get_source (auth), ==, "provider");
  assert_token (auth, "token-1");
  assert_token (auth, "token-2");

  g_signal_handler_disconnect (auth, handler);
  assert_token (auth, "sk-test");
  g_assert_cmpstr (oai_auth_get_source (auth), ==, "explicit");
}

static void
test_the_first_answer_counts (void)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (NULL);

  g_signal_connect (auth, "token-requested", G_CALLBACK (respond), (gpointer) " first\n");
  g_signal_connect (auth, "token-requested", G_CALLBACK (respond), (gpointer) "second");
  assert_token (auth, "first");
}

static gboolean
respond_later (gpointer user_data)
{
  oai_token_request_respond (user_data, "later");
  return G_SOURCE_REMOVE;
}

static void
keep_and_respond_later (OaiAuth *auth, OaiTokenRequest *request, gpointer user_data)
{
  g_assert_nonnull (oai_token_request_get_cancellable (request));
  g_timeout_add_full (G_PRIORITY_DEFAULT, 10, respond_later, g_object_ref (request), g_object_unref);
}

static void
test_an_answer_may_come_later (void)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (NULL);

  g_signal_connect (auth, "token-requested", G_CALLBACK (keep_and_respond_later), NULL);
  assert_token (auth, "later");
}

static void
fail (OaiAuth *auth, OaiTokenRequest *request, gpointer user_data)
{
  oai_token_request_fail (request, user_data);
}

static void
ignore (OaiAuth *auth, OaiTokenRequest *request, gpointer user_data)
{
}

static void
test_why_there_is_no_token (void)
{
  g_autoptr (OaiAuth) failing = oai_auth_new (NULL);
  g_autoptr (OaiAuth) silent = oai_auth_new (NULL);
  g_autoptr (OaiAuth) empty = oai_auth_new (NULL);
  g_autoptr (OaiAuth) smuggling = oai_auth_new (NULL);

  g_signal_connect (failing, "token-requested", G_CALLBACK (fail), (gpointer) "provider unavailable");
  g_signal_connect (silent, "token-requested", G_CALLBACK (ignore), NULL);
  g_signal_connect (empty, "token-requested", G_CALLBACK (respond), (gpointer) " ");
  g_signal_connect (smuggling, "token-requested", G_CALLBACK (respond), (gpointer) "x\r\nX-Evil: 1");

  assert_failure (failing, "provider unavailable");
  assert_failure (silent, "without a response");
  assert_failure (empty, "empty");
  assert_failure (smuggling, "cannot be sent");
}

static void
keep (OaiAuth *auth, OaiTokenRequest *request, gpointer user_data)
{
  g_set_object ((OaiTokenRequest **) user_data, request);
}

static void
test_cancelling_ends_the_wait_at_once (void)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (NULL);
  g_autoptr (OaiTokenRequest) request = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (auth, "token-requested", G_CALLBACK (keep), &request);
  oai_auth_request_token_async (auth, cancellable, on_token, &result);
  g_assert_nonnull (request);
  g_assert_true (oai_token_request_get_cancellable (request) == cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (result);

  g_cancellable_cancel (cancellable);
  while (result == NULL)
    g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_null (oai_auth_request_token_finish (auth, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  /* No call is waiting. */
  oai_token_request_respond (request, "late");
}

static void
test_cancelled_before (void)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint count = 0;

  g_signal_connect (auth, "token-requested", G_CALLBACK (count_and_respond), &count);
  g_cancellable_cancel (cancellable);
  g_assert_null (wait_for_token (auth, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count, ==, 0);
}

/* Subclasses */

typedef OaiAuth AskedAuth;
typedef OaiAuthClass AskedAuthClass;
GType asked_auth_get_type (void);
G_DEFINE_TYPE (AskedAuth, asked_auth, OAI_TYPE_AUTH)

static void
asked_auth_token_requested (OaiAuth *auth, OaiTokenRequest *request)
{
  oai_token_request_respond (request, "of-subclass");
}

static void
asked_auth_class_init (AskedAuthClass *klass)
{
  klass->token_requested = asked_auth_token_requested;
}

static void
asked_auth_init (AskedAuth *self)
{
}

typedef OaiAuth OwnAuth;
typedef OaiAuthClass OwnAuthClass;
GType own_auth_get_type (void);
G_DEFINE_TYPE (OwnAuth, own_auth, OAI_TYPE_AUTH)

static void
own_auth_request_token_async (OaiAuth *auth, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (auth, cancellable, callback, user_data);

  g_task_set_source_tag (task, own_auth_request_token_async);
  g_task_return_pointer (task, g_strdup ("of-method"), g_free);
}

static char *
own_auth_request_token_finish (OaiAuth *auth, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
own_auth_class_init (OwnAuthClass *klass)
{
  klass->request_token_async = own_auth_request_token_async;
  klass->request_token_finish = own_auth_request_token_finish;
}

static void
own_auth_init (OwnAuth *self)
{
}

static void
test_subclasses_give_tokens (void)
{
  g_autoptr (OaiAuth) asked = g_object_new (asked_auth_get_type (), "api-key", "sk-test", NULL);
  g_autoptr (OaiAuth) own = g_object_new (own_auth_get_type (), "api-key", "sk-test", NULL);

  assert_at_hand (asked, NULL);
  assert_at_hand (own, NULL);
  assert_token (asked, "of-subclass");
  assert_token (own, "of-method");
  g_assert_cmpstr (oai_auth_get_source (own), ==, "provider");
}

int
main (int argc, char *argv[])
{
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_setenv ("LANGUAGE", "en", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/token/each-attempt-requests-a-token", test_each_attempt_requests);
  g_test_add_func ("/token/the-first-response-counts", test_the_first_answer_counts);
  g_test_add_func ("/token/a-response-can-be-delayed", test_an_answer_may_come_later);
  g_test_add_func ("/token/the-reason-of-a-failure", test_why_there_is_no_token);
  g_test_add_func ("/token/cancelling-completes-at-once", test_cancelling_ends_the_wait_at_once);
  g_test_add_func ("/token/cancelled-before", test_cancelled_before);
  g_test_add_func ("/token/subclasses-provide-tokens", test_subclasses_give_tokens);

  return g_test_run ();
}
