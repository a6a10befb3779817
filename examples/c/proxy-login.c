/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks a password, which it reads from standard input, and prints a token for the back end of proxy.c that expires after
 * an hour.  A web service would do the same when a user logs in.
 *
 * usage: proxy-login KEYS USERS NAME (USERS has lines NAME:HASH, with the hashes of "openssl passwd -6") */

#include <crypt.h>
#include <locale.h>
#include <openai-1/openai.h>
#include <stdio.h>
#include <string.h>

#define HOUR_MS (60 * 60 * 1000)

/* Returns NULL if there is no such user. */
static char *
find_hash (const char *path, const char *name, GError **error)
{
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autofree char *prefix = g_strconcat (name, ":", NULL);

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], prefix))
      return g_strdup (lines[i] + strlen (prefix));

  return NULL;
}

/* For an unknown user, a hash is computed as well, so that the duration does not depend on it. */
static gboolean
check_password (const char *hash, const char *password)
{
  const char *computed = crypt (password, hash != NULL ? hash : "$6$unknown$");

  return computed != NULL && g_strcmp0 (computed, hash) == 0;
}

int
main (int argc, char **argv)
{
  char password[256] = "";
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiProxyTokenIssuer) issuer = oai_proxy_token_issuer_new ();
  g_autofree char *hash = NULL;
  g_autofree char *token = NULL;
  gboolean valid;

  setlocale (LC_ALL, "");
  if (argc != 4)
    {
      g_printerr ("usage: proxy-login KEYS USERS NAME\n");
      return 2;
    }

  hash = find_hash (argv[2], argv[3], &error);
  if (error == NULL && fgets (password, sizeof password, stdin) != NULL)
    g_strchomp (password);
  valid = error == NULL && check_password (hash, password);
  explicit_bzero (password, sizeof password);
  if (valid && oai_proxy_token_issuer_load_keys (issuer, argv[1], &error))
    token = oai_proxy_token_issuer_issue (issuer, argv[3], "free", HOUR_MS, &error);
  if (token == NULL)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "The name or the password is wrong");
      return 1;
    }

  g_print ("%s\n", token);
  return 0;
}
