/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which calls of the operating system the files of this folder use.  Each has a portable fallback.
 * With the Meson option platform=generic, all fallbacks are compiled. */

#pragma once

#include <glib.h>

#include "oai-platform-config.h"

#ifndef OAI_PLATFORM_GENERIC

#ifdef HAVE_GIO_UNIX
/* GFileDescriptorBased */
#define OAI_HAVE_GIO_UNIX
#endif

#ifdef G_OS_UNIX
/* Owners and permissions of files, openat(), link(), sockets as file descriptors */
#define OAI_HAVE_UNIX
#endif

#if defined (__linux__) || defined (__FreeBSD__) || defined (__OpenBSD__)
#define OAI_HAVE_EXPLICIT_BZERO
#endif

#ifdef __linux__
/* secure_getenv(), gettid(), and madvise() with huge pages */
#define OAI_HAVE_LINUX
#endif

#ifdef __GLIBC__
/* dlinfo(), dl_iterate_phdr() */
#define OAI_HAVE_DLINFO
#endif

#endif
