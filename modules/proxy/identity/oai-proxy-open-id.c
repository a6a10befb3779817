/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-open-id.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-identity-cache-private.h"
#include "oai-jwt-private.h"
#include "oai-key-source-private.h"
#include "oai-proxy-backend-private.h"
#include "oai-source-private.h"

#define DEFAULT_CLOCK_SKEW_MS 60000
#define DEFAULT_REFRESH_MS (3600 * 1000)
#define DEFAULT_RETRY_MS 60000
#define MS_PER_SECOND 1000
/* Requests that wait for keys. */
#define MAX_WAITING 1024
#define MAX_CACHED 4096
#define MAX_CACHED_US (5 * 60 * G_USEC_PER_SEC)

/**
 * OaiProxyOpenId:
 *
 * Accepts the tokens of an OpenID provider: signed JSON Web Tokens, which are ID tokens or access tokens (RFC 9068).
 *
 * A token must have a signature with RS256 (of at least 2048 bits) or ES256 of a key that the provider publishes, the
 * issuer, an audience that was added, and an expiry time. Tokens of other issuers are left to other authenticators.
 * Tokens are refused if they are not valid yet, if they contain a member twice, if they require extensions, or if their
 * type is another one than `JWT` and `at+jwt`. Keys and URLs within a token are not used.
 *
 * The keys are loaded when they are needed for the first time: from the provider's description
 * (`/.well-known/openid-configuration` below the issuer), which must contain the same issuer, and from the URL in it.
 * Redirects are not followed. A token with an unknown key causes them to be loaded again, but not more often than
 * [property@Oai.ProxyOpenId:retry-interval-ms].
 *
 * Since: 1.0
 */
struct _OaiProxyOpenId
{
  OaiProxyAuthenticator parent_instance;

  char *issuer;
  GPtrArray *audiences; /* NULL-terminated */
  char *identity_claim;
  char *identity_prefix;
  char *limits_claim;
  char *required_scope;
  guint clock_skew_ms;
  guint refresh_interval_ms;
  guint retry_interval_ms;

  const OaiJwtCrypto *crypto;
  OaiKeySource *source;    /* NULL for an object that was created without an issuer */
  OaiIdentityCache *cache; /* of tokens whose signatures were verified, on the clock of the real time */
  GPtrArray *waiting;      /* of Waiter */
};

G_DEFINE_FINAL_TYPE (OaiProxyOpenId, oai_proxy_open_id, OAI_TYPE_PROXY_AUTHENTICATOR)

enum
{
  PROP_0,
  PROP_IDENTITY_CLAIM,
  PROP_IDENTITY_PREFIX,
  PROP_LIMITS_CLAIM,
  PROP_REQUIRED_SCOPE,
  PROP_CLOCK_SKEW_MS,
  PROP_REFRESH_INTERVAL_MS,
  PROP_RETRY_INTERVAL_MS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

typedef enum
{
  DECIDED,   /* with an identity, or NULL for another kind */
  REFUSED,   /* with an error */
  UNDECIDED  /* keys have to be loaded */
} Decision;

static Decision
refuse (GError **error, const char *reason)
{
  g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAUTHENTICATED, reason);

  return REFUSED;
}

/* Claims */

static gboolean
check_times (OaiProxyOpenId *self, OaiJwt *jwt, double *expires, GError **error)
{
  double now = (double) g_get_real_time () / G_USEC_PER_SEC;
  double skew = (double) self->clock_skew_ms / MS_PER_SECOND;
  const char *reason = NULL;
  double time;

  if (!oai_jwt_get_time (jwt, "exp", expires))
    reason = _("The token has no expiry time");
  else if (*expires + skew <= now)
    reason = _("The token has expired");
  else if (oai_jwt_has_claim (jwt, "nbf") && (!oai_jwt_get_time (jwt, "nbf", &time) || time - skew > now))
    reason = _("The token is not valid yet");
  else if (oai_jwt_has_claim (jwt, "iat") && (!oai_jwt_get_time (jwt, "iat", &time) || time - skew > now))
    reason = _("The token is not valid yet");
  if (reason == NULL)
    return TRUE;

  refuse (error, reason);

  return FALSE;
}

