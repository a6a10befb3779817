/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-redirect-private.h"

gboolean
oai_redirect_is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

gboolean
oai_redirect_becomes_get (guint status, const char *method)
{
  return status == 303 || ((status == 301 || status == 302) && g_strcmp0 (method, "POST") == 0);
}
