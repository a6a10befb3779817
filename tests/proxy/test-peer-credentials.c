/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Users of this machine, and the base class of authenticators. */

#include "identity-fixture.h"

#include <sys/socket.h>
#include <unistd.h>

static GCredentials *
new_credentials (guint user, guint group)
{
  GCredentials *credentials = g_credentials_new ();
  struct ucred native = { 1, user, group };

  g_credentials_set_native (credentials, G_CREDENTIALS_TYPE_LINUX_UCRED, &native);

  return credentials;
}

static void
assert_user (OaiProxyPeerCredentials *authenticator, guint user, guint group, const char *expected)
{
  g_autoptr(GCredentials) credentials = new_credentials (user, group);
  g_autoptr(OaiProxyIdentity) identity = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(TestRequest) request;

  test_request_init (&request, NULL);
  request.peer.credentials = credentials;
  g_assert_true (oai_proxy_authenticator_authenticate_now (OAI_PROXY_AUTHENTICATOR (authenticator), test_request_get (&request), &identity, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (identity != NULL ? oai_proxy_identity_get_id (identity) : NULL, ==, expected);
}

static void
test_users (void)
{
  g_autoptr(OaiProxyPeerCredentials) authenticator = oai_proxy_peer_credentials_new ();

  assert_user (authenticator, 0, 0, NULL);
  g_assert_true (oai_proxy_peer_credentials_add_user (authenticator, 1000, "alice", NULL, NULL));
  g_assert_true (oai_proxy_peer_credentials_add_user (authenticator, 0, "root", NULL, NULL));
  g_assert_true (oai_proxy_peer_credentials_add_group (authenticator, 100, "users", NULL, NULL));
  assert_user (authenticator, 1000, 1000, "alice");
  assert_user (authenticator, 1000, 100, "alice");
  assert_user (authenticator, 1001, 100, "users");
  assert_user (authenticator, 0, 0, "root");
  assert_user (authenticator, 1001, 1000, NULL);
  assert_user (authenticator, 100, 1001, NULL);
  assert_user (authenticator, 65534, 65534, NULL);
  g_assert_true (oai_proxy_peer_credentials_add_user (authenticator, 1000, "bob", NULL, NULL));
  assert_user (authenticator, 1000, 1000, "bob");
  /* A connection over TCP. */
  test_assert_other_kind (authenticator, "1000");
  test_assert_other_kind (authenticator, NULL);
}

static void
test_invalid (void)
{
  g_autoptr(OaiProxyPeerCredentials) authenticator = oai_proxy_peer_credentials_new ();
  g_autoptr(GError) error = NULL;

  g_assert_false (oai_proxy_peer_credentials_add_user (authenticator, 65534, "a", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_false (oai_proxy_peer_credentials_add_user (authenticator, G_MAXUINT, "a", NULL, NULL));
  g_assert_false (oai_proxy_peer_credentials_add_group (authenticator, 65534, "a", NULL, NULL));
  g_assert_false (oai_proxy_peer_credentials_add_user (authenticator, 1, "", NULL, NULL));
}

/* What the operating system reports for a real socket. */
static void
test_socket (void)
{
  g_autoptr(OaiProxyPeerCredentials) authenticator = oai_proxy_peer_credentials_new ();
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GCredentials) credentials = NULL;
  g_autoptr(OaiProxyIdentity) identity = NULL;
  GError *error = NULL;
  g_auto(TestRequest) request;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  socket = g_socket_new_from_fd (fds[0], &error);
  g_assert_no_error (error);
  credentials = g_socket_get_credentials (socket, &error);
  g_assert_no_error (error);
  g_assert_true (oai_proxy_peer_credentials_add_user (authenticator, getuid (), "me", NULL, NULL));
  test_request_init (&request, NULL);
  request.peer.credentials = credentials;
  g_assert_true (oai_proxy_authenticator_authenticate_now (OAI_PROXY_AUTHENTICATOR (authenticator), test_request_get (&request), &identity, NULL));
  g_assert_cmpstr (oai_proxy_identity_get_id (identity), ==, "me");
  close (fds[1]);
}

/* Subclasses */

#define TEST_TYPE_AUTHENTICATOR (test_authenticator_get_type ())
G_DECLARE_FINAL_TYPE (TestAuthenticator, test_authenticator, TEST, AUTHENTICATOR, OaiProxyAuthenticator)

struct _TestAuthenticator
{
  OaiProxyAuthenticator parent_instance;
};

G_DEFINE_FINAL_TYPE (TestAuthenticator, test_authenticator, OAI_TYPE_PROXY_AUTHENTICATOR)

static gboolean
test_authenticator_authenticate_now (OaiProxyAuthenticator *self, OaiProxyRequest *request, OaiProxyIdentity **identity, GError **error)
{
  const char *token = oai_proxy_request_get_token (request);

  if (token == NULL)
    return TRUE;
  /* Errors count, also with a wrong return value and an identity. */
  if (strcmp (token, "wrong") == 0)
    {
      *identity = oai_proxy_identity_new ("x", NULL);
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_FORBIDDEN, "Go away");
      return TRUE;
    }
  /* An identity without a decision does not count. */
  if (strcmp (token, "undecided") == 0)
    {
      *identity = oai_proxy_identity_new ("x", NULL);
      return FALSE;
    }

  *identity = oai_proxy_authenticator_create_identity (self, token, NULL, error);

  return *identity != NULL;
}

static void
test_authenticator_class_init (TestAuthenticatorClass *klass)
{
  OAI_PROXY_AUTHENTICATOR_CLASS (klass)->authenticate_now = test_authenticator_authenticate_now;
}

static void
test_authenticator_init (TestAuthenticator *self)
{
}

static void
test_subclass (void)
{
  g_autoptr(TestAuthenticator) authenticator = g_object_new (TEST_TYPE_AUTHENTICATOR, NULL);

  test_assert_accepted (authenticator, "alice", "alice");
  test_assert_other_kind (authenticator, NULL);
  test_assert_refused (authenticator, "wrong", OAI_PROXY_ERROR_FORBIDDEN, "Go away");
  test_assert_refused (authenticator, "undecided", OAI_PROXY_ERROR_INTERNAL, "has not decided");
}

static void
test_limits (void)
{
  g_autoptr(TestAuthenticator) test = g_object_new (TEST_TYPE_AUTHENTICATOR, NULL);
  OaiProxyAuthenticator *authenticator = OAI_PROXY_AUTHENTICATOR (test);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimits) normal = oai_proxy_limits_new ();
  g_autoptr(OaiProxyIdentity) first = NULL;
  g_autoptr(OaiProxyIdentity) second = NULL;
  g_autoptr(GError) error = NULL;

  oai_proxy_authenticator_set_limits (authenticator, "a", limits);
  oai_proxy_authenticator_set_limits (authenticator, NULL, normal);
  first = oai_proxy_authenticator_create_identity (authenticator, "x", "a", NULL);
  second = oai_proxy_authenticator_create_identity (authenticator, "x", NULL, NULL);
  g_assert_true (oai_proxy_identity_get_limits (first) == limits);
  g_assert_true (oai_proxy_identity_get_limits (second) == normal);
  g_assert_true (oai_proxy_authenticator_get_limits (authenticator, "a") == limits);

  oai_proxy_authenticator_set_limits (authenticator, "a", NULL);
  oai_proxy_authenticator_set_limits (authenticator, NULL, NULL);
  g_assert_null (oai_proxy_authenticator_create_identity (authenticator, "x", "a", &error));
  g_assert_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_FORBIDDEN);
  g_assert_null (oai_proxy_authenticator_get_limits (authenticator, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/authenticator/subclass", test_subclass);
  g_test_add_func ("/authenticator/limits", test_limits);
  g_test_add_func ("/peer-credentials/users", test_users);
  g_test_add_func ("/peer-credentials/invalid", test_invalid);
  g_test_add_func ("/peer-credentials/socket", test_socket);

  return g_test_run ();
}
