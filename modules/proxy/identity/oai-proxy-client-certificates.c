/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-client-certificates.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-key-purpose-private.h"

#define FINGERPRINT_LENGTH 64
/* A result of a verification is used for this time, for further requests of the connection. */
#define VERIFIED_US (60 * G_USEC_PER_SEC)
#define MAX_NAMES 100

/**
 * OaiProxyClientCertificates:
 *
 * Identifies clients by their TLS certificates.
 *
 * A certificate is found by its fingerprint, else by its subject, else by one of the DNS names in it. Fingerprints are
 * those of certificates that were exchanged before, and which may be self-signed. Subjects and names prove nothing
 * unless a certificate authority vouches for them, so these are only used if the certificate was issued by one of the
 * authorities, for the purpose of clients. Certificates that have expired, are not valid yet, or are not issued by one of the
 * authorities are refused, and those that were not added are left to the next authenticator.
 *
 * The proxy has to request certificates of clients. It already checks them with the authorities of the address that it
 * listens on.
 *
 * Since: 1.0
 */
struct _OaiProxyClientCertificates
{
  OaiProxyAuthenticator parent_instance;

  GTlsDatabase *authorities; /* nullable */
  GHashTable *fingerprints;  /* hexadecimal SHA-256 → Rule */
  GHashTable *subjects;
  GHashTable *dns_names;     /* lower case; "*." before a domain stands for one label */

  /* The last certificate that was verified, as that of the connection of many requests. */
  GWeakRef verified;
  gint64 verified_at; /* monotonic microseconds */
};

G_DEFINE_FINAL_TYPE (OaiProxyClientCertificates, oai_proxy_client_certificates, OAI_TYPE_PROXY_AUTHENTICATOR)

enum
{
  PROP_AUTHORITIES = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

typedef struct
{
  char *identity; /* NULL for the name that was found */
  char *limits;   /* nullable */
} Rule;

static void
rule_free (gpointer data)
{
  Rule *self = data;

  g_free (self->identity);
  g_free (self->limits);
  g_free (self);
}

/* Lookup */

static Rule *
find_fingerprint (OaiProxyClientCertificates *self, GTlsCertificate *certificate, char **name)
{
  if (g_hash_table_size (self->fingerprints) == 0)
    return NULL;

  *name = oai_proxy_client_certificates_compute_fingerprint (certificate);

  return g_hash_table_lookup (self->fingerprints, *name);
}

static Rule *
find_subject (OaiProxyClientCertificates *self, GTlsCertificate *certificate, char **name)
{
  if (g_hash_table_size (self->subjects) == 0)
    return NULL;

  g_free (*name);
  *name = g_tls_certificate_get_subject_name (certificate);

  return *name != NULL ? g_hash_table_lookup (self->subjects, *name) : NULL;
}

static Rule *
find_dns_name (OaiProxyClientCertificates *self, const char *dns_name)
{
  Rule *rule = g_hash_table_lookup (self->dns_names, dns_name);
  const char *domain = strchr (dns_name, '.');
  g_autofree char *pattern = NULL;

  /* A certificate for a pattern of names identifies no single client. */
  if (strchr (dns_name, '*') != NULL)
    return NULL;
  if (rule != NULL || domain == NULL || domain == dns_name)
    return rule;

  pattern = g_strconcat ("*", domain, NULL);

  return g_hash_table_lookup (self->dns_names, pattern);
}

/* Names with other characters than those of host names are not used: a NUL could hide a part of the name. */
static char *
dup_dns_name (GBytes *bytes)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (text[i]) && strchr ("-._*", text[i]) == NULL)
        return NULL;
      if (text[i] == '\0')
        return NULL;
    }

  return length > 0 && length <= 255 ? g_ascii_strdown (text, length) : NULL;
}

