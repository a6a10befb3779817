/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-token-issuer.h"

#include <string.h>

#include "oai-base64url-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-json-doc-private.h"
#include "oai-secret-file-private.h"
#include "oai-secret-private.h"
#include "oai-token-digest-private.h"
#include "oai-wipe-private.h"

#define PREFIX "sess-"
#define MAX_TOKEN 2048
#define MAX_KEY_ID 32
#define MIN_KEY_SIZE 32
#define MAX_KEY_SIZE 1024
#define MAX_KEYS 16
#define MAX_FILE_SIZE 65536
#define DEFAULT_CLOCK_SKEW_MS 5000
/* The length of a digest as Base64. */
#define SIGNATURE_LENGTH 43
#define MS_PER_SECOND 1000
/* Ten years; longer lifetimes are mistakes. */
#define MAX_LIFETIME_MS (G_GUINT64_CONSTANT (10) * 366 * 24 * 3600 * MS_PER_SECOND)

/**
 * OaiProxyTokenIssuer:
 *
 * Issues signed tokens that expire, and accepts them.
 *
 * A token is `sess-KEY_ID.PAYLOAD.SIGNATURE`. `PAYLOAD` is a JSON object with the members `sub` (the identity), `iat` and
 * `exp` (when it was issued and when it expires, in seconds since 1970), and `lim` (the name of the limits, optional).
 * `SIGNATURE` is the HMAC-SHA256 of everything before its dot. Both are Base64 for URLs without padding. A login service
 * issues such tokens with [method@Oai.ProxyTokenIssuer.issue], or in any language; the client uses them as its key.
 *
 * To rotate keys, add a new key: new tokens are signed with the key that was added last, and those of all keys are
 * accepted until their key is removed. A token can only be revoked with its key, so lifetimes should be short.
 *
 * Since: 1.0
 */
struct _OaiProxyTokenIssuer
{
  OaiProxyAuthenticator parent_instance;

  GPtrArray *keys; /* of Key */
  guint clock_skew_ms;
};

G_DEFINE_FINAL_TYPE (OaiProxyTokenIssuer, oai_proxy_token_issuer, OAI_TYPE_PROXY_AUTHENTICATOR)

enum
{
  PROP_CLOCK_SKEW_MS = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

typedef struct
{
  char *id;
  GHmac *hmac;
} Key;

static void
key_free (gpointer data)
{
  Key *self = data;

  g_hmac_unref (self->hmac);
  g_free (self->id);
  g_free (self);
}

static gboolean
key_id_is_valid (const char *id, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (id[i]) && id[i] != '-' && id[i] != '_')
        return FALSE;
    }

  return length > 0 && length <= MAX_KEY_ID;
}

/* Key ids are not secret. */
static Key *
find_key (GPtrArray *keys, const char *id, gsize length)
{
  for (guint i = 0; i < keys->len; i++)
    {
      Key *key = keys->pdata[i];

      if (strlen (key->id) == length && memcmp (key->id, id, length) == 0)
        return key;
    }

  return NULL;
}

static void
sign_text (Key *key, const char *text, gsize length, char signature[SIGNATURE_LENGTH + 1])
{
  OaiDigest digest;
  g_autofree char *encoded = NULL;

  oai_digest_compute (&digest, key->hmac, text, length);
  encoded = oai_base64url_encode (digest.bytes, OAI_DIGEST_SIZE);
  memcpy (signature, encoded, SIGNATURE_LENGTH + 1);
}

/* Keys */

static gboolean
add_key (GPtrArray *keys, const char *id, const guint8 *data, gsize size, GError **error)
{
  const char *reason = NULL;
  Key *key;

  if (!key_id_is_valid (id, strlen (id)))
    reason = _("The identifier of a key consists of 1 to 32 letters, digits, “-” and “_”");
  else if (size < MIN_KEY_SIZE || size > MAX_KEY_SIZE)
    reason = _("A key has 32 to 1024 bytes");
  else if (find_key (keys, id, strlen (id)) != NULL)
    reason = _("There is another key with this identifier");
  else if (keys->len == MAX_KEYS)
    reason = _("There are too many keys");
  if (reason != NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, reason);
      return FALSE;
    }

  key = g_new0 (Key, 1);
  key->id = g_strdup (id);
  key->hmac = oai_digest_new_hmac (data, size);
  g_ptr_array_add (keys, key);

  return TRUE;
}

