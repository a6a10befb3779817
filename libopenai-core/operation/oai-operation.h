/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Operation tables, which compiled API descriptions contain.  For module authors; not introspected.
 *
 * The tables can grow.  A structure begins with its size, and OaiEndpointTable contains the size of
 * the rows of its array.  Core reads the members that it knows.  Members that an older module does
 * not have count as 0. */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

/* What an operation returns.  The values are part of the ABI: new kinds are added at the end. */
typedef enum
{
  OAI_RESULT_RECORD, /* an OaiRecord of result_type */
  OAI_RESULT_LIST,   /* an OaiPagedList of result_type items */
  OAI_RESULT_BYTES,  /* GBytes; a GInputStream from oai_endpoint_open() */
  OAI_RESULT_TEXT,   /* char * */
  OAI_RESULT_NONE    /* no value, only success or an error */
} OaiResultKind;

typedef enum
{
  OAI_OPERATION_DEFAULT = 0,
  OAI_OPERATION_MULTIPART = 1 << 0,  /* the request is sent as multipart/form-data */
  OAI_OPERATION_ADMIN = 1 << 1,      /* sent with the admin key */
  OAI_OPERATION_OR_ADMIN = 1 << 2,   /* sent with the admin key if there is no other */
  OAI_OPERATION_KEEP_PATHS = 1 << 3, /* names of files are sent with their directories */
  OAI_OPERATION_MEDIA = 1 << 4,      /* the bytes are audio or images: text, JSON and an empty body are errors */
  OAI_OPERATION_LARGE = 1 << 5,      /* the reply may have several megabytes; replies that are bytes or streams always may */
} OaiOperationFlags;

/* How a list is paged: the member of the query that selects a page, and the member of the reply
 * that names the next page. */
typedef struct
{
  gsize size;                   /* of this structure */
  const char *const *items;     /* members of the reply that may hold the items; the first that exists counts; NULL-terminated */
  const char *parameter;        /* member of the query that selects the page, or NULL if there is only one page */
  const char *next_member;      /* member of the reply that names the next page; null means that there is none */
  const char *item_member;      /* member of the last item that names the next page if next_member is absent, or NULL */
  const char *last_member;      /* member of the reply that does so if the item has no item_member, or NULL */
  const char *more_member;      /* boolean member of the reply: whether there is a next page */
} OaiPaging;

typedef struct _OaiOperation OaiOperation;

struct _OaiOperation
{
  const char *name;              /* "create" */
  const char *method;            /* "POST" */
  const char *path;              /* "things/{thing_id}", relative to the base URL */
  guint32 result;                /* OaiResultKind */
  guint32 flags;                 /* OaiOperationFlags */
  GType (*query_type) (void);    /* record of the query, or NULL */
  GType (*request_type) (void);  /* record of the body, or NULL */
  GType (*result_type) (void);   /* record of the reply or of the items of a list, or NULL */
  GType (*chunk_type) (void);    /* record of a streamed event, or NULL if the reply cannot be a stream */
  GType (*stream_type) (void);   /* OaiStream or a subclass, with chunk_type */
  const char *beta;              /* name in the OpenAI-Beta header, or NULL */
  const char *beta_version;      /* version in that header, unless the settings select another one; NULL: the header is sent only if they select one */
  const char *text_member;       /* member of the result record that holds a reply that is not JSON, or NULL */
  const char *format_member;     /* member of the request that selects whether the reply is JSON or text, or NULL */
  const char *stream_member;     /* member of the request that makes the reply a stream, with chunk_type */
  const char *stream_value;      /* the text that stream_member is set to, or NULL for true */
  const char *deployment_member; /* member of the request that names the deployment that the path is below on Azure, or NULL */
  const char *const *defaults;   /* pairs of a text member and the value that is sent if it is not set; NULL-terminated, or NULL */
  gboolean (*check) (OaiRecord *request, GError **error); /* checks a request before it is sent; or NULL */
  OaiRecord *(*adapt) (OaiRecord *request); /* returns a changed copy that is sent instead, or NULL to send it unchanged; or NULL */
  const OaiPaging *paging;       /* of a list, else NULL */
  const char *only_beta_version; /* the only version of the beta in which the operation exists, or NULL */
  const char *beta_query;        /* parameter of the query, "name=value", that is sent with the header; or NULL */
  char *(*explain) (OaiRecord *request, const GError *error); /* returns a better message for the error of a reply, or NULL; or NULL */
};

typedef struct _OaiEndpointTable OaiEndpointTable;

struct _OaiEndpointTable
{
  gsize size;                     /* of this structure */
  gsize operation_size;           /* of a row of operations */
  const char *name;               /* "fine-tuning" */
  const OaiOperation *operations;
  guint32 n_operations;
  guint32 flags;                  /* 0 */
};

#define OAI_ENDPOINT_TABLE_SIZES .size = sizeof (OaiEndpointTable), .operation_size = sizeof (OaiOperation)

G_END_DECLS