static Rule *
find_dns_names (OaiProxyClientCertificates *self, GTlsCertificate *certificate, char **name)
{
  g_autoptr(GPtrArray) names = g_hash_table_size (self->dns_names) > 0 ? g_tls_certificate_get_dns_names (certificate) : NULL;

  for (guint i = 0; names != NULL && i < MIN (names->len, MAX_NAMES); i++)
    {
      g_autofree char *dns_name = dup_dns_name (names->pdata[i]);
      Rule *rule = dns_name != NULL ? find_dns_name (self, dns_name) : NULL;

      if (rule == NULL)
        continue;

      g_free (*name);
      *name = g_steal_pointer (&dns_name);

      return rule;
    }

  return NULL;
}

/* Verification */

static gboolean
is_in_time (GTlsCertificate *certificate)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr(GDateTime) start = g_tls_certificate_get_not_valid_before (certificate);
  g_autoptr(GDateTime) end = g_tls_certificate_get_not_valid_after (certificate);

  return start != NULL && end != NULL && g_date_time_compare (start, now) <= 0 && g_date_time_compare (now, end) <= 0;
}

static gboolean
is_for_clients (GTlsCertificate *certificate)
{
  g_autoptr(GByteArray) der = NULL;

  g_object_get (certificate, "certificate", &der, NULL);

  return der != NULL && oai_key_purpose_allows_clients (der->data, der->len);
}

static gboolean
verify_chain (OaiProxyClientCertificates *self, GTlsCertificate *certificate)
{
  gint64 now = g_get_monotonic_time ();
  g_autoptr(GTlsCertificate) verified = g_weak_ref_get (&self->verified);
  g_autoptr(GError) error = NULL;
  GTlsCertificateFlags flags;

  if (verified == certificate && now - self->verified_at < VERIFIED_US)
    return TRUE;

  flags = g_tls_database_verify_chain (self->authorities, certificate, G_TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT, NULL, NULL,
                                       G_TLS_DATABASE_VERIFY_NONE, NULL, &error);
  /* glib-networking ignores the purpose. */
  if (flags != 0 || error != NULL || !is_for_clients (certificate))
    return FALSE;

  g_weak_ref_set (&self->verified, certificate);
  self->verified_at = now;

  return TRUE;
}

static gboolean
verify (OaiProxyClientCertificates *self, GTlsCertificate *certificate, gboolean is_pinned, GError **error)
{
  const char *reason = NULL;

  if (!is_in_time (certificate))
    reason = _("The certificate has expired or is not valid yet");
  else if (!is_pinned && !verify_chain (self, certificate))
    reason = _("The certificate is not issued by an authority that is accepted");
  if (reason == NULL)
    return TRUE;

  g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAUTHENTICATED, reason);

  return FALSE;
}

static gboolean
oai_proxy_client_certificates_authenticate_now (OaiProxyAuthenticator *authenticator, OaiProxyRequest *request, OaiProxyIdentity **identity, GError **error)
{
  OaiProxyClientCertificates *self = OAI_PROXY_CLIENT_CERTIFICATES (authenticator);
  GTlsCertificate *certificate = oai_proxy_request_get_peer_certificate (request);
  g_autofree char *name = NULL;
  Rule *pinned, *rule;

  if (certificate == NULL)
    return TRUE;

  pinned = rule = find_fingerprint (self, certificate, &name);
  if (rule == NULL && self->authorities != NULL)
    rule = find_subject (self, certificate, &name);
  if (rule == NULL && self->authorities != NULL)
    rule = find_dns_names (self, certificate, &name);
  if (rule == NULL)
    return TRUE;
  if (!verify (self, certificate, pinned != NULL, error))
    return FALSE;

  *identity = oai_proxy_authenticator_create_identity (authenticator, rule->identity != NULL ? rule->identity : name, rule->limits, error);

  return *identity != NULL;
}

/* The object */

static void
oai_proxy_client_certificates_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_AUTHORITIES)
    g_value_set_object (value, OAI_PROXY_CLIENT_CERTIFICATES (object)->authorities);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
