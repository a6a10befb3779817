/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* As G_DEFINE_QUARK(), but safe if several threads make the first call. */

#pragma once

#include <glib.h>

#define OAI_DEFINE_QUARK(name, function_name) \
  GQuark \
  function_name##_quark (void) \
  { \
    static int made; \
    int quark = g_atomic_int_get (&made); \
    \
    if (G_UNLIKELY (quark == 0)) \
      { \
        quark = (int) g_quark_from_static_string (name); \
        g_atomic_int_set (&made, quark); \
      } \
    \
    return (GQuark) quark; \
  }
