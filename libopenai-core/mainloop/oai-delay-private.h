/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A pause. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Ends after so many milliseconds, or with G_IO_ERROR_CANCELLED, in the thread-default main context. */
_OAI_INTERNAL
void oai_delay_async (guint milliseconds, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
_OAI_INTERNAL
gboolean oai_delay_finish (GAsyncResult *result, GError **error);

G_END_DECLS
