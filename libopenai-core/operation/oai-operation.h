/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What compiled API descriptions say to core about operations.  For module
 * authors; not introspected. */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_RESULT_RECORD, /* an OaiRecord of result_type */
  OAI_RESULT_PAGE,   /* an OaiPagedList of result_type items */
  OAI_RESULT_BYTES,  /* GBytes, and a GInputStream by oai_endpoint_open */
  OAI_RESULT_TEXT,   /* char * */
  OAI_RESULT_NONE    /* nothing but success */
} OaiResultKind;

typedef enum
{
  OAI_OPERATION_NONE = 0,
  OAI_OPERATION_MULTIPART = 1 << 0,   /* the request is sent as multipart/form-data */
  OAI_OPERATION_DEPLOYMENT = 1 << 1,  /* below deployments/{model} on Azure */
  OAI_OPERATION_ADMIN = 1 << 2,       /* wants the admin key */
  OAI_OPERATION_OR_ADMIN = 1 << 3,    /* takes the admin key where there is no other */
  OAI_OPERATION_KEEP_PATHS = 1 << 4,  /* names of files are sent with their directories */
  OAI_OPERATION_MEDIA = 1 << 5        /* the bytes are sound or pictures: text, JSON and nothing are errors */
} OaiOperationFlags;

typedef struct _OaiOperation OaiOperation;

struct _OaiOperation
{
  const char *name;              /* "create" */
  const char *method;            /* "POST" */
  const char *path;              /* "chat/completions/{completion_id}", relative to the base URL */
  const char *beta;              /* OpenAI-Beta header, or NULL; "assistants" in the version of the settings, "assistants=v1" in that only */
  guint8 result;                 /* OaiResultKind */
  guint8 flags;                  /* OaiOperationFlags */
  GType (*query_type) (void);    /* record of the query, or NULL */
  GType (*request_type) (void);  /* record of the body, or NULL */
  GType (*result_type) (void);   /* record of the reply or of a page's items, or NULL */
  GType (*chunk_type) (void);    /* record of a streamed event, or NULL when it cannot stream */
  GType (*stream_type) (void);   /* OaiStream or a subclass, with chunk_type */
  const char *text_member;       /* where a reply that is no JSON goes in the result record, or NULL */
  const char *stream_member;     /* member of the request that makes the reply a stream, or NULL for "stream" */
  const char *stream_value;      /* the text it is set to then, or NULL for true */
  gboolean (*check) (OaiRecord *request, GError **error); /* what a request must keep to before it is sent, or NULL */
  OaiRecord *(*adapt) (OaiRecord *request); /* a changed copy that is sent in its place, or NULL where it is sent as it is; or NULL */
  const char *const *defaults;   /* members of text that go into a body that has none, and their values, by turns; NULL-terminated, or NULL */
};

G_END_DECLS
