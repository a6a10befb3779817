/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A request as data, which the operations create and OaiExchange sends. */

#pragma once

#include <libsoup/soup.h>

#include "oai-call-options.h"
#include "oai-multipart-private.h"

G_BEGIN_DECLS

/* The format that the request selects for a reply that may be text. */
typedef enum
{
  OAI_FORMAT_ANY,
  OAI_FORMAT_JSON,
  OAI_FORMAT_TEXT
} OaiFormat;

/* The contents of a request, independent of connections and attempts. */
typedef struct
{
  const char *operation; /* interned: "chat.create" */
  const char *method;    /* interned */
  char *path;            /* expanded, relative to the base URL, or a whole URL */
  char *query;           /* encoded, or NULL */
  char *model;           /* in the body, for Azure's routes */
  const char *beta;      /* static or interned, or NULL */
  const char *accept;    /* static */
  const char *text_member; /* static: the member for a reply that is not JSON, or NULL */
  OaiFormat format;      /* of the reply, if text_member is set */
  GType result_type;     /* of a reply that is a record; else G_TYPE_INVALID */
  GBytes *body;          /* JSON, or NULL */
  /* Returns a better message for the error of a reply to the body, or NULL; or NULL. */
  char *(*explain) (gconstpointer explain_data, GBytes *body, const GError *error);
  gconstpointer explain_data; /* static */
  OaiMultipart *multipart;
  SoupMessageHeaders *headers; /* of a request that is passed through, below those of the settings; or NULL */
  OaiCallOptions *options;
  guint deployment : 1;
  guint admin : 1;
  guint large : 1;       /* the reply may be large or endless */
  guint raw : 1;         /* not from a table of operations: sends no Content-Type without a body */
  guint upgrade : 1;     /* opens a WebSocket connection, which is the reply */
  guint passthrough : 1; /* a request of another client, whose reply is for that client: it has the headers that are
                          * given, its parameters of the query do not replace those of the settings, and the sink
                          * receives replies of any status as they are.  Nothing is retried, and no redirect is followed. */
  guint external : 1;    /* path is a URL outside of the API: sends no credentials and no headers of the program */
} OaiRequest;

_OAI_INTERNAL
OaiRequest *oai_request_new (const char *operation, const char *method, char *path);
_OAI_INTERNAL
void oai_request_free (OaiRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiRequest, oai_request_free)

gboolean oai_request_has_body (OaiRequest *self);
/* Whether the body is a stream that can be sent once only. */
gboolean oai_request_has_body_once (OaiRequest *self);
/* Whether the body can be sent, also for a retry. */
gboolean oai_request_can_retry (OaiRequest *self);
/* Whether libsoup could not process the request or its reply with HTTP/2. */
gboolean oai_request_requires_http1 (OaiRequest *self);

G_END_DECLS
