/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A source for a socket that becomes readable many times.
 *
 * While GLib dispatches a source, it removes the descriptor from those that it polls, and then adds
 * it again.  With each of the two it wakes the main loop by a write to an eventfd, which the loop
 * has to read.  That is more work than receiving an event of a stream.  This source removes its
 * descriptor only if its callback iterates the main loop and the socket becomes readable meanwhile.
 * The source is not dispatched again then, like other sources of GLib.
 */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* A source with a GSourceFunc; NULL if the socket is closed, or if there is no such source on this
 * system. */
_OAI_INTERNAL
GSource *oai_socket_source_new (GSocket *socket);

G_END_DECLS
