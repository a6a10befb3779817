/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A command that decides who the client is. */

#include "identity-fixture.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define TOKEN "sk-0123456789abcdefghijklmnop"

typedef struct
{
  char *directory;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = test_make_directory ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_remove_directory (fixture->directory);
  g_free (fixture->directory);
}

/* In the script, $0 is the directory. */
static OaiProxyCommand *
new_command (Fixture *fixture, const char *script)
{
  const char *argv[] = { "sh", "-c", script, fixture->directory, NULL };

  return oai_proxy_command_new (argv);
}

static char *
read_file (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->directory, name, NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);

  return text;
}

static void
assert_output (Fixture *fixture, const char *script, const char *expected)
{
  g_autoptr(OaiProxyCommand) command = new_command (fixture, script);

  test_assert_accepted (command, TOKEN, expected);
}

static void
assert_failure (Fixture *fixture, const char *script, guint timeout_ms, const char *warning)
{
  g_autoptr(OaiProxyCommand) command = new_command (fixture, script);

  if (timeout_ms > 0)
    oai_proxy_command_set_timeout_ms (command, timeout_ms);
  g_test_expect_message ("Oai", G_LOG_LEVEL_WARNING, warning);
  test_assert_refused (command, TOKEN, OAI_PROXY_ERROR_UNAVAILABLE, "cannot be checked now");
  g_test_assert_expected_messages ();
}

static void
test_accept (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyCommand) command = new_command (fixture, "cat > \"$0/input\"; echo '{\"identity\":\"alice\"}'");
  g_autofree char *input = NULL;

  test_assert_accepted (command, TOKEN, "alice");
  input = read_file (fixture, "input");
  g_assert_nonnull (strstr (input, "\"method\":\"POST\""));
  g_assert_nonnull (strstr (input, "\"path\":\"v1/chat/completions\""));
  g_assert_nonnull (strstr (input, "\"peer\":null"));
  g_assert_nonnull (strstr (input, "\"token\":\"" TOKEN "\""));
  g_assert_true (g_str_has_prefix (input, "{\"id\":\"req_"));
}

static void
test_hostile_tokens (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyCommand) command = new_command (fixture, "cat > \"$0/input\"; echo '{\"identity\":\"a\"}'");
  g_autofree char *huge = g_strnfill (20000, 'a');
  g_autofree char *input = NULL;

  test_assert_accepted (command, "\"}\\$(touch x)`;'ÿ", "a");
  input = read_file (fixture, "input");
  g_assert_nonnull (strstr (input, "\"token\":\"\\\"}\\\\$(touch x)`;'ÿ"));
  test_assert_other_kind (command, huge);
  test_assert_other_kind (command, NULL);
}

static void
test_replies (Fixture *fixture, gconstpointer data)
{
  const char *invalid = "*printed no reply that is valid*";

  assert_output (fixture, "echo '{\"identity\":null}'", "");
  assert_output (fixture, "printf '\\n {\"identity\":\"\\\\u0061\",\"more\":[]}\\n'", "a");
  assert_output (fixture, "exec <&-; echo '{\"identity\":\"a\",\"limits\":null}'", "a");
  assert_output (fixture, "head -c 3000000 /dev/zero >&2; echo '{\"identity\":\"a\"}'", "a");

  assert_failure (fixture, "true", 0, invalid);
  assert_failure (fixture, "echo", 0, invalid);
  assert_failure (fixture, "echo alice", 0, invalid);
  assert_failure (fixture, "echo '{}'", 0, invalid);
  assert_failure (fixture, "echo '{\"identity\":1}'", 0, invalid);
  assert_failure (fixture, "echo '{\"identity\":true}'", 0, invalid);
  assert_failure (fixture, "echo '{\"identity\":[\"a\"]}'", 0, invalid);
  assert_failure (fixture, "echo '[\"identity\"]'", 0, invalid);
  assert_failure (fixture, "echo '{\"identity\":\"a\"'", 0, invalid);
  assert_failure (fixture, "echo '{\"identity\":\"a\"}{}'", 0, invalid);
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"identity\":\"b\"}'", 0, invalid);
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"error\":\"no\"}'", 0, invalid);
  assert_failure (fixture, "echo '{\"identity\":null,\"error\":\"no\"}'", 0, invalid);
  assert_failure (fixture, "printf '{\"identity\":\"a\\377\"}'", 0, invalid);
  assert_failure (fixture, "cat /dev/zero", 0, "*printed too much*");
  assert_failure (fixture, "yes", 0, "*printed too much*");
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyCommand) command = new_command (fixture, "echo '{\"error\":\"The account is closed: " TOKEN "\"}'");
  g_autoptr(OaiProxyCommand) empty = new_command (fixture, "echo '{\"identity\":\"\"}'");
  g_autoptr(OaiProxyCommand) unknown = new_command (fixture, "echo '{\"identity\":\"a\",\"limits\":\"x\"}'");

  test_assert_refused (command, TOKEN, OAI_PROXY_ERROR_UNAUTHENTICATED, "The account is closed");
  test_assert_refused (empty, TOKEN, OAI_PROXY_ERROR_FORBIDDEN, "identity");
  test_assert_refused (unknown, TOKEN, OAI_PROXY_ERROR_FORBIDDEN, "not configured");
}

