/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads what has arrived at a socket after its owner has closed it. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A duplicate of the descriptor; -1 if that is not possible here. */
int oai_socket_copy (GSocket *socket);
/* Appends the bytes that have arrived, up to max, without waiting. */
void oai_socket_copy_read (int copy, GByteArray *bytes, guint max);
void oai_socket_copy_close (int copy);

G_END_DECLS
