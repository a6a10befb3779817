/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Certificates of TLS clients. */

#include "identity-fixture.h"

#include <gnutls/x509.h>
#include <string.h>

#include "oai-key-purpose-private.h"

#define DAY (24 * 3600)

typedef struct
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t certificate;
} Authority;

static Authority authority, other_authority;
static GTlsDatabase *database;

static gnutls_x509_privkey_t
new_key (void)
{
  gnutls_x509_privkey_t key;

  g_assert_cmpint (gnutls_x509_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0), ==, 0);

  return key;
}

static gnutls_x509_crt_t
new_certificate (gnutls_x509_privkey_t key, const char *subject, gboolean is_authority, gint64 start, gint64 end)
{
  static guint8 serial = 1;
  gnutls_x509_crt_t certificate;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  g_assert_cmpint (gnutls_x509_crt_init (&certificate), ==, 0);
  gnutls_x509_crt_set_version (certificate, 3);
  gnutls_x509_crt_set_serial (certificate, &serial, 1);
  serial++;
  gnutls_x509_crt_set_activation_time (certificate, now + start);
  gnutls_x509_crt_set_expiration_time (certificate, now + end);
  gnutls_x509_crt_set_key (certificate, key);
  g_assert_cmpint (gnutls_x509_crt_set_dn (certificate, subject, NULL), ==, 0);
  gnutls_x509_crt_set_basic_constraints (certificate, is_authority, -1);
  gnutls_x509_crt_set_key_usage (certificate, is_authority ? GNUTLS_KEY_KEY_CERT_SIGN : GNUTLS_KEY_DIGITAL_SIGNATURE);

  return certificate;
}

static GTlsCertificate *
convert (gnutls_x509_crt_t certificate)
{
  gnutls_datum_t pem;
  GTlsCertificate *converted;
  GError *error = NULL;

  g_assert_cmpint (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &pem), ==, 0);
  converted = g_tls_certificate_new_from_pem ((const char *) pem.data, pem.size, &error);
  g_assert_no_error (error);
  gnutls_free (pem.data);

  return converted;
}

static void
authority_init (Authority *self, const char *subject)
{
  self->key = new_key ();
  self->certificate = new_certificate (self->key, subject, TRUE, -DAY, DAY);
  g_assert_cmpint (gnutls_x509_crt_sign2 (self->certificate, self->certificate, self->key, GNUTLS_DIG_SHA256, 0), ==, 0);
}

static void
authority_clear (Authority *self)
{
  gnutls_x509_crt_deinit (self->certificate);
  gnutls_x509_privkey_deinit (self->key);
}

typedef struct
{
  const char *subject;
  const char *name;    /* DNS name, or NULL */
  gsize name_length;   /* 0 for that of the text */
  gint64 start;
  gint64 end;
  Authority *issuer;   /* NULL: self-signed */
  const char *purpose;  /* NULL for clients, "" for none */
} Description;

/* As DER, since GnuTLS truncates a name at a NUL. */
static void
set_name (gnutls_x509_crt_t certificate, const char *name, gsize length)
{
  guint8 der[64] = { 0x30, length + 2, 0x82, length };

  g_assert_cmpuint (length + 4, <=, sizeof der);
  memcpy (der + 4, name, length);
  g_assert_cmpint (gnutls_x509_crt_set_extension_by_oid (certificate, "2.5.29.17", der, length + 4, 0), ==, 0);
}

