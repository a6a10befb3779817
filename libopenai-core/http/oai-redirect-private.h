/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How requests change when they are redirected. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean oai_redirect_is_redirect (guint status);
/* Whether the next request is a GET without a body. */
gboolean oai_redirect_becomes_get (guint status, const char *method);

G_END_DECLS
