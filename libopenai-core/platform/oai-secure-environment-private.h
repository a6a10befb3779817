/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Environment variables that are ignored in setuid programs. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* The value of a variable that selects code to load.  NULL if it is not set, or if the process runs
 * with more rights than its user has, as setuid programs do. */
_OAI_INTERNAL
const char *oai_secure_environment_get (const char *name);

G_END_DECLS