static GTlsCertificate *
make (const Description *description)
{
  gnutls_x509_privkey_t key = new_key ();
  gnutls_x509_crt_t certificate = new_certificate (key, description->subject, FALSE, description->start != 0 ? description->start : -DAY,
                                                   description->end != 0 ? description->end : DAY);
  gsize length = description->name == NULL ? 0 : description->name_length != 0 ? description->name_length : strlen (description->name);
  GTlsCertificate *converted;

  if (length > 0)
    set_name (certificate, description->name, length);
  if (g_strcmp0 (description->purpose, "") != 0)
    gnutls_x509_crt_set_key_purpose_oid (certificate, description->purpose != NULL ? description->purpose : GNUTLS_KP_TLS_WWW_CLIENT, 0);
  if (description->issuer != NULL)
    g_assert_cmpint (gnutls_x509_crt_sign2 (certificate, description->issuer->certificate, description->issuer->key, GNUTLS_DIG_SHA256, 0), ==, 0);
  else
    g_assert_cmpint (gnutls_x509_crt_sign2 (certificate, certificate, key, GNUTLS_DIG_SHA256, 0), ==, 0);
  converted = convert (certificate);
  gnutls_x509_crt_deinit (certificate);
  gnutls_x509_privkey_deinit (key);

  return converted;
}

/* Returns the identity, "" for another kind, or NULL if it is refused. */
static char *
authenticate (OaiProxyClientCertificates *authenticator, GTlsCertificate *certificate)
{
  g_autoptr(OaiProxyIdentity) identity = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(TestRequest) request;

  test_request_init (&request, NULL);
  request.peer.certificate = certificate;
  if (!oai_proxy_authenticator_authenticate_now (OAI_PROXY_AUTHENTICATOR (authenticator), test_request_get (&request), &identity, &error))
    {
      g_assert_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAUTHENTICATED);
      return NULL;
    }

  return g_strdup (identity != NULL ? oai_proxy_identity_get_id (identity) : "");
}

static void
assert_certificate (OaiProxyClientCertificates *authenticator, const Description *description, const char *expected)
{
  g_autoptr(GTlsCertificate) certificate = make (description);
  g_autofree char *id = authenticate (authenticator, certificate);
  g_autofree char *again = authenticate (authenticator, certificate);

  if (g_strcmp0 (id, expected) != 0)
    g_test_message ("%s %s %s", description->subject, description->name, description->issuer == NULL ? "self-signed" : "issued");
  g_assert_cmpstr (id, ==, expected);
  g_assert_cmpstr (again, ==, expected);
}

/* GIO writes the subject in the order of the certificate, and GnuTLS sets it from the reverse order. */
static void
test_subjects (void)
{
  g_autoptr(OaiProxyClientCertificates) authenticator = oai_proxy_client_certificates_new (database);

  assert_certificate (authenticator, &(Description) { "CN=alice,O=Example", .issuer = &authority }, "");
  g_assert_true (oai_proxy_client_certificates_add_subject (authenticator, "O=Example,CN=alice", "alice", NULL, NULL));
  g_assert_true (oai_proxy_client_certificates_add_subject (authenticator, "O=Example,CN=bob", NULL, NULL, NULL));
  assert_certificate (authenticator, &(Description) { "CN=alice,O=Example", .issuer = &authority }, "alice");
  assert_certificate (authenticator, &(Description) { "CN=bob,O=Example", .issuer = &authority }, "O=Example,CN=bob");
  assert_certificate (authenticator, &(Description) { "CN=alice,O=Other", .issuer = &authority }, "");
  assert_certificate (authenticator, &(Description) { "CN=alice", .issuer = &authority }, "");
  assert_certificate (authenticator, &(Description) { "CN=Alice,O=Example", .issuer = &authority }, "");
  assert_certificate (authenticator, &(Description) { "CN=alice\\,O=Example,O=x", .issuer = &authority }, "");
}

static void
test_unverified (void)
{
  g_autoptr(OaiProxyClientCertificates) authenticator = oai_proxy_client_certificates_new (database);

  oai_proxy_client_certificates_add_subject (authenticator, "CN=alice", "alice", NULL, NULL);
  oai_proxy_client_certificates_add_dns_name (authenticator, "alice.example", "alice", NULL, NULL);
  assert_certificate (authenticator, &(Description) { "CN=alice", .issuer = &authority }, "alice");
  assert_certificate (authenticator, &(Description) { "CN=alice" }, NULL);
  assert_certificate (authenticator, &(Description) { "CN=alice", .issuer = &other_authority }, NULL);
  assert_certificate (authenticator, &(Description) { "CN=x", "alice.example" }, NULL);
  assert_certificate (authenticator, &(Description) { "CN=alice", .start = -2 * DAY, .end = -DAY, .issuer = &authority }, NULL);
  assert_certificate (authenticator, &(Description) { "CN=alice", .start = DAY / 2, .end = DAY, .issuer = &authority }, NULL);
}

