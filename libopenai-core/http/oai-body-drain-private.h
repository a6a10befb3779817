/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Drains a response body whose rest is not needed and short. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Takes the pollable body.  Reads its end for a moment, as it comes, so that the
 * connection can be used again; closes it where there is more. */
void oai_body_drain (GInputStream *body, GMainContext *context);

G_END_DECLS