static OaiProxyIdentity *
authenticate (gpointer authenticator)
{
  g_auto(TestRequest) request;
  TestAnswer answer = { 0 };

  test_request_init (&request, TOKEN);
  oai_proxy_authenticator_authenticate_async (authenticator, test_request_get (&request), NULL, test_answer_cb, &answer);
  while (!answer.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (answer.error);

  return answer.identity;
}

static void
test_limits (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyCommand) named = new_command (fixture, "echo '{\"identity\":\"a\",\"limits\":\"small\"}'");
  g_autoptr(OaiProxyCommand) object = new_command (fixture, "echo '{\"identity\":\"a\",\"limits\":{\"requests_per_minute\":5,\"tokens_per_day\":1e6,"
                                                            "\"cost_per_day\":0.5,\"max_body_size\":4096,\"allowed_models\":[\"gpt-5*\"]}}'");
  g_autoptr(OaiProxyLimits) small = oai_proxy_limits_new ();
  g_autoptr(OaiProxyIdentity) first = NULL;
  g_autoptr(OaiProxyIdentity) second = NULL;
  OaiProxyLimits *limits;
  const char *warning = "*limits or an identity that are not valid*";

  oai_proxy_authenticator_set_limits (OAI_PROXY_AUTHENTICATOR (named), "small", small);
  first = authenticate (named);
  g_assert_true (oai_proxy_identity_get_limits (first) == small);
  second = authenticate (object);
  limits = oai_proxy_identity_get_limits (second);
  g_assert_cmpuint (oai_proxy_limits_get_requests_per_minute (limits), ==, 5);
  g_assert_cmpint (oai_proxy_limits_get_tokens_per_day (limits), ==, 1000000);
  g_assert_cmpfloat (oai_proxy_limits_get_cost_per_day (limits), ==, 0.5);
  g_assert_cmpuint (oai_proxy_limits_get_max_body_size (limits), ==, 4096);
  g_assert_true (oai_proxy_limits_allows_model (limits, "gpt-5-mini"));
  g_assert_false (oai_proxy_limits_allows_model (limits, "o3"));

  /* A limit that is misspelled must not be overlooked. */
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"limits\":{\"request_per_minute\":5}}'", 0, warning);
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"limits\":{\"requests-per-minute\":5}}'", 0, warning);
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"limits\":{\"requests_per_minute\":\"5\"}}'", 0, warning);
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"limits\":{\"requests_per_minute\":-1}}'", 0, warning);
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"limits\":{\"requests_per_minute\":1.5}}'", 0, warning);
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"limits\":{\"cost_per_day\":-0.1}}'", 0, warning);
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"limits\":{\"allowed_models\":\"gpt-5\"}}'", 0, warning);
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"limits\":{\"allowed_models\":[1]}}'", 0, warning);
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"limits\":{\"max_streams\":1,\"max_streams\":0}}'", 0, warning);
  assert_failure (fixture, "echo '{\"identity\":\"a\",\"limits\":[]}'", 0, warning);
  assert_failure (fixture, "echo '{\"identity\":\"\",\"limits\":{}}'", 0, warning);
}

static void
test_failures (Fixture *fixture, gconstpointer data)
{
  const char *const missing[] = { "/nonexistent/command", NULL };
  g_autoptr(OaiProxyCommand) command = oai_proxy_command_new (missing);

  g_test_expect_message ("Oai", G_LOG_LEVEL_WARNING, "*cannot be started*");
  test_assert_refused (command, TOKEN, OAI_PROXY_ERROR_UNAVAILABLE, "cannot be checked now");
  g_test_assert_expected_messages ();

  assert_failure (fixture, "echo '{\"identity\":\"a\"}'; exit 1", 0, "*exit status 1*");
  assert_failure (fixture, "echo '{\"identity\":\"a\"}'; kill -9 $$", 0, "*signal 9*");
  assert_failure (fixture, "exec >&-; sleep 1000", 100, "*did not end in time*");
  assert_failure (fixture, "echo '{\"identity\":\"a\"}'; sleep 1000", 100, "*did not end in time*");
  assert_failure (fixture, "echo '{\"identity\":\"a\"}'; sleep 1000 & exit 0", 300, "*did not end in time*");
}