oai_proxy_client_certificates_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_AUTHORITIES)
    OAI_PROXY_CLIENT_CERTIFICATES (object)->authorities = g_value_dup_object (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
oai_proxy_client_certificates_finalize (GObject *object)
{
  OaiProxyClientCertificates *self = OAI_PROXY_CLIENT_CERTIFICATES (object);

  g_clear_object (&self->authorities);
  g_hash_table_unref (self->fingerprints);
  g_hash_table_unref (self->subjects);
  g_hash_table_unref (self->dns_names);
  g_weak_ref_clear (&self->verified);

  G_OBJECT_CLASS (oai_proxy_client_certificates_parent_class)->finalize (object);
}

static void
oai_proxy_client_certificates_class_init (OaiProxyClientCertificatesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oai_proxy_client_certificates_get_property;
  object_class->set_property = oai_proxy_client_certificates_set_property;
  object_class->finalize = oai_proxy_client_certificates_finalize;
  OAI_PROXY_AUTHENTICATOR_CLASS (klass)->authenticate_now = oai_proxy_client_certificates_authenticate_now;

  /**
   * OaiProxyClientCertificates:authorities:
   *
   * The certificate authorities for subjects and DNS names; %NULL if only fingerprints are used.
   *
   * Since: 1.0
   */
  properties[PROP_AUTHORITIES] = g_param_spec_object ("authorities", NULL, NULL, G_TYPE_TLS_DATABASE,
                                                      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_proxy_client_certificates_init (OaiProxyClientCertificates *self)
{
  self->fingerprints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, rule_free);
  self->subjects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, rule_free);
  self->dns_names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, rule_free);
  g_weak_ref_init (&self->verified, NULL);
}

/**
 * oai_proxy_client_certificates_new:
 * @authorities: (nullable): the certificate authorities, for example a [iface@Gio.TlsFileDatabase]; %NULL if only
 *   fingerprints are used
 *
 * Creates an authenticator that knows no certificate.
 *
 * Returns: (transfer full): an authenticator
 *
 * Since: 1.0
 */
OaiProxyClientCertificates *
oai_proxy_client_certificates_new (GTlsDatabase *authorities)
{
  g_return_val_if_fail (authorities == NULL || G_IS_TLS_DATABASE (authorities), NULL);

  return g_object_new (OAI_TYPE_PROXY_CLIENT_CERTIFICATES, "authorities", authorities, NULL);
}

static gboolean
fail (GError **error, const char *reason)
{
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, reason);

  return FALSE;
}

/* Takes name. */
static gboolean
add_rule (GHashTable *rules, char *name, const char *identity, const char *limits_name, GError **error)
{
  g_autofree char *owned = name;
  Rule *rule;

  if (!oai_proxy_identity_id_is_valid (identity != NULL ? identity : name))
    return fail (error, _("The identity is not valid"));

  rule = g_new0 (Rule, 1);
  rule->identity = g_strdup (identity);
  rule->limits = g_strdup (limits_name);
  g_hash_table_insert (rules, g_steal_pointer (&owned), rule);

  return TRUE;
}

/**
 * oai_proxy_client_certificates_add_fingerprint:
 * @self: an authenticator
 * @fingerprint: the SHA-256 digest of the certificate as 64 hexadecimal digits, between which colons are ignored
 * @identity: (nullable): the identity; %NULL for the fingerprint in lower case without colons
 * @limits_name: (nullable): the name of its limits, as in [method@Oai.ProxyAuthenticator.set_limits]
 * @error: return location for a #GError
 *
 * Accepts a certificate.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if @fingerprint or @identity is not valid.
 *
 * Returns: whether the certificate was added
 *
 * Since: 1.0
 */
