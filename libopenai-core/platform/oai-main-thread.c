/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-main-thread-private.h"

#include "oai-platform-private.h"

#ifdef OAI_HAVE_LINUX

#include <sys/syscall.h>
#include <unistd.h>

gboolean
oai_is_main_thread (void)
{
  return syscall (SYS_gettid) == getpid ();
}

#else

gboolean
oai_is_main_thread (void)
{
  return TRUE;
}

#endif
