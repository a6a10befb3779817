/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Waiting for a condition in the default main context. */

#pragma once

#include <glib.h>

/* Iterates the default context until a condition holds; fails after three minutes, since valgrind runs one thread at a time. */
#define wait_until(condition) \
  G_STMT_START { \
    gint64 deadline_ = g_get_monotonic_time () + 180 * G_USEC_PER_SEC; \
    while (!(condition)) \
      { \
        g_assert_cmpint (g_get_monotonic_time (), <, deadline_); \
        if (!g_main_context_iteration (NULL, FALSE)) \
          g_usleep (500); \
      } \
  } G_STMT_END
