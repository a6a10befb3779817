/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is known of servers for this machine: where they listen, and how their replies differ. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An address.  Several servers may use one address; it is listed once. */
typedef struct
{
  guint16 port;       /* on loopback; 0 for a socket */
  const char *socket; /* a UNIX socket: an absolute path, or a path below the user's runtime directory */
  const char *base;   /* the path of the base URL */
  const char *name;   /* of the server if no trait matches, or NULL for a general name */
} OaiLocalAddress;

/* How a server is recognized.  A trait has one or more conditions, each of which suffices; traits are
 * tried in order. */
typedef struct
{
  const char *name;
  const char *server;   /* the beginning of the header Server */
  const char *owned_by; /* the value of "owned_by" of a model, without case */
  const char *path;     /* a path whose reply contains text, for servers that the list of models does not show */
  const char *text;
} OaiLocalTrait;

/* The last element of each array is empty. */
typedef struct
{
  const OaiLocalAddress *addresses;
  const OaiLocalTrait *traits;
} OaiLocalServerTable;

const OaiLocalServerTable *oai_local_server_table_get (void);
/* For tests.  NULL restores the table of the library.  Borrows the table. */
void oai_local_server_table_replace (const OaiLocalServerTable *table);

G_END_DECLS