static gboolean
parse_key_line (GPtrArray *keys, char *line, GError **error)
{
  char *text = strchr (line, ':');
  g_autofree guint8 *data = NULL;
  gboolean added;
  gsize size;

  if (text != NULL)
    *text++ = '\0';
  data = text != NULL ? oai_base64url_decode (text, strlen (text), &size) : NULL;
  if (data == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("It is not “identifier:key”, with the key as Base64 for URLs without padding"));
      return FALSE;
    }

  added = add_key (keys, line, data, size, error);
  oai_wipe (data, size);

  return added;
}

static gboolean
parse_keys (GPtrArray *keys, char *text, GError **error)
{
  for (guint number = 1; *text != '\0'; number++)
    {
      gsize length = strcspn (text, "\n");
      char *next = text + length + (text[length] != '\0');

      text[length] = '\0';
      g_strstrip (text);
      if (*text != '\0' && *text != '#' && !parse_key_line (keys, text, error))
        {
          /* Translators: %u is the number of a line. */
          g_prefix_error (error, _("Line %u: "), number);
          return FALSE;
        }
      text = next;
    }
  if (keys->len > 0)
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("It contains no key"));

  return FALSE;
}

/* Tokens */

/* Each member may occur once, so that all readers of the payload agree. */
static gboolean
read_payload (OaiJsonDoc *doc, const char **identity, const char **limits, gint64 *issued, gint64 *expires)
{
  guint n_identity = 0, n_limits = 0, n_issued = 0, n_expires = 0;
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;
  gboolean valid = TRUE;

  oai_json_iter_init_members (&iter, doc, 0);
  while (valid && oai_json_iter_next (&iter, &name, &value))
    {
      if (strcmp (name, "sub") == 0)
        valid = n_identity++ == 0 && (*identity = oai_json_get_string (doc, value, NULL)) != NULL;
      else if (strcmp (name, "lim") == 0)
        valid = n_limits++ == 0 && (*limits = oai_json_get_string (doc, value, NULL)) != NULL;
      else if (strcmp (name, "iat") == 0)
        valid = n_issued++ == 0 && oai_json_get_int (doc, value, issued);
      else if (strcmp (name, "exp") == 0)
        valid = n_expires++ == 0 && oai_json_get_int (doc, value, expires);
    }

  return valid && n_identity == 1 && n_issued == 1 && n_expires == 1;
}

static gboolean
check_times (OaiProxyTokenIssuer *self, gint64 issued, gint64 expires, GError **error)
{
  double now = (double) g_get_real_time () / G_USEC_PER_SEC;
  double skew = (double) self->clock_skew_ms / MS_PER_SECOND;

  if ((double) expires + skew <= now)
    {
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAUTHENTICATED, _("The token has expired"));
      return FALSE;
    }
  if ((double) issued - skew > now)
    {
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAUTHENTICATED, _("The token is not valid yet"));
      return FALSE;
    }

  return TRUE;
}

static OaiProxyIdentity *
accept_payload (OaiProxyTokenIssuer *self, const char *payload, gsize length, GError **error)
{
  gsize size;
  g_autofree guint8 *text = oai_base64url_decode (payload, length, &size);
  g_autoptr(OaiJsonDoc) doc = text != NULL ? oai_json_doc_new_copy ((const char *) text, size, OAI_JSON_STRICT, NULL) : NULL;
  const char *identity = NULL;
  const char *limits = NULL;
  gint64 issued, expires;

  if (doc == NULL || !read_payload (doc, &identity, &limits, &issued, &expires))
    {
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAUTHENTICATED, _("The contents of the token are not valid"));
      return NULL;
    }
  if (!check_times (self, issued, expires, error))
    return NULL;

  return oai_proxy_authenticator_create_identity (OAI_PROXY_AUTHENTICATOR (self), identity, limits, error);
}

