/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Strings that contain keys. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Overwrites the string before it is freed.  text: nullable. */
_OAI_INTERNAL
void oai_secret_free (gpointer text);

/* A variable whose string is freed like that at the end of its scope. */
#define oai_autosecret _GLIB_CLEANUP (oai_secret_cleanup)

static inline void
oai_secret_cleanup (gpointer variable)
{
  oai_secret_free (*(char **) variable);
}

G_END_DECLS
