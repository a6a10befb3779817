/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-identity.h"

#include "oai-proxy-pattern-private.h"

/**
 * OaiProxyIdentity:
 *
 * The client of a request, as the proxy knows it: an identifier under which its requests are counted and recorded, and
 * its limits. It does not change.
 *
 * Since: 1.0
 */
struct _OaiProxyIdentity
{
  GObject parent_instance;

  char *id;
  OaiProxyLimits *limits;
};

G_DEFINE_FINAL_TYPE (OaiProxyIdentity, oai_proxy_identity, G_TYPE_OBJECT)

enum
{
  PROP_ID = 1,
  PROP_LIMITS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
oai_proxy_identity_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiProxyIdentity *self = OAI_PROXY_IDENTITY (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_LIMITS:
      g_value_set_object (value, self->limits);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_proxy_identity_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OaiProxyIdentity *self = OAI_PROXY_IDENTITY (object);

  switch (id)
    {
    case PROP_ID:
      self->id = g_value_dup_string (value);
      break;
    case PROP_LIMITS:
      self->limits = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_proxy_identity_finalize (GObject *object)
{
  OaiProxyIdentity *self = OAI_PROXY_IDENTITY (object);

  g_free (self->id);
  g_clear_object (&self->limits);

  G_OBJECT_CLASS (oai_proxy_identity_parent_class)->finalize (object);
}

static void
oai_proxy_identity_class_init (OaiProxyIdentityClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oai_proxy_identity_get_property;
  object_class->set_property = oai_proxy_identity_set_property;
  object_class->finalize = oai_proxy_identity_finalize;

  /**
   * OaiProxyIdentity:id:
   *
   * The identifier; see [func@Oai.ProxyIdentity.id_is_valid].
   *
   * Since: 1.0
   */
  props[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiProxyIdentity:limits:
   *
   * What the identity may use, or %NULL for the default limits of the server.
   *
   * Since: 1.0
   */
  props[PROP_LIMITS] = g_param_spec_object ("limits", NULL, NULL, OAI_TYPE_PROXY_LIMITS, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
oai_proxy_identity_init (OaiProxyIdentity *self)
{
}

/**
 * oai_proxy_identity_id_is_valid:
 * @id: a text
 *
 * Checks whether a text can be the identifier of an identity: 1 to 256 bytes of UTF-8 without control characters.
 *
 * Returns: whether it can
 *
 * Since: 1.0
 */
gboolean
oai_proxy_identity_id_is_valid (const char *id)
{
  g_return_val_if_fail (id != NULL, FALSE);

  return oai_proxy_name_is_valid (id);
}

/**
 * oai_proxy_identity_new:
 * @id: the identifier, for example the name of a user; see [func@Oai.ProxyIdentity.id_is_valid]
 * @limits: (nullable): what it may use, or %NULL for the default limits of the server
 *
 * Creates an identity.
 *
 * The identifier appears in logs and records, so it must not be a secret.
 *
 * Returns: (transfer full): a new identity
 *
 * Since: 1.0
 */
OaiProxyIdentity *
oai_proxy_identity_new (const char *id, OaiProxyLimits *limits)
{
  g_return_val_if_fail (id != NULL && oai_proxy_identity_id_is_valid (id), NULL);
  g_return_val_if_fail (limits == NULL || OAI_IS_PROXY_LIMITS (limits), NULL);

  return g_object_new (OAI_TYPE_PROXY_IDENTITY, "id", id, "limits", limits, NULL);
}

/**
 * oai_proxy_identity_get_id:
 * @self: the identity
 *
 * Gets the identifier.
 *
 * Returns: the identifier
 *
 * Since: 1.0
 */
const char *
oai_proxy_identity_get_id (OaiProxyIdentity *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_IDENTITY (self), NULL);

  return self->id;
}

/**
 * oai_proxy_identity_get_limits:
 * @self: the identity
 *
 * Gets what the identity may use.
 *
 * Returns: (transfer none) (nullable): the limits, or %NULL for the default limits of the server
 *
 * Since: 1.0
 */
OaiProxyLimits *
oai_proxy_identity_get_limits (OaiProxyIdentity *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_IDENTITY (self), NULL);

  return self->limits;
}