/* What a failing command prints is logged, without the token. */
static void
test_log (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyCommand) command = new_command (fixture, "cat >&2; echo; echo database is away >&2; exit 3");

  g_test_expect_message ("Oai", G_LOG_LEVEL_WARNING, "*exit status 3*database is away*");
  test_assert_refused (command, TOKEN, OAI_PROXY_ERROR_UNAVAILABLE, "cannot be checked now");
  g_test_assert_expected_messages ();
}

static void
test_token_is_not_logged (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyCommand) command = NULL;

  if (g_test_subprocess ())
    {
      const char *const argv[] = { "sh", "-c", "cat >&2; exit 3", NULL };

      g_log_set_always_fatal (G_LOG_FATAL_MASK);
      g_log_set_fatal_mask ("Oai", G_LOG_FATAL_MASK);
      command = oai_proxy_command_new (argv);
      g_free (test_authenticate (command, TOKEN, NULL));
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*exit status 3*\"token\"*");
  g_test_trap_assert_stderr_unmatched ("*" TOKEN "*");
}

static gboolean
is_running (Fixture *fixture, const char *name)
{
  g_autofree char *text = read_file (fixture, name);
  g_autofree char *status_path = NULL;
  g_autofree char *status = NULL;

  g_assert_nonnull (text);
  g_strstrip (text);
  status_path = g_strdup_printf ("/proc/%s/stat", text);
  /* A zombie has ended. */
  if (g_file_get_contents (status_path, &status, NULL, NULL))
    return strstr (status, ") Z ") == NULL;

  return kill (atoi (text), 0) == 0;
}

/* The processes that the command has started are killed as well. */
static void
test_hanging (Fixture *fixture, gconstpointer data)
{
  assert_failure (fixture, "sleep 1000 & echo $! > \"$0/child\"; echo $$ > \"$0/parent\"; trap '' TERM; wait", 1000, "*did not end in time*");
  while (is_running (fixture, "parent") || is_running (fixture, "child"))
    g_main_context_iteration (NULL, FALSE);
}

static void
test_environment (Fixture *fixture, gconstpointer data)
{
  g_setenv ("OPENAI_API_KEY", "sk-secret", TRUE);
  assert_output (fixture, "echo '{\"identity\":\"'\"key:$OPENAI_API_KEY\"'\"}'", "key:");
  assert_output (fixture, "echo '{\"identity\":\"'\"${PATH:+path}\"'\"}'", "path");
  g_unsetenv ("OPENAI_API_KEY");
}

static guint
count_lines (Fixture *fixture, const char *name)
{
  g_autofree char *text = read_file (fixture, name);
  guint lines = 0;

  for (const char *c = text != NULL ? text : ""; *c != '\0'; c++)
    lines += *c == '\n';

  return lines;
}

static void
run_many (OaiProxyCommand *command, guint n, guint *n_accepted, guint *n_unavailable)
{
  g_autofree TestRequest *requests = g_new0 (TestRequest, n);
  g_autofree TestAnswer *answers = g_new0 (TestAnswer, n);

  *n_accepted = *n_unavailable = 0;
  for (guint i = 0; i < n; i++)
    {
      test_request_init (&requests[i], TOKEN);
      oai_proxy_authenticator_authenticate_async (OAI_PROXY_AUTHENTICATOR (command), test_request_get (&requests[i]), NULL, test_answer_cb, &answers[i]);
    }
  for (guint i = 0; i < n; i++)
    {
      while (!answers[i].done)
        g_main_context_iteration (NULL, TRUE);
      if (answers[i].error != NULL)
        g_assert_error (answers[i].error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
      *n_accepted += answers[i].identity != NULL;
      *n_unavailable += answers[i].error != NULL;
      test_answer_clear (&answers[i]);
      test_request_clear (&requests[i]);
    }
}

/* mkdir fails if a third process runs at the same time. */
static void
test_max_processes (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyCommand) command = new_command (fixture, "if mkdir \"$0/1\" 2>/dev/null; then d=1; elif mkdir \"$0/2\"; then d=2; else exit 1; fi; sleep 0.02; "
                                                             "rmdir \"$0/$d\"; echo x >> \"$0/runs\"; echo '{\"identity\":\"a\"}'");
  guint n_accepted, n_unavailable;

  g_assert_cmpuint (oai_proxy_command_get_max_processes (command), ==, 8);
  oai_proxy_command_set_max_processes (command, 2);
  run_many (command, 20, &n_accepted, &n_unavailable);
  g_assert_cmpuint (n_accepted, ==, 20);
  g_assert_cmpuint (count_lines (fixture, "runs"), ==, 20);
}

static void
test_too_many (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyCommand) command = new_command (fixture, "echo '{\"identity\":\"a\"}'");
  guint n_accepted, n_unavailable;

  run_many (command, 300, &n_accepted, &n_unavailable);
  g_assert_cmpuint (n_accepted, ==, 256);
  g_assert_cmpuint (n_unavailable, ==, 44);
  test_assert_accepted (command, TOKEN, "a");
}