static void
test_purposes (void)
{
  g_autoptr(OaiProxyClientCertificates) authenticator = oai_proxy_client_certificates_new (database);

  oai_proxy_client_certificates_add_subject (authenticator, "CN=alice", "alice", NULL, NULL);
  assert_certificate (authenticator, &(Description) { "CN=alice", .issuer = &authority, .purpose = "" }, "alice");
  assert_certificate (authenticator, &(Description) { "CN=alice", .issuer = &authority, .purpose = GNUTLS_KP_ANY }, "alice");
  assert_certificate (authenticator, &(Description) { "CN=alice", .issuer = &authority, .purpose = GNUTLS_KP_TLS_WWW_SERVER }, NULL);
  assert_certificate (authenticator, &(Description) { "CN=alice", .issuer = &authority, .purpose = GNUTLS_KP_EMAIL_PROTECTION }, NULL);
}

/* Random changes of a certificate cause no memory error, and truncated ones are for no purpose. */
static void
test_purpose_of_hostile_data (void)
{
  g_autoptr(GTlsCertificate) certificate = make (&(Description) { "CN=alice", "alice.example", .issuer = &authority });
  g_autoptr(GByteArray) der = NULL;

  g_object_get (certificate, "certificate", &der, NULL);
  g_assert_true (oai_key_purpose_allows_clients (der->data, der->len));
  for (gsize size = 0; size < der->len; size++)
    {
      g_autofree guint8 *copy = g_memdup2 (der->data, size);

      g_assert_false (oai_key_purpose_allows_clients (copy, size));
    }
  for (guint i = 0; i < 20000; i++)
    {
      g_autofree guint8 *copy = g_memdup2 (der->data, der->len);

      copy[g_test_rand_int_range (0, der->len)] = g_test_rand_int_range (0, 256);
      copy[g_test_rand_int_range (0, der->len)] = g_test_rand_int_range (0, 256);
      oai_key_purpose_allows_clients (copy, der->len);
    }
}

static void
test_dns_names (void)
{
  g_autoptr(OaiProxyClientCertificates) authenticator = oai_proxy_client_certificates_new (database);

  g_assert_true (oai_proxy_client_certificates_add_dns_name (authenticator, "Alice.Example", "alice", NULL, NULL));
  g_assert_true (oai_proxy_client_certificates_add_dns_name (authenticator, "*.clients.example", NULL, NULL, NULL));
  assert_certificate (authenticator, &(Description) { "CN=x", "alice.example", .issuer = &authority }, "alice");
  assert_certificate (authenticator, &(Description) { "CN=x", "ALICE.example", .issuer = &authority }, "alice");
  assert_certificate (authenticator, &(Description) { "CN=x", "A1.clients.example", .issuer = &authority }, "a1.clients.example");
  assert_certificate (authenticator, &(Description) { "CN=x", "a.b.clients.example", .issuer = &authority }, "");
  assert_certificate (authenticator, &(Description) { "CN=x", "clients.example", .issuer = &authority }, "");
  assert_certificate (authenticator, &(Description) { "CN=x", "*.clients.example", .issuer = &authority }, "");
  assert_certificate (authenticator, &(Description) { "CN=x", ".clients.example", .issuer = &authority }, "");
  assert_certificate (authenticator, &(Description) { "CN=x", "alice.example.evil.example", .issuer = &authority }, "");
  assert_certificate (authenticator, &(Description) { "CN=x", "alice.example\0.evil.example", 27, .issuer = &authority }, "");
  assert_certificate (authenticator, &(Description) { "CN=x", "alice.example ", .issuer = &authority }, "");
  assert_certificate (authenticator, &(Description) { "CN=alice.example", .issuer = &authority }, "");
}

