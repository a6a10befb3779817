/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tokens whose digests are in a file. */

#include "identity-fixture.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_UNDEFINED(address, size) (void) 0
#define VALGRIND_MAKE_MEM_DEFINED(address, size) (void) 0
#endif

#include "oai-base64url-private.h"
#include "oai-token-digest-private.h"
#include "oai-token-table-private.h"

#define ALICE "sk-proxy-alice-0123456789abcdef"
#define BOB "sk-proxy-bob-0123456789abcdefgh"

typedef struct
{
  char *directory;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *alice = oai_proxy_token_file_format_line ("alice", ALICE, NULL, NULL);
  g_autofree char *bob = oai_proxy_token_file_format_line ("bob", BOB, "small", NULL);
  g_autofree char *text = g_strdup_printf ("# users\n\n%s\n  %s \r\n", alice, bob);

  fixture->directory = test_make_directory ();
  fixture->path = test_write_file (fixture->directory, "tokens", text, 0600);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_remove_directory (fixture->directory);
  g_free (fixture->path);
  g_free (fixture->directory);
}

static OaiProxyTokenFile *
open_file (Fixture *fixture)
{
  GError *error = NULL;
  OaiProxyTokenFile *file = oai_proxy_token_file_new (fixture->path, &error);

  g_assert_no_error (error);

  return file;
}

static void
assert_invalid (Fixture *fixture, const char *text, const char *message)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiProxyTokenFile) file = NULL;

  g_free (test_write_file (fixture->directory, "tokens", text, 0600));
  file = oai_proxy_token_file_new (fixture->path, &error);
  g_assert_null (file);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  if (strstr (error->message, message) == NULL)
    g_error ("“%s” does not contain “%s”", error->message, message);
}

static void
test_base64url (void)
{
  static const char *const invalid[] = { "QQ==", "QQ=", "QR", "Q", "QUI=", "QUJ", "Q Q", "QQ\n", "Q+", "Q/", "QUJDR", "QQ.QQ", "Q\xc3\xa4" };
  static const guint8 all_bits[] = { 0xfb, 0xff, 0xfe };
  g_autofree char *text = oai_base64url_encode (all_bits, sizeof all_bits);

  g_assert_cmpstr (text, ==, "-__-");
  for (gsize size = 0; size < 100; size++)
    {
      guint8 data[100];
      g_autofree char *encoded = NULL;
      g_autofree guint8 *decoded = NULL;
      gsize decoded_size;

      oai_random_fill (data, sizeof data);
      encoded = oai_base64url_encode (data, size);
      decoded = oai_base64url_decode (encoded, strlen (encoded), &decoded_size);
      g_assert_nonnull (decoded);
      g_assert_cmpmem (decoded, decoded_size, data, size);
    }
  for (guint i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      gsize size;

      g_assert_null (oai_base64url_decode (invalid[i], strlen (invalid[i]), &size));
    }
}

static void
test_equal (void)
{
  guint8 a[64], b[64];

  oai_random_fill (a, sizeof a);
  memcpy (b, a, sizeof b);
  g_assert_true (oai_bytes_equal (a, b, sizeof a));
  for (guint bit = 0; bit < sizeof a * 8; bit++)
    {
      b[bit / 8] ^= 1 << bit % 8;
      g_assert_false (oai_bytes_equal (a, b, sizeof a));
      b[bit / 8] ^= 1 << bit % 8;
    }
  g_assert_true (oai_bytes_equal (a, b, 0));
}

/* With valgrind, a branch or an address that depends on the contents is an error. */
static void
test_constant_time (void)
{
  guint8 a[64], b[64];
  gboolean equal;

  oai_random_fill (a, sizeof a);
  memcpy (b, a, sizeof b);
  b[10] ^= 1;
  VALGRIND_MAKE_MEM_UNDEFINED (a, sizeof a);
  VALGRIND_MAKE_MEM_UNDEFINED (b, sizeof b);
  equal = oai_bytes_equal (a, b, sizeof a);
  VALGRIND_MAKE_MEM_DEFINED (&equal, sizeof equal);
  g_assert_false (equal);
}

