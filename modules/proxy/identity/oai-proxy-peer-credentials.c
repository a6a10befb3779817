/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-peer-credentials.h"

#include <sys/socket.h>

#include "oai-error.h"
#include "oai-i18n-private.h"

/* Linux replaces ids that have no mapping in a user namespace, which are those of any user. */
#define OVERFLOW_ID 65534

/**
 * OaiProxyPeerCredentials:
 *
 * Identifies clients that are connected over a UNIX socket by their user or group.
 *
 * The operating system reports who the client is, so that it needs no token. A user that was added takes precedence over
 * its group. The group is the effective group of the process when it connected; further groups of the user do not count.
 * Groups are supported on Linux only.
 *
 * Since: 1.0
 */
struct _OaiProxyPeerCredentials
{
  OaiProxyAuthenticator parent_instance;

  GHashTable *users;  /* id → Rule */
  GHashTable *groups; /* the same */
};

G_DEFINE_FINAL_TYPE (OaiProxyPeerCredentials, oai_proxy_peer_credentials, OAI_TYPE_PROXY_AUTHENTICATOR)

typedef struct
{
  char *identity;
  char *limits; /* nullable */
} Rule;

static void
rule_free (gpointer data)
{
  Rule *self = data;

  g_free (self->identity);
  g_free (self->limits);
  g_free (self);
}

static Rule *
find_group (OaiProxyPeerCredentials *self, GCredentials *credentials)
{
#ifdef __linux__
  const struct ucred *native = g_credentials_get_native (credentials, G_CREDENTIALS_TYPE_LINUX_UCRED);

  if (native != NULL)
    return g_hash_table_lookup (self->groups, GUINT_TO_POINTER (native->gid));
#endif

  return NULL;
}

static gboolean
oai_proxy_peer_credentials_authenticate_now (OaiProxyAuthenticator *authenticator, OaiProxyRequest *request, OaiProxyIdentity **identity, GError **error)
{
  OaiProxyPeerCredentials *self = OAI_PROXY_PEER_CREDENTIALS (authenticator);
  GCredentials *credentials = oai_proxy_request_get_peer_credentials (request);
  uid_t user = credentials != NULL ? g_credentials_get_unix_user (credentials, NULL) : (uid_t) -1;
  Rule *rule;

  if (user == (uid_t) -1)
    return TRUE;

  rule = g_hash_table_lookup (self->users, GUINT_TO_POINTER (user));
  if (rule == NULL)
    rule = find_group (self, credentials);
  if (rule == NULL)
    return TRUE;

  *identity = oai_proxy_authenticator_create_identity (authenticator, rule->identity, rule->limits, error);

  return *identity != NULL;
}

static void
oai_proxy_peer_credentials_finalize (GObject *object)
{
  OaiProxyPeerCredentials *self = OAI_PROXY_PEER_CREDENTIALS (object);

  g_hash_table_unref (self->users);
  g_hash_table_unref (self->groups);

  G_OBJECT_CLASS (oai_proxy_peer_credentials_parent_class)->finalize (object);
}

static void
oai_proxy_peer_credentials_class_init (OaiProxyPeerCredentialsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_proxy_peer_credentials_finalize;
  OAI_PROXY_AUTHENTICATOR_CLASS (klass)->authenticate_now = oai_proxy_peer_credentials_authenticate_now;
}

static void
oai_proxy_peer_credentials_init (OaiProxyPeerCredentials *self)
{
  self->users = g_hash_table_new_full (NULL, NULL, NULL, rule_free);
  self->groups = g_hash_table_new_full (NULL, NULL, NULL, rule_free);
}

/**
 * oai_proxy_peer_credentials_new:
 *
 * Creates an authenticator that knows no user.
 *
 * Returns: (transfer full): an authenticator
 *
 * Since: 1.0
 */
OaiProxyPeerCredentials *
oai_proxy_peer_credentials_new (void)
{
  return g_object_new (OAI_TYPE_PROXY_PEER_CREDENTIALS, NULL);
}

static gboolean
add_rule (GHashTable *rules, guint id, const char *identity, const char *limits_name, GError **error)
{
  const char *reason = NULL;
  Rule *rule;

  if (id == G_MAXUINT || id == OVERFLOW_ID)
    reason = _("This number does not identify a single user or group");
  else if (!oai_proxy_identity_id_is_valid (identity))
    reason = _("The identity is not valid");
  if (reason != NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, reason);
      return FALSE;
    }

  rule = g_new0 (Rule, 1);
  rule->identity = g_strdup (identity);
  rule->limits = g_strdup (limits_name);
  g_hash_table_insert (rules, GUINT_TO_POINTER (id), rule);

  return TRUE;
}

/**
 * oai_proxy_peer_credentials_add_user:
 * @self: an authenticator
 * @user_id: the number of a user
 * @identity: the identity of the user
 * @limits_name: (nullable): the name of its limits, as in [method@Oai.ProxyAuthenticator.set_limits]
 * @error: return location for a #GError
 *
 * Accepts the processes of a user. A user that was added before is replaced.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if @identity is not valid, or if @user_id is the one that Linux reports for all users
 * without a mapping (65534).
 *
 * Returns: whether the user was added
 *
 * Since: 1.0
 */
gboolean
oai_proxy_peer_credentials_add_user (OaiProxyPeerCredentials *self, guint user_id, const char *identity, const char *limits_name, GError **error)
{
  g_return_val_if_fail (OAI_IS_PROXY_PEER_CREDENTIALS (self), FALSE);
  g_return_val_if_fail (identity != NULL, FALSE);

  return add_rule (self->users, user_id, identity, limits_name, error);
}

/**
 * oai_proxy_peer_credentials_add_group:
 * @self: an authenticator
 * @group_id: the number of a group
 * @identity: the identity that all its members share
 * @limits_name: (nullable): the name of its limits, as in [method@Oai.ProxyAuthenticator.set_limits]
 * @error: return location for a #GError
 *
 * Accepts the processes of a group. A group that was added before is replaced.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if @identity is not valid, or if @group_id is the one that Linux reports for all groups
 * without a mapping (65534).
 *
 * Returns: whether the group was added
 *
 * Since: 1.0
 */
gboolean
oai_proxy_peer_credentials_add_group (OaiProxyPeerCredentials *self, guint group_id, const char *identity, const char *limits_name, GError **error)
{
  g_return_val_if_fail (OAI_IS_PROXY_PEER_CREDENTIALS (self), FALSE);
  g_return_val_if_fail (identity != NULL, FALSE);

  return add_rule (self->groups, group_id, identity, limits_name, error);
}