static gboolean
has_scope (OaiProxyOpenId *self, OaiJwt *jwt)
{
  const char *const required[] = { self->required_scope, NULL };
  const char *scopes = oai_jwt_get_text (jwt, "scope");
  g_auto(GStrv) list = g_strsplit (scopes != NULL ? scopes : "", " ", -1);

  return g_strv_contains ((const char *const *) list, self->required_scope) || oai_jwt_contains (jwt, "scp", required);
}

static gboolean
check_claims (OaiProxyOpenId *self, OaiJwt *jwt, double *expires, GError **error)
{
  if (!oai_jwt_contains (jwt, "aud", (const char *const *) self->audiences->pdata))
    {
      refuse (error, _("The token is for another service"));
      return FALSE;
    }
  if (!check_times (self, jwt, expires, error))
    return FALSE;
  if (self->required_scope == NULL || has_scope (self, jwt))
    return TRUE;

  g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_FORBIDDEN, _("The token does not have the scope that is necessary"));

  return FALSE;
}

static OaiProxyIdentity *
create_identity (OaiProxyOpenId *self, OaiJwt *jwt, GError **error)
{
  const char *id = oai_jwt_get_text (jwt, self->identity_claim);
  const char *limits = self->limits_claim != NULL ? oai_jwt_get_text (jwt, self->limits_claim) : NULL;
  g_autofree char *with_prefix = NULL;

  if (id == NULL || *id == '\0')
    {
      refuse (error, _("The token contains no identity"));
      return NULL;
    }
  if (strcmp (self->identity_claim, "email") == 0 && oai_jwt_has_claim (jwt, "email_verified") && !oai_jwt_is_true (jwt, "email_verified"))
    {
      refuse (error, _("The e-mail address was not verified"));
      return NULL;
    }
  if (limits == NULL && self->limits_claim != NULL && oai_jwt_has_claim (jwt, self->limits_claim))
    {
      refuse (error, _("The name of the limits in the token is not valid"));
      return NULL;
    }

  with_prefix = g_strconcat (self->identity_prefix != NULL ? self->identity_prefix : "", id, NULL);

  return oai_proxy_authenticator_create_identity (OAI_PROXY_AUTHENTICATOR (self), with_prefix, limits, error);
}

/* Decisions */

static Decision
verify (OaiProxyOpenId *self, OaiJwt *jwt, OaiJwtPublicKey *key, double expires, OaiProxyIdentity **identity, GError **error)
{
  gint64 now = g_get_real_time ();
  double limit = (double) (now + MAX_CACHED_US) / G_USEC_PER_SEC;
  OaiDigest digest;

  if (!oai_jwt_verify (jwt, self->crypto, key))
    return refuse (error, _("The signature of the token is not valid"));

  *identity = create_identity (self, jwt, error);
  if (*identity == NULL)
    return REFUSED;

  oai_identity_cache_compute (self->cache, jwt->text, &digest);
  oai_identity_cache_add (self->cache, &digest, *identity, now, (gint64) (MIN (expires, limit) * G_USEC_PER_SEC));

  return DECIDED;
}

/* can_wait: whether keys may still be loaded for this request. */
static Decision
find_key_and_verify (OaiProxyOpenId *self, OaiJwt *jwt, double expires, gboolean can_wait, OaiProxyIdentity **identity, GError **error)
{
  OaiJwkSet *keys = oai_key_source_get_keys (self->source);
  OaiJwtPublicKey *key = keys != NULL ? oai_jwk_set_find (keys, jwt->key_id, jwt->algorithm) : NULL;

  if (key != NULL)
    return verify (self, jwt, key, expires, identity, error);
  if (can_wait && oai_key_source_refresh (self->source))
    return UNDECIDED;
  if (keys != NULL)
    return refuse (error, _("The key of the token is not known"));

  g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE, _("Tokens cannot be verified now"));

  return REFUSED;
}

static Decision
decide_jwt (OaiProxyOpenId *self, OaiJwt *jwt, const char *token, gboolean can_wait, OaiProxyIdentity **identity, GError **error)
{
  const char *reason = NULL;
  OaiJwtResult result = oai_jwt_parse (jwt, token, &reason);
  double expires;

  if (result == OAI_JWT_OTHER || (jwt->claims != NULL && g_strcmp0 (oai_jwt_get_text (jwt, "iss"), self->issuer) != 0))
    return DECIDED;
  if (result == OAI_JWT_INVALID)
    return refuse (error, reason);
  if (!check_claims (self, jwt, &expires, error))
    return REFUSED;

  return find_key_and_verify (self, jwt, expires, can_wait, identity, error);
}