static void
test_cache (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyCommand) command = new_command (fixture, "echo x >> \"$0/runs\"; echo '{\"identity\":\"a\"}'");
  guint n_accepted, n_unavailable;

  test_assert_accepted (command, TOKEN, "a");
  test_assert_accepted (command, TOKEN, "a");
  g_assert_cmpuint (count_lines (fixture, "runs"), ==, 2);

  /* Requests with the same token share a process, too. */
  g_object_set (command, "cache-ms", 3600 * 1000, NULL);
  run_many (command, 20, &n_accepted, &n_unavailable);
  g_assert_cmpuint (n_accepted, ==, 20);
  test_assert_accepted (command, TOKEN, "a");
  g_assert_cmpuint (count_lines (fixture, "runs"), ==, 3);
  test_assert_accepted (command, "another-token", "a");
  g_assert_cmpuint (count_lines (fixture, "runs"), ==, 4);

  oai_proxy_command_set_cache_ms (command, 1);
  test_assert_accepted (command, "third-token", "a");
  g_usleep (5000);
  test_assert_accepted (command, "third-token", "a");
  g_assert_cmpuint (count_lines (fixture, "runs"), ==, 6);
}

/* A token that is unknown now may be added at any time. */
static void
test_cache_without_refusals (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyCommand) command = new_command (fixture, "echo x >> \"$0/runs\"; echo '{\"error\":\"no\"}'");

  oai_proxy_command_set_cache_ms (command, 3600 * 1000);
  test_assert_refused (command, TOKEN, OAI_PROXY_ERROR_UNAUTHENTICATED, "no");
  test_assert_refused (command, TOKEN, OAI_PROXY_ERROR_UNAUTHENTICATED, "no");
  g_assert_cmpuint (count_lines (fixture, "runs"), ==, 2);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyCommand) command = new_command (fixture, "echo x >> \"$0/runs\"; sleep 0.1; echo '{\"identity\":\"a\"}'");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  TestRequest requests[3];
  TestAnswer answers[3] = { 0 };

  oai_proxy_command_set_max_processes (command, 1);
  for (guint i = 0; i < 3; i++)
    {
      test_request_init (&requests[i], TOKEN);
      oai_proxy_authenticator_authenticate_async (OAI_PROXY_AUTHENTICATOR (command), test_request_get (&requests[i]), i > 0 ? cancellable : NULL, test_answer_cb, &answers[i]);
    }
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < 3; i++)
    {
      while (!answers[i].done)
        g_main_context_iteration (NULL, TRUE);
      if (i > 0)
        g_assert_error (answers[i].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      else
        g_assert_no_error (answers[i].error);
      test_answer_clear (&answers[i]);
      test_request_clear (&requests[i]);
    }
  /* No process was started for clients that had gone away. */
  g_assert_cmpuint (count_lines (fixture, "runs"), ==, 1);
}

/* The program releases the authenticator while the command runs. */
static void
test_release (Fixture *fixture, gconstpointer data)
{
  OaiProxyCommand *command = new_command (fixture, "sleep 0.1; echo '{\"identity\":\"a\"}'");
  g_auto(TestRequest) request;
  TestAnswer answer = { 0 };

  g_object_add_weak_pointer (G_OBJECT (command), (gpointer *) &command);
  test_request_init (&request, TOKEN);
  oai_proxy_authenticator_authenticate_async (OAI_PROXY_AUTHENTICATOR (command), test_request_get (&request), NULL, test_answer_cb, &answer);
  g_object_unref (command);
  while (!answer.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (answer.error);
  g_assert_cmpstr (oai_proxy_identity_get_id (answer.identity), ==, "a");
  test_answer_clear (&answer);
  while (command != NULL)
    g_main_context_iteration (NULL, TRUE);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/command/accept", test_accept);
  ADD ("/command/hostile-tokens", test_hostile_tokens);
  ADD ("/command/replies", test_replies);
  ADD ("/command/refusals", test_refusals);
  ADD ("/command/limits", test_limits);
  ADD ("/command/failures", test_failures);
  ADD ("/command/log", test_log);
  ADD ("/command/token-is-not-logged", test_token_is_not_logged);
  ADD ("/command/hanging", test_hanging);
  ADD ("/command/environment", test_environment);
  ADD ("/command/max-processes", test_max_processes);
  ADD ("/command/too-many", test_too_many);
  ADD ("/command/cache", test_cache);
  ADD ("/command/cache-without-refusals", test_cache_without_refusals);
  ADD ("/command/cancel", test_cancel);
  ADD ("/command/release", test_release);

  return g_test_run ();
}