/* Nothing is decoded before the signature was checked. */
static gboolean
oai_proxy_token_issuer_authenticate_now (OaiProxyAuthenticator *authenticator, OaiProxyRequest *request, OaiProxyIdentity **identity, GError **error)
{
  OaiProxyTokenIssuer *self = OAI_PROXY_TOKEN_ISSUER (authenticator);
  const char *token = oai_proxy_request_get_token (request);
  const char *id, *payload, *signature;
  char expected[SIGNATURE_LENGTH + 1];
  Key *key;

  if (token == NULL || !g_str_has_prefix (token, PREFIX) || strlen (token) > MAX_TOKEN)
    return TRUE;

  id = token + strlen (PREFIX);
  payload = strchr (id, '.');
  signature = payload != NULL ? strchr (payload + 1, '.') : NULL;
  key = signature != NULL ? find_key (self->keys, id, payload - id) : NULL;
  /* It may be the token of another issuer. */
  if (key == NULL)
    return TRUE;

  sign_text (key, token, signature - token, expected);
  if (strlen (signature + 1) != SIGNATURE_LENGTH || !oai_bytes_equal (signature + 1, expected, SIGNATURE_LENGTH))
    {
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAUTHENTICATED, _("The signature of the token is not valid"));
      return FALSE;
    }

  *identity = accept_payload (self, payload + 1, signature - payload - 1, error);

  return *identity != NULL;
}

/* The object */

static void
oai_proxy_token_issuer_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  OaiProxyTokenIssuer *self = OAI_PROXY_TOKEN_ISSUER (object);

  if (property_id == PROP_CLOCK_SKEW_MS)
    g_value_set_uint (value, self->clock_skew_ms);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
