/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The address of a server of Redis or Valkey. */

#include "oai-redis-url-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-secret-private.h"

#define DEFAULT_PORT 6379
#define MAX_DATABASE 65535

static const struct
{
  const char *scheme;
  gboolean tls;
  gboolean local;
} schemes[] = {
  { "redis", FALSE, FALSE },
  { "rediss", TRUE, FALSE },
  { "valkey", FALSE, FALSE },
  { "valkeys", TRUE, FALSE },
  { "unix", FALSE, TRUE },
  { "redis+unix", FALSE, TRUE },
};

static char *
take_nonempty (char *text)
{
  if (text != NULL && text[0] != '\0')
    return text;

  oai_secret_free (text);

  return NULL;
}

static gboolean
parse_database (OaiRedisUrl *self, const char *text)
{
  guint64 database;

  if (text == NULL || text[0] == '\0')
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 0, MAX_DATABASE, &database, NULL))
    return FALSE;

  self->database = database;

  return TRUE;
}

/* The query of a URL of a UNIX socket. */
static gboolean
parse_query (OaiRedisUrl *self, const char *query)
{
  if (query == NULL)
    return TRUE;

  return g_str_has_prefix (query, "db=") && parse_database (self, query + strlen ("db="));
}

static gboolean
parse_parts (OaiRedisUrl *self, const char *scheme, char *host, int port, const char *path, const char *query)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      if (g_ascii_strcasecmp (scheme, schemes[i].scheme) != 0)
        continue;

      self->tls = schemes[i].tls;
      if (schemes[i].local)
        {
          self->path = g_strdup (path);
          return (host == NULL || host[0] == '\0') && port == -1 && path[0] == '/' && path[1] != '\0' && parse_query (self, query);
        }
      self->host = g_strdup (host);
      self->port = port == -1 ? DEFAULT_PORT : port;
      return host != NULL && host[0] != '\0' && port != 0 && query == NULL
             && (path[0] == '\0' || (path[0] == '/' && parse_database (self, path + 1)));
    }

  return FALSE;
}

OaiRedisUrl *
oai_redis_url_parse (const char *text, GError **error)
{
  g_autoptr(OaiRedisUrl) self = g_new0 (OaiRedisUrl, 1);
  g_autofree char *scheme = NULL, *host = NULL, *path = NULL, *query = NULL, *fragment = NULL;
  char *user = NULL, *password = NULL;
  int port = -1;
  gboolean valid;

  valid = g_uri_split_with_user (text, G_URI_FLAGS_HAS_PASSWORD, &scheme, &user, &password, NULL, &host, &port, &path, &query, &fragment, NULL);
  self->user = take_nonempty (user);
  self->password = take_nonempty (password);
  if (valid && fragment == NULL && scheme != NULL && parse_parts (self, scheme, host, port, path, query))
    return g_steal_pointer (&self);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                       _("The address of the Redis server is invalid. Examples: redis://localhost:6379/0, rediss://example.com, unix:///run/redis/redis.sock."));

  return NULL;
}

void
oai_redis_url_free (OaiRedisUrl *self)
{
  if (self == NULL)
    return;

  g_free (self->host);
  g_free (self->path);
  oai_secret_free (self->user);
  oai_secret_free (self->password);
  g_free (self);
}

char *
oai_redis_url_describe (const OaiRedisUrl *self)
{
  if (self->path != NULL)
    return g_strconcat ("unix://", self->path, NULL);

  return g_strdup_printf (strchr (self->host, ':') != NULL ? "%s://[%s]:%u" : "%s://%s:%u", self->tls ? "rediss" : "redis", self->host, self->port);
}