gboolean
oai_proxy_client_certificates_add_fingerprint (OaiProxyClientCertificates *self, const char *fingerprint, const char *identity, const char *limits_name, GError **error)
{
  GString *digits;

  g_return_val_if_fail (OAI_IS_PROXY_CLIENT_CERTIFICATES (self), FALSE);
  g_return_val_if_fail (fingerprint != NULL, FALSE);

  digits = g_string_new (NULL);
  for (const char *c = fingerprint; *c != '\0'; c++)
    {
      if (*c != ':')
        g_string_append_c (digits, g_ascii_isxdigit (*c) ? g_ascii_tolower (*c) : '?');
    }
  if (digits->len != FINGERPRINT_LENGTH || strchr (digits->str, '?') != NULL)
    {
      g_string_free (digits, TRUE);
      return fail (error, _("A fingerprint is a SHA-256 digest of 64 hexadecimal digits"));
    }

  return add_rule (self->fingerprints, g_string_free (digits, FALSE), identity, limits_name, error);
}

/**
 * oai_proxy_client_certificates_add_subject:
 * @self: an authenticator with authorities
 * @subject: the subject of the certificate, exactly as in [property@Gio.TlsCertificate:subject-name], which begins with the
 *   outermost name, such as `O=Example,CN=alice`
 * @identity: (nullable): the identity; %NULL for the subject
 * @limits_name: (nullable): the name of its limits, as in [method@Oai.ProxyAuthenticator.set_limits]
 * @error: return location for a #GError
 *
 * Accepts certificates with a subject that are issued by one of the authorities.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if there are no authorities, or if @identity is not valid.
 *
 * Returns: whether the subject was added
 *
 * Since: 1.0
 */
gboolean
oai_proxy_client_certificates_add_subject (OaiProxyClientCertificates *self, const char *subject, const char *identity, const char *limits_name, GError **error)
{
  g_return_val_if_fail (OAI_IS_PROXY_CLIENT_CERTIFICATES (self), FALSE);
  g_return_val_if_fail (subject != NULL, FALSE);

  if (self->authorities == NULL)
    return fail (error, _("There are no certificate authorities, so that only fingerprints can be used"));

  return add_rule (self->subjects, g_strdup (subject), identity, limits_name, error);
}

/**
 * oai_proxy_client_certificates_add_dns_name:
 * @self: an authenticator with authorities
 * @dns_name: a DNS name in the certificate (subject alternative name), or `*.` and a domain for all names with one more label
 * @identity: (nullable): the identity; %NULL for the name in the certificate
 * @limits_name: (nullable): the name of its limits, as in [method@Oai.ProxyAuthenticator.set_limits]
 * @error: return location for a #GError
 *
 * Accepts certificates with a DNS name that are issued by one of the authorities.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if there are no authorities, or if @dns_name or @identity is not valid.
 *
 * Returns: whether the name was added
 *
 * Since: 1.0
 */
gboolean
oai_proxy_client_certificates_add_dns_name (OaiProxyClientCertificates *self, const char *dns_name, const char *identity, const char *limits_name, GError **error)
{
  const char *rest;
  gsize length;

  g_return_val_if_fail (OAI_IS_PROXY_CLIENT_CERTIFICATES (self), FALSE);
  g_return_val_if_fail (dns_name != NULL, FALSE);

  if (self->authorities == NULL)
    return fail (error, _("There are no certificate authorities, so that only fingerprints can be used"));

  rest = g_str_has_prefix (dns_name, "*.") ? dns_name + 2 : dns_name;
  length = strspn (rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");
  if (length == 0 || rest[length] != '\0' || *rest == '.')
    return fail (error, _("The DNS name is not valid"));

  return add_rule (self->dns_names, g_ascii_strdown (dns_name, -1), identity, limits_name, error);
}

/**
 * oai_proxy_client_certificates_compute_fingerprint:
 * @certificate: a certificate
 *
 * Computes the SHA-256 digest of a certificate, as for [method@Oai.ProxyClientCertificates.add_fingerprint].
 *
 * Returns: (transfer full): 64 hexadecimal digits in lower case
 *
 * Since: 1.0
 */
char *
oai_proxy_client_certificates_compute_fingerprint (GTlsCertificate *certificate)
{
  g_autoptr(GByteArray) der = NULL;

  g_return_val_if_fail (G_IS_TLS_CERTIFICATE (certificate), NULL);

  g_object_get (certificate, "certificate", &der, NULL);

  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
}
