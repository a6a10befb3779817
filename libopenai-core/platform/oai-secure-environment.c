/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-secure-environment-private.h"

#include "oai-platform-private.h"

#if defined (OAI_HAVE_LINUX)

#include <stdlib.h>

const char *
oai_secure_environment_get (const char *name)
{
  return secure_getenv (name);
}

#elif defined (G_OS_UNIX)

#include <unistd.h>

const char *
oai_secure_environment_get (const char *name)
{
  if (getuid () != geteuid () || getgid () != getegid ())
    return NULL;

  return g_getenv (name);
}

#else

const char *
oai_secure_environment_get (const char *name)
{
  return g_getenv (name);
}

#endif
