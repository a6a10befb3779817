/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An asynchronous operation of libsoup, of GIO or of the program that something waits for.
 * It may complete late or never, so it does not hold what waits for it. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _OaiPending OaiPending;

/* The user data of the operation's callback; set in place, which belongs to owner, until it
 * is claimed or abandoned.  Borrows owner. */
OaiPending *oai_pending_new (OaiPending **place, gpointer owner);
/* In the callback, once: the owner, or NULL when the operation was abandoned.  Frees self. */
gpointer oai_pending_claim (OaiPending *self);
/* Nothing waits for the operation any more.  TRUE when it had not completed. */
gboolean oai_pending_abandon (OaiPending **place);

G_END_DECLS