static void
test_fingerprints (void)
{
  g_autoptr(OaiProxyClientCertificates) authenticator = oai_proxy_client_certificates_new (NULL);
  g_autoptr(GTlsCertificate) certificate = make (&(Description) { "CN=alice" });
  g_autoptr(GTlsCertificate) copy = make (&(Description) { "CN=alice" });
  g_autoptr(GTlsCertificate) expired = make (&(Description) { "CN=alice", .start = -2 * DAY, .end = -DAY });
  g_autofree char *fingerprint = oai_proxy_client_certificates_compute_fingerprint (certificate);
  g_autofree char *expired_fingerprint = oai_proxy_client_certificates_compute_fingerprint (expired);
  g_autofree char *upper = g_ascii_strup (fingerprint, -1);
  g_autofree char *with_colon = g_strdup_printf ("%.2s:%s", upper, upper + 2);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;

  g_assert_true (oai_proxy_client_certificates_add_fingerprint (authenticator, with_colon, NULL, NULL, NULL));
  g_assert_true (oai_proxy_client_certificates_add_fingerprint (authenticator, expired_fingerprint, "expired", NULL, NULL));
  first = authenticate (authenticator, certificate);
  second = authenticate (authenticator, copy);
  third = authenticate (authenticator, expired);
  g_assert_cmpstr (first, ==, fingerprint);
  g_assert_cmpstr (second, ==, "");
  g_assert_cmpstr (third, ==, NULL);
  test_assert_other_kind (authenticator, fingerprint);
}

static void
test_invalid (void)
{
  g_autoptr(OaiProxyClientCertificates) without = oai_proxy_client_certificates_new (NULL);
  g_autoptr(OaiProxyClientCertificates) with = oai_proxy_client_certificates_new (database);
  g_autofree char *digits = g_strnfill (64, 'a');
  static const char *const names[] = { "", ".", "*", "*.", "*.*.example", "a b", "a/b", ".example", "ä.example" };

  g_assert_false (oai_proxy_client_certificates_add_subject (without, "CN=alice", NULL, NULL, NULL));
  g_assert_false (oai_proxy_client_certificates_add_dns_name (without, "alice.example", NULL, NULL, NULL));
  g_assert_false (oai_proxy_client_certificates_add_fingerprint (without, "", NULL, NULL, NULL));
  g_assert_false (oai_proxy_client_certificates_add_fingerprint (without, digits + 1, NULL, NULL, NULL));
  g_assert_false (oai_proxy_client_certificates_add_fingerprint (without, digits, "", NULL, NULL));
  digits[5] = 'g';
  g_assert_false (oai_proxy_client_certificates_add_fingerprint (without, digits, NULL, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (oai_proxy_client_certificates_add_dns_name (with, names[i], NULL, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
}

static GTlsDatabase *
make_database (void)
{
  g_autofree char *directory = test_make_directory ();
  g_autoptr(GTlsCertificate) certificate = convert (authority.certificate);
  g_autofree char *pem = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;
  GTlsDatabase *made;

  g_object_get (certificate, "certificate-pem", &pem, NULL);
  path = test_write_file (directory, "authority.pem", pem, 0600);
  made = g_tls_file_database_new (path, &error);
  g_assert_no_error (error);
  test_remove_directory (directory);

  return made;
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  authority_init (&authority, "CN=authority");
  authority_init (&other_authority, "CN=authority");
  database = make_database ();

  g_test_add_func ("/client-certificates/subjects", test_subjects);
  g_test_add_func ("/client-certificates/unverified", test_unverified);
  g_test_add_func ("/client-certificates/purposes", test_purposes);
  g_test_add_func ("/client-certificates/purpose-of-hostile-data", test_purpose_of_hostile_data);
  g_test_add_func ("/client-certificates/dns-names", test_dns_names);
  g_test_add_func ("/client-certificates/fingerprints", test_fingerprints);
  g_test_add_func ("/client-certificates/invalid", test_invalid);

  result = g_test_run ();
  g_object_unref (database);
  authority_clear (&authority);
  authority_clear (&other_authority);

  return result;
}
