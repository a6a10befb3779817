/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The address of a server of Redis or Valkey. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *host;     /* NULL: path */
  guint port;
  char *path;     /* of a UNIX socket */
  gboolean tls;
  char *user;     /* nullable */
  char *password; /* nullable; a secret */
  guint database;
} OaiRedisUrl;

/* NULL if the URL is invalid; the error does not contain the URL, which may contain a password. */
OaiRedisUrl *oai_redis_url_parse (const char *text, GError **error);
void oai_redis_url_free (OaiRedisUrl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiRedisUrl, oai_redis_url_free)

/* The address without the user and the password, for messages. */
char *oai_redis_url_describe (const OaiRedisUrl *self);

G_END_DECLS
