/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Overwrites memory that held a secret. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* The compiler does not remove it, although the memory is not read afterwards. */
_OAI_INTERNAL
void oai_wipe (gpointer data, gsize size);

G_END_DECLS
