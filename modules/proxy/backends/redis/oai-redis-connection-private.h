/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A connection to a server of Redis or Valkey, over which commands are sent without waiting for the replies of the
 * previous ones.
 *
 * The input and output are those of GIO, and only the protocol is that of hiredis: its own connections block
 * while they look up the address, and have no TLS in version 0.14. */

#pragma once

#include "oai-redis-reply-private.h"
#include "oai-redis-url-private.h"

G_BEGIN_DECLS

typedef struct _OaiRedisConnection OaiRedisConnection;

/* Borrowed reply; NULL if the connection was closed before it. */
typedef void (*OaiRedisReplyFunc) (const OaiRedisReply *reply, gpointer user_data);

typedef struct
{
  /* Commands can be sent. */
  void (*opened) (gpointer user_data);
  /* Called once, before the functions of the commands without a reply, unless oai_redis_connection_free() was called.
   * It may free the connection.  reason: for the log; without secrets. */
  void (*closed) (const char *reason, gpointer user_data);
} OaiRedisConnectionFuncs;

/* Connects in the thread-default main context.  url: borrowed; it exists until the connection is freed.  ca_database: nullable.
 * timeout_ms: of connecting, and of each command. */
OaiRedisConnection *oai_redis_connection_new (const OaiRedisUrl *url, GTlsDatabase *ca_database, guint timeout_ms, const OaiRedisConnectionFuncs *funcs, gpointer user_data);
/* Closes the connection.  The functions of commands are called. */
void oai_redis_connection_free (OaiRedisConnection *self);
/* Closes the connection after opened(), because the server does not reply as it has to. */
void oai_redis_connection_fail (OaiRedisConnection *self, const char *reason);
/* The command is written at the next iteration of the main context, together with others, or by
 * oai_redis_connection_flush(). */
void oai_redis_connection_send (OaiRedisConnection *self, guint n_words, const char *const *words, OaiRedisReplyFunc func, gpointer user_data);
/* Writes the commands now.  May close the connection. */
void oai_redis_connection_flush (OaiRedisConnection *self);

G_END_DECLS
