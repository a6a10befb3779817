/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-secret-private.h"

#include <string.h>

#include "oai-wipe-private.h"

void
oai_secret_free (gpointer text)
{
  if (text != NULL)
    oai_wipe (text, strlen (text));
  g_free (text);
}