static void
test_accept (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyTokenFile) file = open_file (fixture);
  g_autoptr(OaiProxyLimits) small = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimits) normal = oai_proxy_limits_new ();
  g_auto(GStrv) names = oai_proxy_token_file_list_limits_names (file);
  g_auto(TestRequest) request;
  g_autoptr(OaiProxyIdentity) identity = NULL;

  g_assert_cmpuint (oai_proxy_token_file_get_n_tokens (file), ==, 2);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_cmpstr (names[0], ==, "small");
  test_assert_accepted (file, ALICE, "alice");
  test_assert_refused (file, BOB, OAI_PROXY_ERROR_FORBIDDEN, "not configured");

  oai_proxy_authenticator_set_limits (OAI_PROXY_AUTHENTICATOR (file), "small", small);
  oai_proxy_authenticator_set_limits (OAI_PROXY_AUTHENTICATOR (file), NULL, normal);
  test_request_init (&request, BOB);
  g_assert_true (oai_proxy_authenticator_authenticate_now (OAI_PROXY_AUTHENTICATOR (file), test_request_get (&request), &identity, NULL));
  g_assert_cmpstr (oai_proxy_identity_get_id (identity), ==, "bob");
  g_assert_true (oai_proxy_identity_get_limits (identity) == small);
}

static void
test_unknown_tokens (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyTokenFile) file = open_file (fixture);
  g_autofree char *huge = g_strnfill (10000, 'a');
  g_autofree char *line = oai_proxy_token_file_format_line ("x", ALICE, NULL, NULL);

  test_assert_other_kind (file, NULL);
  test_assert_other_kind (file, "");
  test_assert_other_kind (file, "alice");
  test_assert_other_kind (file, ALICE "x");
  test_assert_other_kind (file, "sk-proxy-alice-0123456789abcdeF");
  test_assert_other_kind (file, " " ALICE "\xff");
  test_assert_other_kind (file, huge);
  /* What the file contains is no token. */
  test_assert_other_kind (file, line);
  test_assert_other_kind (file, strrchr (line, '$') + 1);
}

