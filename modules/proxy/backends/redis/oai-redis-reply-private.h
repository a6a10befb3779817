/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the replies of a server with the parser of hiredis, within limits. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define OAI_REDIS_REPLY_MAX_ELEMENTS 32

typedef enum
{
  OAI_REDIS_REPLY_STRING,
  OAI_REDIS_REPLY_STATUS,
  OAI_REDIS_REPLY_ERROR,
  OAI_REDIS_REPLY_INTEGER,
  OAI_REDIS_REPLY_NIL,
  OAI_REDIS_REPLY_ARRAY
} OaiRedisReplyType;

typedef struct _OaiRedisReply OaiRedisReply;

struct _OaiRedisReply
{
  OaiRedisReplyType type;
  gint64 integer;
  char text[64]; /* the first bytes */
  guint n_elements;
  OaiRedisReply *elements[];
};

void oai_redis_reply_free (OaiRedisReply *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiRedisReply, oai_redis_reply_free)

/* Whether it is an error with this code, which is the first word of its text. */
gboolean oai_redis_reply_is_error (const OaiRedisReply *self, const char *code);
/* The code of an error, for messages.  The text of an error may contain arguments of the command, thus a password.
 * Returns FALSE if the error has no code. */
gboolean oai_redis_reply_get_code (const OaiRedisReply *self, char code[32]);

typedef struct _OaiRedisReader OaiRedisReader;

OaiRedisReader *oai_redis_reader_new (void);
void oai_redis_reader_free (OaiRedisReader *self);
/* FALSE: not the protocol of Redis, or above the limits. */
gboolean oai_redis_reader_feed (OaiRedisReader *self, const char *data, gsize size);
/* reply: the next one, or NULL if it has not arrived completely. */
gboolean oai_redis_reader_read (OaiRedisReader *self, OaiRedisReply **reply);

G_END_DECLS
