/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiProxyRequest for the server. */

#pragma once

#include "oai-http-head-private.h"
#include "oai-proxy-request.h"

G_BEGIN_DECLS

#define OAI_PROXY_REQUEST_ID_SIZE sizeof "req_0123456789abcd0123456789abcdef"

/* What the listener knows of a client; all nullable. */
typedef struct
{
  GSocketAddress *address;
  GTlsCertificate *certificate;
  GCredentials *credentials;
} OaiProxyPeer;

/* Called once, with an identity or an error, within accept() or refuse(), or when the last reference to a
 * request without an answer is released.  Borrows both. */
typedef void (*OaiProxyAnswerFunc) (OaiProxyIdentity *identity, const GError *error, gpointer user_data);

/* Borrows head, for as long as the request exists or until oai_proxy_request_detach(). */
OaiProxyRequest *oai_proxy_request_new (const OaiHttpHead *head, const OaiProxyPeer *peer);
/* Copies what the getters return, since the head is freed. */
void oai_proxy_request_detach (OaiProxyRequest *self);

const OaiHttpHead *oai_proxy_request_get_head (OaiProxyRequest *self);
/* An identifier of a request, which begins with the time: a database appends records that are in order of their keys. */
void oai_proxy_request_create_id (char id[OAI_PROXY_REQUEST_ID_SIZE]);
/* path: within the head; after the prefix and the base path of the API. */
void oai_proxy_request_set_path (OaiProxyRequest *self, const char *path);
/* operation: interned. */
void oai_proxy_request_set_operation (OaiProxyRequest *self, const char *operation);
void oai_proxy_request_set_model (OaiProxyRequest *self, const char *model);
void oai_proxy_request_set_identity (OaiProxyRequest *self, OaiProxyIdentity *identity);
/* Waits for accept() or refuse() of the program.  func: NULL stops waiting. */
void oai_proxy_request_wait (OaiProxyRequest *self, OaiProxyAnswerFunc func, gpointer user_data);
/* The address of the client for logs, without a port; or NULL. */
char *oai_proxy_request_dup_peer (OaiProxyRequest *self);
/* The client went away. */
void oai_proxy_request_cancel (OaiProxyRequest *self);

G_END_DECLS