static Decision
decide (OaiProxyOpenId *self, OaiProxyRequest *request, gboolean can_wait, OaiProxyIdentity **identity, GError **error)
{
  const char *token = oai_proxy_request_get_token (request);
  OaiProxyIdentity *cached;
  OaiDigest digest;
  Decision decision;
  OaiJwt jwt;

  *identity = NULL;
  if (token == NULL || self->source == NULL)
    return DECIDED;

  oai_identity_cache_compute (self->cache, token, &digest);
  if (oai_identity_cache_find (self->cache, &digest, g_get_real_time (), &cached))
    {
      /* Notices when the keys have become old. */
      if (oai_key_source_get_keys (self->source) != NULL)
        {
          *identity = g_object_ref (cached);
          return DECIDED;
        }
      oai_identity_cache_clear (self->cache);
    }

  decision = decide_jwt (self, &jwt, token, can_wait, identity, error);
  oai_jwt_clear (&jwt);

  return decision;
}

static gboolean
oai_proxy_open_id_authenticate_now (OaiProxyAuthenticator *authenticator, OaiProxyRequest *request, OaiProxyIdentity **identity, GError **error)
{
  return decide (OAI_PROXY_OPEN_ID (authenticator), request, TRUE, identity, error) == DECIDED;
}

/* Requests that wait for keys */

typedef struct
{
  GTask *task; /* its data is an OaiProxyRequest */
  GSource *cancelled;
} Waiter;

static void
waiter_free (gpointer data)
{
  Waiter *self = data;

  oai_drop_source (&self->cancelled);
  g_clear_object (&self->task);
  g_free (self);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Waiter *waiter = user_data;
  g_autoptr(GTask) task = g_steal_pointer (&waiter->task);
  OaiProxyOpenId *self = g_task_get_source_object (task);

  g_ptr_array_remove_fast (self->waiting, waiter);
  g_task_return_error_if_cancelled (task);

  return G_SOURCE_REMOVE;
}

/* Takes task. */
static void
add_waiter (OaiProxyOpenId *self, GTask *task)
{
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->task = task;
  g_ptr_array_add (self->waiting, waiter);
  if (g_task_get_cancellable (task) == NULL)
    return;

  waiter->cancelled = g_cancellable_source_new (g_task_get_cancellable (task));
  g_source_set_static_name (waiter->cancelled, "[oai] OpenID");
  g_source_set_callback (waiter->cancelled, G_SOURCE_FUNC (cancelled_cb), waiter, NULL);
  g_source_attach (waiter->cancelled, g_task_get_context (task));
}

static void
complete (OaiProxyOpenId *self, GTask *task)
{
  OaiProxyIdentity *identity;
  GError *error = NULL;

  if (decide (self, g_task_get_task_data (task), FALSE, &identity, &error) == DECIDED)
    g_task_return_pointer (task, identity, g_object_unref);
  else
    g_task_return_error (task, error);
}

/* A callback may release the last reference to an authenticator, or add requests. */
static void
loaded_cb (const GError *error, gpointer user_data)
{
  g_autoptr(OaiProxyOpenId) self = g_object_ref (user_data);
  g_autoptr(GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new_with_free_func (waiter_free);
  if (error == NULL)
    oai_identity_cache_clear (self->cache);
  for (guint i = 0; i < waiting->len; i++)
    oai_drop_source (&((Waiter *) waiting->pdata[i])->cancelled);
  for (guint i = 0; i < waiting->len; i++)
    complete (self, ((Waiter *) waiting->pdata[i])->task);
}

static void
oai_proxy_open_id_authenticate_async (OaiProxyAuthenticator *authenticator, OaiProxyRequest *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  OaiProxyOpenId *self = OAI_PROXY_OPEN_ID (authenticator);
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, oai_proxy_open_id_authenticate_async);
  g_task_set_task_data (task, g_object_ref (request), g_object_unref);
  if (self->waiting->len >= MAX_WAITING)
    {
      g_task_return_new_error (task, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE, "%s", _("Too many requests wait for the keys of the OpenID provider"));
      return;
    }
  if (!oai_key_source_refresh (self->source))
    {
      complete (self, task);
      return;
    }

  add_waiter (self, g_steal_pointer (&task));
}

