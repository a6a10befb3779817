/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the replies of a server with the parser of hiredis, within limits. */

#include "oai-redis-reply-private.h"

#include <string.h>

#include <hiredis/hiredis.h>

/* Of a reply that has not arrived completely. */
#define MAX_REPLY_SIZE 65536

struct _OaiRedisReader
{
  redisReader *reader;
};

void
oai_redis_reply_free (OaiRedisReply *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < self->n_elements; i++)
    oai_redis_reply_free (self->elements[i]);
  g_free (self);
}

static OaiRedisReply *
reply_new (const redisReadTask *task, OaiRedisReplyType type, guint n_elements)
{
  OaiRedisReply *self = g_malloc0 (sizeof (OaiRedisReply) + n_elements * sizeof (OaiRedisReply *));

  self->type = type;
  self->n_elements = n_elements;
  if (task->parent != NULL)
    ((OaiRedisReply *) task->parent->obj)->elements[task->idx] = self;

  return self;
}

static gboolean
read_text_type (const redisReadTask *task, OaiRedisReplyType *type)
{
  switch (task->type)
    {
    case REDIS_REPLY_STRING:
      *type = OAI_REDIS_REPLY_STRING;
      return TRUE;
    case REDIS_REPLY_STATUS:
      *type = OAI_REDIS_REPLY_STATUS;
      return TRUE;
    case REDIS_REPLY_ERROR:
      *type = OAI_REDIS_REPLY_ERROR;
      return TRUE;
    default:
      return FALSE;
    }
}

static void *
create_string (const redisReadTask *task, char *text, size_t length)
{
  OaiRedisReplyType type;
  OaiRedisReply *self;

  if (!read_text_type (task, &type))
    return NULL;

  self = reply_new (task, type, 0);
  memcpy (self->text, text, MIN (length, sizeof self->text - 1));

  return self;
}

/* No command has a reply with arrays in an array, whose size would have no limit. */
#if HIREDIS_MAJOR < 1
static void *
create_array (const redisReadTask *task, int n_elements)
#else
static void *
create_array (const redisReadTask *task, size_t n_elements)
#endif
{
  if (task->type != REDIS_REPLY_ARRAY || task->parent != NULL || n_elements > OAI_REDIS_REPLY_MAX_ELEMENTS)
    return NULL;

  return reply_new (task, OAI_REDIS_REPLY_ARRAY, n_elements);
}

static void *
create_integer (const redisReadTask *task, long long integer)
{
  OaiRedisReply *self = reply_new (task, OAI_REDIS_REPLY_INTEGER, 0);

  self->integer = integer;

  return self;
}

static void *
create_nil (const redisReadTask *task)
{
  return reply_new (task, OAI_REDIS_REPLY_NIL, 0);
}

static void
free_object (void *object)
{
  oai_redis_reply_free (object);
}

#if HIREDIS_MAJOR >= 1
static void *
refuse_double (const redisReadTask *task, double number, char *text, size_t length)
{
  return NULL;
}

static void *
refuse_bool (const redisReadTask *task, int value)
{
  return NULL;
}
#endif

/* The types that only later protocols have are errors.  Without a function, hiredis returns a number as a pointer. */
static redisReplyObjectFunctions functions = {
  .createString = create_string,
  .createArray = create_array,
  .createInteger = create_integer,
  .createNil = create_nil,
#if HIREDIS_MAJOR >= 1
  .createDouble = refuse_double,
  .createBool = refuse_bool,
#endif
  .freeObject = free_object,
};

OaiRedisReader *
oai_redis_reader_new (void)
{
  OaiRedisReader *self = g_new0 (OaiRedisReader, 1);

  self->reader = redisReaderCreateWithFunctions (&functions);
  if (self->reader == NULL)
    g_error ("%s: out of memory", G_STRFUNC);

  return self;
}

void
oai_redis_reader_free (OaiRedisReader *self)
{
  if (self == NULL)
    return;

  redisReaderFree (self->reader);
  g_free (self);
}

gboolean
oai_redis_reader_feed (OaiRedisReader *self, const char *data, gsize size)
{
  return self->reader->len - self->reader->pos + size <= MAX_REPLY_SIZE && redisReaderFeed (self->reader, data, size) == REDIS_OK;
}

gboolean
oai_redis_reader_read (OaiRedisReader *self, OaiRedisReply **reply)
{
  gpointer object = NULL;

  *reply = NULL;
  if (redisReaderGetReply (self->reader, &object) != REDIS_OK)
    return FALSE;

  *reply = object;

  return TRUE;
}

gboolean
oai_redis_reply_is_error (const OaiRedisReply *self, const char *code)
{
  gsize length = strlen (code);

  return self->type == OAI_REDIS_REPLY_ERROR && strncmp (self->text, code, length) == 0 && strchr (" ", self->text[length]) != NULL;
}

gboolean
oai_redis_reply_get_code (const OaiRedisReply *self, char code[32])
{
  gsize length = strspn (self->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

  if (self->type != OAI_REDIS_REPLY_ERROR || length == 0 || length >= 32 || strchr (" ", self->text[length]) == NULL)
    return FALSE;

  memcpy (code, self->text, length);
  code[length] = '\0';

  return TRUE;
}