oai_proxy_token_issuer_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  OaiProxyTokenIssuer *self = OAI_PROXY_TOKEN_ISSUER (object);

  if (property_id == PROP_CLOCK_SKEW_MS)
    oai_proxy_token_issuer_set_clock_skew_ms (self, g_value_get_uint (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
oai_proxy_token_issuer_finalize (GObject *object)
{
  g_ptr_array_unref (OAI_PROXY_TOKEN_ISSUER (object)->keys);

  G_OBJECT_CLASS (oai_proxy_token_issuer_parent_class)->finalize (object);
}

static void
oai_proxy_token_issuer_class_init (OaiProxyTokenIssuerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oai_proxy_token_issuer_get_property;
  object_class->set_property = oai_proxy_token_issuer_set_property;
  object_class->finalize = oai_proxy_token_issuer_finalize;
  OAI_PROXY_AUTHENTICATOR_CLASS (klass)->authenticate_now = oai_proxy_token_issuer_authenticate_now;

  /**
   * OaiProxyTokenIssuer:clock-skew-ms:
   *
   * The difference between the clocks of the issuer and of the proxy that is tolerated, in milliseconds.
   *
   * Since: 1.0
   */
  properties[PROP_CLOCK_SKEW_MS] = g_param_spec_uint ("clock-skew-ms", NULL, NULL, 0, G_MAXUINT, DEFAULT_CLOCK_SKEW_MS,
                                                      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_proxy_token_issuer_init (OaiProxyTokenIssuer *self)
{
  self->keys = g_ptr_array_new_with_free_func (key_free);
  self->clock_skew_ms = DEFAULT_CLOCK_SKEW_MS;
}

/**
 * oai_proxy_token_issuer_new:
 *
 * Creates an issuer without keys, which accepts no token.
 *
 * Returns: (transfer full): an authenticator
 *
 * Since: 1.0
 */
OaiProxyTokenIssuer *
oai_proxy_token_issuer_new (void)
{
  return g_object_new (OAI_TYPE_PROXY_TOKEN_ISSUER, NULL);
}

/**
 * oai_proxy_token_issuer_add_key:
 * @self: an issuer
 * @key_id: an identifier that tokens contain: 1 to 32 letters, digits, `-` and `_`
 * @key: a random key of 32 to 1024 bytes
 * @error: return location for a #GError
 *
 * Adds a key. New tokens are signed with the key that was added last.
 *
 * The key cannot be read afterwards. The copy of it that GLib uses is not overwritten when it is freed.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if the identifier or the size is not valid, if there is a key with this
 * identifier, or if there are 16 keys.
 *
 * Returns: whether the key was added
 *
 * Since: 1.0
 */
gboolean
oai_proxy_token_issuer_add_key (OaiProxyTokenIssuer *self, const char *key_id, GBytes *key, GError **error)
{
  g_return_val_if_fail (OAI_IS_PROXY_TOKEN_ISSUER (self), FALSE);
  g_return_val_if_fail (key_id != NULL, FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  return add_key (self->keys, key_id, g_bytes_get_data (key, NULL), g_bytes_get_size (key), error);
}

/**
 * oai_proxy_token_issuer_remove_key:
 * @self: an issuer
 * @key_id: the identifier of a key
 *
 * Removes a key. Tokens that were signed with it are no longer accepted.
 *
 * Returns: whether there was such a key
 *
 * Since: 1.0
 */
gboolean
oai_proxy_token_issuer_remove_key (OaiProxyTokenIssuer *self, const char *key_id)
{
  Key *key;

  g_return_val_if_fail (OAI_IS_PROXY_TOKEN_ISSUER (self), FALSE);
  g_return_val_if_fail (key_id != NULL, FALSE);

  key = find_key (self->keys, key_id, strlen (key_id));

  return key != NULL && g_ptr_array_remove (self->keys, key);
}

/**
 * oai_proxy_token_issuer_load_keys:
 * @self: an issuer
 * @path: (type filename): the path of a file
 * @error: return location for a #GError
 *
 * Replaces all keys by those of a file, whose lines are `identifier:key`, with the key as Base64 for URLs without
 * padding. The last line is the newest key. Lines that begin with `#` are comments.
 *
 * Fails with a #GIOErrorEnum if the file cannot be read, if it belongs to another user than that of the process or root,
 * or if others can read it or its group can write to it. Fails with %OAI_ERROR_INVALID_ARGUMENT if it is not valid. The
 * keys do not change then.
 *
 * Returns: whether the keys were replaced
 *
 * Since: 1.0
 */
gboolean
oai_proxy_token_issuer_load_keys (OaiProxyTokenIssuer *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr(GPtrArray) keys = NULL;
  OaiFileStamp stamp;
  gboolean parsed;
  gsize length;

  g_return_val_if_fail (OAI_IS_PROXY_TOKEN_ISSUER (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  text = oai_secret_file_read (path, MAX_FILE_SIZE, TRUE, &stamp, error);
  if (text == NULL)
    return FALSE;

  keys = g_ptr_array_new_with_free_func (key_free);
  length = strlen (text);
  parsed = parse_keys (keys, text, error);
  oai_wipe (text, length);
  if (!parsed)
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_prefix_error (error, _("The file of keys “%s” is not valid: "), shown);
      return FALSE;
    }

  g_ptr_array_unref (self->keys);
  self->keys = g_steal_pointer (&keys);

  return TRUE;
}

/**
 * oai_proxy_token_issuer_generate_key_line:
 * @key_id: an identifier
 * @error: return location for a #GError
 *
 * Creates a key from 256 random bits of the operating system, as a line for the file of
 * [method@Oai.ProxyTokenIssuer.load_keys].
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if the identifier is not valid.
 *
 * Returns: (transfer full): a line without its end
 *
 * Since: 1.0
 */
char *
oai_proxy_token_issuer_generate_key_line (const char *key_id, GError **error)
{
  oai_autosecret char *encoded = NULL;
  guint8 key[MIN_KEY_SIZE];

  g_return_val_if_fail (key_id != NULL, NULL);

  if (!key_id_is_valid (key_id, strlen (key_id)))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The identifier of a key consists of 1 to 32 letters, digits, “-” and “_”"));
      return NULL;
    }

  oai_random_fill (key, sizeof key);
  encoded = oai_base64url_encode (key, sizeof key);
  oai_wipe (key, sizeof key);

  return g_strconcat (key_id, ":", encoded, NULL);
}

/**
 * oai_proxy_token_issuer_get_clock_skew_ms:
 * @self: an issuer
 *
 * Returns the tolerated difference between the clocks; see [property@Oai.ProxyTokenIssuer:clock-skew-ms].
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
guint
oai_proxy_token_issuer_get_clock_skew_ms (OaiProxyTokenIssuer *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_TOKEN_ISSUER (self), 0);

  return self->clock_skew_ms;
}

/**
 * oai_proxy_token_issuer_set_clock_skew_ms:
 * @self: an issuer
 * @clock_skew_ms: milliseconds
 *
 * Sets the tolerated difference between the clocks; see [property@Oai.ProxyTokenIssuer:clock-skew-ms].
 *
 * Since: 1.0
 */
void
oai_proxy_token_issuer_set_clock_skew_ms (OaiProxyTokenIssuer *self, guint clock_skew_ms)
{
  g_return_if_fail (OAI_IS_PROXY_TOKEN_ISSUER (self));

  if (self->clock_skew_ms == clock_skew_ms)
    return;

  self->clock_skew_ms = clock_skew_ms;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLOCK_SKEW_MS]);
}

static char *
build_payload (const char *identity, const char *limits_name, guint64 lifetime_ms)
{
  gint64 now_ms = g_get_real_time () / MS_PER_SECOND;
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  g_autofree char *text = NULL;

  oai_json_builder_add_string (builder, "sub", identity, -1);
  oai_json_builder_add_int (builder, "iat", now_ms / MS_PER_SECOND);
  oai_json_builder_add_int (builder, "exp", (now_ms + (gint64) lifetime_ms + MS_PER_SECOND - 1) / MS_PER_SECOND);
  if (limits_name != NULL)
    oai_json_builder_add_string (builder, "lim", limits_name, -1);
  text = oai_json_builder_finish_text (builder);

  return oai_base64url_encode ((const guint8 *) text, strlen (text));
}

/**
 * oai_proxy_token_issuer_issue:
 * @self: an issuer
 * @identity: the identity; see [func@Oai.ProxyIdentity.id_is_valid]
 * @limits_name: (nullable): the name of its limits, as in [method@Oai.ProxyAuthenticator.set_limits] of the proxy
 * @lifetime_ms: the time until it expires, in milliseconds, which is rounded up to seconds
 * @error: return location for a #GError
 *
 * Issues a token, which is signed with the key that was added last.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if there is no key, if a name is not valid, or if the lifetime is 0 or more than
 * ten years.
 *
 * Returns: (transfer full): a token
 *
 * Since: 1.0
 */
char *
oai_proxy_token_issuer_issue (OaiProxyTokenIssuer *self, const char *identity, const char *limits_name, guint64 lifetime_ms, GError **error)
{
  g_autofree char *payload = NULL;
  oai_autosecret char *text = NULL;
  char signature[SIGNATURE_LENGTH + 1];
  const char *reason = NULL;
  Key *key;

  g_return_val_if_fail (OAI_IS_PROXY_TOKEN_ISSUER (self), NULL);
  g_return_val_if_fail (identity != NULL, NULL);

  if (self->keys->len == 0)
    reason = _("There is no key for the signature");
  else if (!oai_proxy_identity_id_is_valid (identity))
    reason = _("The identity is not valid");
  else if (limits_name != NULL && !oai_proxy_identity_id_is_valid (limits_name))
    reason = _("The name of the limits is not valid");
  else if (lifetime_ms == 0 || lifetime_ms > MAX_LIFETIME_MS)
    reason = _("The lifetime of a token is between 1 ms and ten years");
  if (reason != NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, reason);
      return NULL;
    }

  key = self->keys->pdata[self->keys->len - 1];
  payload = build_payload (identity, limits_name, lifetime_ms);
  text = g_strconcat (PREFIX, key->id, ".", payload, NULL);
  sign_text (key, text, strlen (text), signature);

  return g_strconcat (text, ".", signature, NULL);
}
