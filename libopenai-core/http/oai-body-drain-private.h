/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Drains a body that is no longer needed, so that its connection can be used again. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Takes the pollable body.  Reads the rest as it arrives.  Closes the body, and with it the
 * connection, if there is more than a little or if it takes longer than a second. */
void oai_body_drain (GInputStream *body, GMainContext *context);

G_END_DECLS