/* The object */

static void
update_intervals (OaiProxyOpenId *self)
{
  if (self->source != NULL)
    oai_key_source_set_intervals (self->source, self->refresh_interval_ms, self->retry_interval_ms);
}

static void
set_text (OaiProxyOpenId *self, char **location, const char *text, guint property_id)
{
  if (g_strcmp0 (*location, text) == 0)
    return;

  g_free (*location);
  *location = g_strdup (text);
  oai_identity_cache_clear (self->cache);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property_id]);
}

static void
set_duration (OaiProxyOpenId *self, guint *location, guint milliseconds, guint property_id)
{
  if (*location == milliseconds)
    return;

  *location = milliseconds;
  oai_identity_cache_clear (self->cache);
  update_intervals (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property_id]);
}

static void
oai_proxy_open_id_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  OaiProxyOpenId *self = OAI_PROXY_OPEN_ID (object);

  switch (property_id)
    {
    case PROP_IDENTITY_CLAIM:
      g_value_set_string (value, self->identity_claim);
      break;
    case PROP_IDENTITY_PREFIX:
      g_value_set_string (value, self->identity_prefix);
      break;
    case PROP_LIMITS_CLAIM:
      g_value_set_string (value, self->limits_claim);
      break;
    case PROP_REQUIRED_SCOPE:
      g_value_set_string (value, self->required_scope);
      break;
    case PROP_CLOCK_SKEW_MS:
      g_value_set_uint (value, self->clock_skew_ms);
      break;
    case PROP_REFRESH_INTERVAL_MS:
      g_value_set_uint (value, self->refresh_interval_ms);
      break;
    case PROP_RETRY_INTERVAL_MS:
      g_value_set_uint (value, self->retry_interval_ms);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
oai_proxy_open_id_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  OaiProxyOpenId *self = OAI_PROXY_OPEN_ID (object);

  switch (property_id)
    {
    case PROP_IDENTITY_CLAIM:
      oai_proxy_open_id_set_identity_claim (self, g_value_get_string (value));
      break;
    case PROP_IDENTITY_PREFIX:
      oai_proxy_open_id_set_identity_prefix (self, g_value_get_string (value));
      break;
    case PROP_LIMITS_CLAIM:
      oai_proxy_open_id_set_limits_claim (self, g_value_get_string (value));
      break;
    case PROP_REQUIRED_SCOPE:
      oai_proxy_open_id_set_required_scope (self, g_value_get_string (value));
      break;
    case PROP_CLOCK_SKEW_MS:
      oai_proxy_open_id_set_clock_skew_ms (self, g_value_get_uint (value));
      break;
    case PROP_REFRESH_INTERVAL_MS:
      oai_proxy_open_id_set_refresh_interval_ms (self, g_value_get_uint (value));
      break;
    case PROP_RETRY_INTERVAL_MS:
      oai_proxy_open_id_set_retry_interval_ms (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
oai_proxy_open_id_finalize (GObject *object)
{
  OaiProxyOpenId *self = OAI_PROXY_OPEN_ID (object);

  g_clear_pointer (&self->source, oai_key_source_free);
  oai_identity_cache_free (self->cache);
  g_ptr_array_unref (self->waiting);
  g_ptr_array_unref (self->audiences);
  g_free (self->issuer);
  g_free (self->identity_claim);
  g_free (self->identity_prefix);
  g_free (self->limits_claim);
  g_free (self->required_scope);

  G_OBJECT_CLASS (oai_proxy_open_id_parent_class)->finalize (object);
}

static void
oai_proxy_open_id_class_init (OaiProxyOpenIdClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  OaiProxyAuthenticatorClass *authenticator_class = OAI_PROXY_AUTHENTICATOR_CLASS (klass);

  object_class->get_property = oai_proxy_open_id_get_property;
  object_class->set_property = oai_proxy_open_id_set_property;
  object_class->finalize = oai_proxy_open_id_finalize;
  authenticator_class->authenticate_now = oai_proxy_open_id_authenticate_now;
  authenticator_class->authenticate_async = oai_proxy_open_id_authenticate_async;

  /**
   * OaiProxyOpenId:identity-claim:
   *
   * The claim that contains the identity. `sub` by default, which identifies a user of the provider permanently. If
   * it is `email`, a claim `email_verified` must not be anything but `true`.
   *
   * Since: 1.0
   */
  properties[PROP_IDENTITY_CLAIM] = g_param_spec_string ("identity-claim", NULL, NULL, "sub", G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * OaiProxyOpenId:identity-prefix:
   *
   * Text before the identity, so that it differs from the identities of other authenticators; %NULL for none.
   *
   * Since: 1.0
   */
  properties[PROP_IDENTITY_PREFIX] = g_param_spec_string ("identity-prefix", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * OaiProxyOpenId:limits-claim:
   *
   * The claim that contains the name of the limits, as in [method@Oai.ProxyAuthenticator.set_limits]; %NULL for none.
   * Tokens without this claim have the limits of the name %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_LIMITS_CLAIM] = g_param_spec_string ("limits-claim", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * OaiProxyOpenId:required-scope:
   *
   * A scope that the claim `scope` or `scp` must contain; %NULL for none. Other tokens are refused with status 403.
   *
   * Since: 1.0
   */
  properties[PROP_REQUIRED_SCOPE] = g_param_spec_string ("required-scope", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * OaiProxyOpenId:clock-skew-ms:
   *
   * The difference between the clocks of the provider and of the proxy that is tolerated, in milliseconds.
   *
   * Since: 1.0
   */
  properties[PROP_CLOCK_SKEW_MS] = g_param_spec_uint ("clock-skew-ms", NULL, NULL, 0, G_MAXUINT, DEFAULT_CLOCK_SKEW_MS, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * OaiProxyOpenId:refresh-interval-ms:
   *
   * The age at which the keys of the provider are loaded again, in milliseconds. While the provider cannot be
   * reached, they are used for 24 times as long.
   *
   * Since: 1.0
   */
  properties[PROP_REFRESH_INTERVAL_MS] = g_param_spec_uint ("refresh-interval-ms", NULL, NULL, 0, G_MAXUINT, DEFAULT_REFRESH_MS, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * OaiProxyOpenId:retry-interval-ms:
   *
   * The shortest time between attempts to load the keys because of a token with an unknown key, in milliseconds.
   *
   * Since: 1.0
   */
  properties[PROP_RETRY_INTERVAL_MS] = g_param_spec_uint ("retry-interval-ms", NULL, NULL, 0, G_MAXUINT, DEFAULT_RETRY_MS, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_proxy_open_id_init (OaiProxyOpenId *self)
{
  self->identity_claim = g_strdup ("sub");
  self->clock_skew_ms = DEFAULT_CLOCK_SKEW_MS;
  self->refresh_interval_ms = DEFAULT_REFRESH_MS;
  self->retry_interval_ms = DEFAULT_RETRY_MS;
  self->audiences = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->audiences, NULL);
  self->cache = oai_identity_cache_new (MAX_CACHED);
  self->waiting = g_ptr_array_new_with_free_func (waiter_free);
}

/**
 * oai_proxy_open_id_new:
 * @issuer: the URL of the provider, exactly as in the claim `iss` of its tokens
 * @audience: the name of the proxy at the provider, as in the claim `aud`
 * @client: (nullable): a client whose connections are used; no credentials of it are sent. %NULL for a new one
 * @error: return location for a #GError
 *
 * Creates an authenticator for the tokens of an OpenID provider. Nothing is loaded before the first token.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if @issuer is not a URL that begins with `https://` (or `http://`, for this machine
 * only), and with %OAI_ERROR_MODULE if the plug-in for signatures is not installed.
 *
 * Returns: (transfer full): an authenticator
 *
 * Since: 1.0
 */
OaiProxyOpenId *
oai_proxy_open_id_new (const char *issuer, const char *audience, OaiClient *client, GError **error)
{
  const OaiJwtCrypto *crypto;
  OaiProxyOpenId *self;

  g_return_val_if_fail (issuer != NULL, NULL);
  g_return_val_if_fail (audience != NULL, NULL);
  g_return_val_if_fail (client == NULL || OAI_IS_CLIENT (client), NULL);

  if (!oai_key_source_check_url (issuer, error))
    return NULL;
  crypto = oai_proxy_backend_load ("openid", error);
  if (crypto == NULL)
    return NULL;

  self = g_object_new (OAI_TYPE_PROXY_OPEN_ID, NULL);
  self->issuer = g_strdup (issuer);
  self->crypto = crypto;
  self->source = oai_key_source_new (issuer, client, crypto, loaded_cb, self);
  update_intervals (self);
  oai_proxy_open_id_add_audience (self, audience);

  return self;
}

/**
 * oai_proxy_open_id_get_issuer:
 * @self: an authenticator
 *
 * Returns the URL of the provider.
 *
 * Returns: (nullable): the URL; %NULL for an object that was created without one
 *
 * Since: 1.0
 */
const char *
oai_proxy_open_id_get_issuer (OaiProxyOpenId *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_OPEN_ID (self), NULL);

  return self->issuer;
}

/**
 * oai_proxy_open_id_add_audience:
 * @self: an authenticator
 * @audience: another name of the proxy at the provider
 *
 * Accepts also tokens with another audience.
 *
 * Since: 1.0
 */
void
oai_proxy_open_id_add_audience (OaiProxyOpenId *self, const char *audience)
{
  g_return_if_fail (OAI_IS_PROXY_OPEN_ID (self));
  g_return_if_fail (audience != NULL);

  g_ptr_array_insert (self->audiences, self->audiences->len - 1, g_strdup (audience));
}

/**
 * oai_proxy_open_id_get_identity_claim:
 * @self: an authenticator
 *
 * Returns the claim that contains the identity, `sub` by default; see [property@Oai.ProxyOpenId:identity-claim].
 *
 * Returns: the text
 *
 * Since: 1.0
 */
const char *
oai_proxy_open_id_get_identity_claim (OaiProxyOpenId *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_OPEN_ID (self), NULL);

  return self->identity_claim;
}

/**
 * oai_proxy_open_id_set_identity_claim:
 * @self: an authenticator
 * @identity_claim: the text
 *
 * Sets the claim that contains the identity, `sub` by default; see [property@Oai.ProxyOpenId:identity-claim].
 *
 * Since: 1.0
 */
void
oai_proxy_open_id_set_identity_claim (OaiProxyOpenId *self, const char *identity_claim)
{
  g_return_if_fail (OAI_IS_PROXY_OPEN_ID (self));
  g_return_if_fail (identity_claim != NULL);

  set_text (self, &self->identity_claim, identity_claim, PROP_IDENTITY_CLAIM);
}

/**
 * oai_proxy_open_id_get_identity_prefix:
 * @self: an authenticator
 *
 * Returns text before the identity; see [property@Oai.ProxyOpenId:identity-prefix].
 *
 * Returns: (nullable): the text
 *
 * Since: 1.0
 */
const char *
oai_proxy_open_id_get_identity_prefix (OaiProxyOpenId *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_OPEN_ID (self), NULL);

  return self->identity_prefix;
}

/**
 * oai_proxy_open_id_set_identity_prefix:
 * @self: an authenticator
 * @identity_prefix: (nullable): the text
 *
 * Sets text before the identity; see [property@Oai.ProxyOpenId:identity-prefix].
 *
 * Since: 1.0
 */
void
oai_proxy_open_id_set_identity_prefix (OaiProxyOpenId *self, const char *identity_prefix)
{
  g_return_if_fail (OAI_IS_PROXY_OPEN_ID (self));

  set_text (self, &self->identity_prefix, identity_prefix, PROP_IDENTITY_PREFIX);
}

/**
 * oai_proxy_open_id_get_limits_claim:
 * @self: an authenticator
 *
 * Returns the claim that names the limits; see [property@Oai.ProxyOpenId:limits-claim].
 *
 * Returns: (nullable): the text
 *
 * Since: 1.0
 */
const char *
oai_proxy_open_id_get_limits_claim (OaiProxyOpenId *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_OPEN_ID (self), NULL);

  return self->limits_claim;
}

/**
 * oai_proxy_open_id_set_limits_claim:
 * @self: an authenticator
 * @limits_claim: (nullable): the text
 *
 * Sets the claim that names the limits; see [property@Oai.ProxyOpenId:limits-claim].
 *
 * Since: 1.0
 */
void
oai_proxy_open_id_set_limits_claim (OaiProxyOpenId *self, const char *limits_claim)
{
  g_return_if_fail (OAI_IS_PROXY_OPEN_ID (self));

  set_text (self, &self->limits_claim, limits_claim, PROP_LIMITS_CLAIM);
}

/**
 * oai_proxy_open_id_get_required_scope:
 * @self: an authenticator
 *
 * Returns a scope that tokens must have; see [property@Oai.ProxyOpenId:required-scope].
 *
 * Returns: (nullable): the text
 *
 * Since: 1.0
 */
const char *
oai_proxy_open_id_get_required_scope (OaiProxyOpenId *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_OPEN_ID (self), NULL);

  return self->required_scope;
}

/**
 * oai_proxy_open_id_set_required_scope:
 * @self: an authenticator
 * @required_scope: (nullable): the text
 *
 * Sets a scope that tokens must have; see [property@Oai.ProxyOpenId:required-scope].
 *
 * Since: 1.0
 */
void
oai_proxy_open_id_set_required_scope (OaiProxyOpenId *self, const char *required_scope)
{
  g_return_if_fail (OAI_IS_PROXY_OPEN_ID (self));

  set_text (self, &self->required_scope, required_scope, PROP_REQUIRED_SCOPE);
}

/**
 * oai_proxy_open_id_get_clock_skew_ms:
 * @self: an authenticator
 *
 * Returns the value of [property@Oai.ProxyOpenId:clock-skew-ms].
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
guint
oai_proxy_open_id_get_clock_skew_ms (OaiProxyOpenId *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_OPEN_ID (self), 0);

  return self->clock_skew_ms;
}

/**
 * oai_proxy_open_id_set_clock_skew_ms:
 * @self: an authenticator
 * @clock_skew_ms: milliseconds
 *
 * Sets [property@Oai.ProxyOpenId:clock-skew-ms].
 *
 * Since: 1.0
 */
void
oai_proxy_open_id_set_clock_skew_ms (OaiProxyOpenId *self, guint clock_skew_ms)
{
  g_return_if_fail (OAI_IS_PROXY_OPEN_ID (self));

  set_duration (self, &self->clock_skew_ms, clock_skew_ms, PROP_CLOCK_SKEW_MS);
}

/**
 * oai_proxy_open_id_get_refresh_interval_ms:
 * @self: an authenticator
 *
 * Returns the value of [property@Oai.ProxyOpenId:refresh-interval-ms].
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
guint
oai_proxy_open_id_get_refresh_interval_ms (OaiProxyOpenId *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_OPEN_ID (self), 0);

  return self->refresh_interval_ms;
}

/**
 * oai_proxy_open_id_set_refresh_interval_ms:
 * @self: an authenticator
 * @refresh_interval_ms: milliseconds
 *
 * Sets [property@Oai.ProxyOpenId:refresh-interval-ms].
 *
 * Since: 1.0
 */
void
oai_proxy_open_id_set_refresh_interval_ms (OaiProxyOpenId *self, guint refresh_interval_ms)
{
  g_return_if_fail (OAI_IS_PROXY_OPEN_ID (self));

  set_duration (self, &self->refresh_interval_ms, refresh_interval_ms, PROP_REFRESH_INTERVAL_MS);
}

/**
 * oai_proxy_open_id_get_retry_interval_ms:
 * @self: an authenticator
 *
 * Returns the value of [property@Oai.ProxyOpenId:retry-interval-ms].
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
guint
oai_proxy_open_id_get_retry_interval_ms (OaiProxyOpenId *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_OPEN_ID (self), 0);

  return self->retry_interval_ms;
}

/**
 * oai_proxy_open_id_set_retry_interval_ms:
 * @self: an authenticator
 * @retry_interval_ms: milliseconds
 *
 * Sets [property@Oai.ProxyOpenId:retry-interval-ms].
 *
 * Since: 1.0
 */
void
oai_proxy_open_id_set_retry_interval_ms (OaiProxyOpenId *self, guint retry_interval_ms)
{
  g_return_if_fail (OAI_IS_PROXY_OPEN_ID (self));

  set_duration (self, &self->retry_interval_ms, retry_interval_ms, PROP_RETRY_INTERVAL_MS);
}
