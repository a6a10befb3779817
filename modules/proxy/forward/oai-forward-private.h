/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One attempt to send a client's request to a server: the request to the server, and its reply as raw bytes. */

#pragma once

#include "oai-client-private.h"
#include "oai-upstream-exchange-private.h"

G_BEGIN_DECLS

typedef struct _OaiForward OaiForward;

typedef struct
{
  /* The head of the final reply, and the length of the body, or -1. */
  void (*head) (const OaiUpstreamHead *head, gint64 length, gpointer user_data);
  /* Bytes of the body.  Returns FALSE to pause until oai_forward_resume().  Must not free the attempt. */
  gboolean (*body) (const char *data, gsize size, gpointer user_data);
  /* The reply is complete, or the attempt has failed.  Borrows error.  Called once, and not after oai_forward_free(). */
  void (*done) (const GError *error, gpointer user_data);
} OaiForwardFuncs;

/* Either bytes, or funcs and their data; neither without a body. */
typedef struct
{
  GBytes *bytes;
  const OaiUpstreamBodyFuncs *funcs;
  gpointer data;
  gint64 length; /* of the body of funcs; -1 if it is not known */
} OaiForwardBody;

/* What all attempts of a server share. */
typedef struct
{
  OaiUpstreamPool *pool;
  GByteArray *buffer; /* for received bytes while they are processed */
} OaiForwardContext;

/* Takes request, which is passed through, and fields, its headers.  Borrows context, and the data of the body. */
OaiForward *oai_forward_new (const OaiForwardContext *context, OaiClient *client, OaiRequest *request, OaiHttpFields *fields,
                             const OaiForwardBody *body, const OaiForwardFuncs *funcs, gpointer user_data);
/* May call done(). */
void oai_forward_start (OaiForward *self);
void oai_forward_resume (OaiForward *self);
/* The body has more bytes. */
void oai_forward_wake (OaiForward *self);
/* In head(): the headers that the client receives.  They use memory of the head. */
OaiHttpFields *oai_forward_build_reply_fields (OaiForward *self, const OaiUpstreamHead *head);
/* Ends the attempt; the connection to the server is closed if the reply is not complete. */
void oai_forward_free (OaiForward *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiForward, oai_forward_free)

G_END_DECLS
