/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A UNIX socket whose connections lead to a server on loopback, in a separate thread. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _UnixRelay UnixRelay;

/* port: of the server */
UnixRelay *unix_relay_new (guint16 port);
/* Removes the socket. */
void unix_relay_free (UnixRelay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnixRelay, unix_relay_free)

const char *unix_relay_get_path (UnixRelay *self);
guint unix_relay_get_n_connections (UnixRelay *self);

G_END_DECLS