static void
test_format (void)
{
  g_autofree char *first = oai_proxy_token_file_format_line ("alice", ALICE, NULL, NULL);
  g_autofree char *second = oai_proxy_token_file_format_line ("alice", ALICE, NULL, NULL);
  g_autofree char *token = oai_proxy_token_file_generate_token ();
  g_autofree char *other = oai_proxy_token_file_generate_token ();
  const char *refused[][3] = {
    { "alice", "password", NULL },
    { "alice", "0123456789012345678", NULL },
    { "alice", "01234567890 123456789", NULL },
    { "alice", "0123456789\n0123456789", NULL },
    { "a:b", ALICE, NULL },
    { "a\nb", ALICE, NULL },
    { "", ALICE, NULL },
    { "#a", ALICE, NULL },
    { " a", ALICE, NULL },
    { "alice", ALICE, "a:b" },
    { "alice", ALICE, "" },
    { "alice", ALICE, "a\n" },
  };

  g_assert_cmpstr (first, !=, second);
  g_assert_null (strstr (first, ALICE));
  g_assert_cmpstr (token, !=, other);
  g_assert_cmpuint (strlen (token), ==, strlen ("sk-proxy-") + 43);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (oai_proxy_token_file_format_line (refused[i][0], refused[i][1], refused[i][2], &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_null (strstr (error->message, refused[i][1]));
    }
}

#define SALT "AAAAAAAAAAAAAAAAAAAAAA"
#define DIGEST "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void
test_invalid_files (Fixture *fixture, gconstpointer data)
{
  GString *salts = g_string_new (NULL);
  g_autofree char *many = NULL;

  assert_invalid (fixture, "alice\n", "Line 1:");
  assert_invalid (fixture, "# x\n\nalice:" ALICE "\n", "Line 3: the digest has an unknown format");
  assert_invalid (fixture, "alice:hmac-sha256$" SALT "$" DIGEST, "the end of the line is missing");
  assert_invalid (fixture, "alice:hmac-sha256$" SALT "$" DIGEST ":\n", "limits");
  assert_invalid (fixture, "alice:hmac-sha256$" SALT "$" DIGEST ":a:b\n", "Line 1:");
  assert_invalid (fixture, ":hmac-sha256$" SALT "$" DIGEST "\n", "identity");
  assert_invalid (fixture, "a\033:hmac-sha256$" SALT "$" DIGEST "\n", "identity");
  assert_invalid (fixture, "a\xff:hmac-sha256$" SALT "$" DIGEST "\n", "identity");
  assert_invalid (fixture, "alice:sha256$" SALT "$" DIGEST "\n", "unknown format");
  assert_invalid (fixture, "alice:hmac-sha256$" SALT "$" DIGEST "$\n", "unknown format");
  assert_invalid (fixture, "alice:hmac-sha256$AAAA$" DIGEST "\n", "salt");
  assert_invalid (fixture, "alice:hmac-sha256$$" DIGEST "\n", "salt");
  assert_invalid (fixture, "alice:hmac-sha256$" SALT "$AAAA\n", "the digest is not complete");
  assert_invalid (fixture, "alice:hmac-sha256$" SALT "$" DIGEST "=\n", "digest");
  assert_invalid (fixture, "alice:hmac-sha256$" SALT "$" DIGEST "\nbob:hmac-sha256$" SALT "$" DIGEST "\n", "Line 2: another line");
  for (guint i = 0; i < 65; i++)
    g_string_append_printf (salts, "alice:hmac-sha256$" SALT "%c%cAA$" DIGEST "\n", 'A' + i / 26, 'A' + i % 26);
  many = g_string_free (salts, FALSE);
  assert_invalid (fixture, many, "Line 65: there are too many different salts");
}

static void
test_binary_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "# a\0b\n", 6, NULL));
  g_assert_null (oai_proxy_token_file_new (fixture->path, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_permissions (Fixture *fixture, gconstpointer data)
{
  static const int unsafe[] = { 0666, 0620, 0602, 0777 };
  g_autoptr(OaiProxyTokenFile) file = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (unsafe); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_cmpint (g_chmod (fixture->path, unsafe[i]), ==, 0);
      g_assert_null (oai_proxy_token_file_new (fixture->path, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
    }

  g_assert_cmpint (g_chmod (fixture->path, 0640), ==, 0);
  file = open_file (fixture);
  g_clear_object (&file);

  /* It contains digests of random tokens only. */
  g_assert_cmpint (g_chmod (fixture->path, 0644), ==, 0);
  g_test_expect_message ("Oai", G_LOG_LEVEL_MESSAGE, "*All users can read*");
  file = open_file (fixture);
  g_test_assert_expected_messages ();
}

static void
test_foreign_owner (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can give files to other users");
      return;
    }

  g_assert_cmpint (chown (fixture->path, 12345, (gid_t) -1), ==, 0);
  g_assert_null (oai_proxy_token_file_new (fixture->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_no_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (fixture->directory, "missing", NULL);
  g_autofree char *pipe_path = g_build_filename (fixture->directory, "pipe", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_proxy_token_file_new (missing, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (oai_proxy_token_file_new (fixture->directory, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_clear_error (&error);

  /* It does not wait for a writer. */
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  g_assert_null (oai_proxy_token_file_new (pipe_path, &error));
  g_assert_nonnull (error);
}

static void
wait_for (OaiProxyTokenFile *file, const char *token, const char *expected)
{
  for (;;)
    {
      g_autofree char *id = test_authenticate (file, token, NULL);

      if (g_strcmp0 (id, expected) == 0)
        return;
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

static void
test_changes (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyTokenFile) file = open_file (fixture);
  g_autofree char *line = oai_proxy_token_file_format_line ("carol", "carol-0123456789abcdefghij", NULL, NULL);
  g_autofree char *text = g_strconcat (line, "\n", NULL);

  test_assert_accepted (file, ALICE, "alice");
  g_free (test_write_file (fixture->directory, "tokens", text, 0600));
  wait_for (file, "carol-0123456789abcdefghij", "carol");
  test_assert_other_kind (file, ALICE);
  g_assert_cmpuint (oai_proxy_token_file_get_n_tokens (file), ==, 1);
}

/* An invalid file does not lock all users out, and is logged once. */
static void
test_invalid_change (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyTokenFile) file = open_file (fixture);
  g_autoptr(GError) error = NULL;

  g_test_expect_message ("Oai", G_LOG_LEVEL_WARNING, "*remain valid*Line 1*");
  g_free (test_write_file (fixture->directory, "tokens", "garbage\n", 0600));
  g_assert_false (oai_proxy_token_file_reload (file, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  test_assert_accepted (file, ALICE, "alice");

  /* Sets another time of change. */
  g_assert_cmpint (g_chmod (fixture->path, 0400), ==, 0);
  g_usleep (2100000);
  test_assert_accepted (file, ALICE, "alice");
  g_test_assert_expected_messages ();
  test_assert_accepted (file, ALICE, "alice");

  g_unlink (fixture->path);
  g_clear_error (&error);
  g_assert_false (oai_proxy_token_file_reload (file, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  test_assert_accepted (file, ALICE, "alice");
}

static void
test_add (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyTokenFile) file = open_file (fixture);
  g_autoptr(OaiProxyTokenFile) again = NULL;
  g_autofree char *token = oai_proxy_token_file_generate_token ();
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  GStatBuf info;

  g_assert_true (oai_proxy_token_file_add_token (file, "dave", token, NULL, &error));
  g_assert_no_error (error);
  test_assert_accepted (file, token, "dave");
  test_assert_accepted (file, ALICE, "alice");
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);

  /* The mode of the file is kept. */
  g_assert_cmpint (g_chmod (fixture->path, 0640), ==, 0);
  g_assert_true (oai_proxy_token_file_add_token (file, "group", "another-token-of-more-than-20-bytes", NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0640);
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, "# users\n"));
  g_assert_null (strstr (text, token));

  g_assert_false (oai_proxy_token_file_add_token (file, "eve", token, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_proxy_token_file_add_token (file, "eve", "short", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  again = open_file (fixture);
  g_assert_cmpuint (oai_proxy_token_file_get_n_tokens (again), ==, 4);
  test_assert_accepted (again, token, "dave");
}

static void
test_many (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiTokenTable) table = NULL;
  g_autoptr(OaiProxyTokenFile) file = NULL;
  g_autofree char *line = oai_proxy_token_file_format_line ("user", ALICE, NULL, NULL);
  g_autofree char *first = g_strconcat (line, "\n", NULL);
  g_autofree char *copy = g_strdup (first);
  GString *text = g_string_new (first);
  g_autofree char *contents = NULL;

  table = oai_token_table_parse (copy, NULL);
  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *token = g_strdup_printf ("token-0123456789abcdef-%u", i);
      g_autofree char *id = g_strdup_printf ("user%u", i);
      g_autofree char *next = oai_token_table_format (table, id, token, NULL, NULL);

      g_string_append_printf (text, "%s\n", next);
    }
  contents = g_string_free (text, FALSE);
  g_free (test_write_file (fixture->directory, "tokens", contents, 0600));
  file = open_file (fixture);
  g_assert_cmpuint (oai_proxy_token_file_get_n_tokens (file), ==, 20001);
  test_assert_accepted (file, "token-0123456789abcdef-19999", "user19999");
  test_assert_accepted (file, "token-0123456789abcdef-0", "user0");
  test_assert_other_kind (file, "token-0123456789abcdef-20000");
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/token-file/base64url", test_base64url);
  g_test_add_func ("/token-file/equal", test_equal);
  g_test_add_func ("/token-file/constant-time", test_constant_time);
  g_test_add_func ("/token-file/format", test_format);
  ADD ("/token-file/accept", test_accept);
  ADD ("/token-file/unknown-tokens", test_unknown_tokens);
  ADD ("/token-file/invalid-files", test_invalid_files);
  ADD ("/token-file/binary-file", test_binary_file);
  ADD ("/token-file/permissions", test_permissions);
  ADD ("/token-file/foreign-owner", test_foreign_owner);
  ADD ("/token-file/no-file", test_no_file);
  ADD ("/token-file/changes", test_changes);
  ADD ("/token-file/invalid-change", test_invalid_change);
  ADD ("/token-file/add", test_add);
  ADD ("/token-file/many", test_many);

  return g_test_run ();
}
