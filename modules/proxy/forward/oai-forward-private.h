/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One attempt to send a client's request to a server: the request to the server, and its reply as raw bytes. */

#pragma once

#include "oai-exchange-private.h"

G_BEGIN_DECLS

typedef struct _OaiForward OaiForward;

typedef struct
{
  /* The head of the final reply. */
  void (*head) (guint status, SoupMessageHeaders *headers, gpointer user_data);
  /* Bytes of the body.  Returns FALSE to pause until oai_forward_resume().  Must not free the attempt. */
  gboolean (*body) (const char *data, gsize size, gpointer user_data);
  /* The reply is complete, or the attempt has failed.  Borrows error.  Called once, and not after oai_forward_free(). */
  void (*done) (const GError *error, gpointer user_data);
} OaiForwardFuncs;

/* Takes request, which is passed through.  buffer: for the bytes of the body while they are processed; it can be
 * shared by all requests of a main context. */
OaiForward *oai_forward_new (OaiClient *client, OaiRequest *request, GByteArray *buffer, const OaiForwardFuncs *funcs, gpointer user_data);
void oai_forward_start (OaiForward *self);
void oai_forward_resume (OaiForward *self);
/* Ends the attempt; the connection to the server is closed if the reply is not complete. */
void oai_forward_free (OaiForward *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiForward, oai_forward_free)

G_END_DECLS
