/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests with a token, for the tests of authenticators. */

#pragma once

#include <glib/gstdio.h>
#include <openai-1/openai.h>

#include "oai-proxy-request-private.h"

G_BEGIN_DECLS

typedef struct
{
  OaiHttpHead head;
  OaiProxyPeer peer;
  OaiProxyRequest *request;
} TestRequest;

/* token: nullable */
static inline void
test_request_init (TestRequest *self, const char *token)
{
  g_autofree char *bearer = g_strconcat ("Bearer ", token, NULL);

  *self = (TestRequest) { .head = { .method = (char *) "POST", .target = (char *) "/v1/chat/completions", .path = (char *) "/v1/chat/completions" } };
  self->head.fields = oai_http_fields_new ();
  if (token != NULL)
    oai_http_fields_append (self->head.fields, "Authorization", bearer);
}

static inline OaiProxyRequest *
test_request_get (TestRequest *self)
{
  if (self->request == NULL)
    self->request = oai_proxy_request_new (&self->head, &self->peer);

  return self->request;
}

static inline void
test_request_clear (TestRequest *self)
{
  if (self->request != NULL)
    oai_proxy_request_detach (self->request);
  g_clear_object (&self->request);
  oai_http_fields_free (self->head.fields);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestRequest, test_request_clear)

typedef struct
{
  gboolean done;
  OaiProxyIdentity *identity;
  GError *error;
} TestAnswer;

static inline void
test_answer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  TestAnswer *self = user_data;

  self->identity = oai_proxy_authenticator_authenticate_finish (OAI_PROXY_AUTHENTICATOR (source), result, &self->error);
  self->done = TRUE;
}

static inline void
test_answer_clear (TestAnswer *self)
{
  g_clear_object (&self->identity);
  g_clear_error (&self->error);
  self->done = FALSE;
}

/* Authenticates a request with a token; returns the identity, "" if the token is of another kind, or NULL for an error, which
 * is returned in error if it is not NULL. */
static inline char *
test_authenticate (gpointer authenticator, const char *token, GError **error)
{
  g_auto(TestRequest) request;
  TestAnswer answer = { 0 };
  char *id = NULL;

  test_request_init (&request, token);
  oai_proxy_authenticator_authenticate_async (authenticator, test_request_get (&request), NULL, test_answer_cb, &answer);
  while (!answer.done)
    g_main_context_iteration (NULL, TRUE);
  if (answer.error != NULL)
    g_assert_null (answer.identity);
  else
    id = g_strdup (answer.identity != NULL ? oai_proxy_identity_get_id (answer.identity) : "");
  if (error != NULL)
    *error = g_steal_pointer (&answer.error);
  test_answer_clear (&answer);

  return id;
}

static inline void
test_assert_accepted (gpointer authenticator, const char *token, const char *expected)
{
  GError *error = NULL;
  g_autofree char *id = test_authenticate (authenticator, token, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (id, ==, expected);
}

static inline void
test_assert_other_kind (gpointer authenticator, const char *token)
{
  test_assert_accepted (authenticator, token, "");
}

/* The message contains the text; it never contains the token. */
static inline void
test_assert_refused (gpointer authenticator, const char *token, OaiProxyError code, const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *id = test_authenticate (authenticator, token, &error);

  g_assert_cmpstr (id, ==, NULL);
  g_assert_error (error, OAI_PROXY_ERROR, (int) code);
  if (strstr (error->message, text) == NULL)
    g_error ("“%s” does not contain “%s”", error->message, text);
  if (token != NULL && *token != '\0')
    g_assert_null (strstr (error->message, token));
}

static inline char *
test_make_directory (void)
{
  GError *error = NULL;
  char *path = g_dir_make_tmp ("oai-identity-XXXXXX", &error);

  g_assert_no_error (error);

  return path;
}

static inline char *
test_write_file (const char *directory, const char *name, const char *contents, int mode)
{
  char *path = g_build_filename (directory, name, NULL);
  GError *error = NULL;

  g_file_set_contents (path, contents, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, mode), ==, 0);

  return path;
}

static inline void
test_remove_directory (const char *path)
{
  g_autoptr(GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      g_unlink (child);
    }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

G_END_DECLS
