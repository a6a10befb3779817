/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An asynchronous operation of libsoup, of GIO or of the program that an owner waits for.  Since it
 * may complete late or never, it holds no reference to the owner, which may abandon it. */

#pragma once

#include "oai-version.h"

G_BEGIN_DECLS

typedef struct _OaiPending OaiPending;

/* Returns the user data for the callback of the operation.  *location belongs to the owner; it is
 * set to the result until the operation is claimed or abandoned. */
_OAI_INTERNAL
OaiPending *oai_pending_new (OaiPending **location, gpointer owner);
/* To be called once, in the callback.  Returns the owner, or NULL if the operation was abandoned.
 * Frees self. */
_OAI_INTERNAL
gpointer oai_pending_claim (OaiPending *self);
/* Returns TRUE if the operation had not completed. */
_OAI_INTERNAL
gboolean oai_pending_abandon (OaiPending **location);

G_END_DECLS
