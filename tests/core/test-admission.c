/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How many requests over HTTP/1.1 and TLS are sent at the same time. */

#include <glib.h>

#include "oai-admission-private.h"

#define MS G_GINT64_CONSTANT (1000)
#define MINUTE (60 * G_USEC_PER_SEC)

/* The time at which the tests start. */
#define START (1000 * MS)

static guint
enter_all (OaiAdmission *self, gint64 now)
{
  guint n = 0;

  while (n < 1000 && oai_admission_enter (self, now))
    n++;

  return n;
}

static void
leave_all (OaiAdmission *self, gint64 now)
{
  while (self->active > 0)
    oai_admission_leave (self, now);
}

/* A server that replies soon gets few connections. */
static void
test_fast (void)
{
  OaiAdmission admission;
  gint64 now = START;

  oai_admission_init (&admission);
  oai_admission_set_shared (&admission, FALSE);
  g_assert_cmpuint (enter_all (&admission, now), ==, 4);
  oai_admission_note_connection (&admission, now);
  for (guint i = 0; i < 1000; i++)
    {
      now += 1 * MS;
      oai_admission_leave (&admission, now);
      /* The first request has waited for the replies to those before it. */
      oai_admission_update (&admission, now - 40 * MS, now);
      g_assert_cmpuint (enter_all (&admission, now), ==, 1);
    }
}

/* If requests wait, the limit doubles. */
static void
test_slow (void)
{
  OaiAdmission admission;
  gint64 now = START;

  oai_admission_init (&admission);
  oai_admission_set_shared (&admission, FALSE);
  g_assert_cmpuint (enter_all (&admission, now), ==, 4);
  oai_admission_note_connection (&admission, now);
  for (guint expected = 4; expected <= 64; expected *= 2)
    {
      gint64 next = oai_admission_get_next (&admission, START);

      g_assert_cmpint (next, ==, now + 50 * MS);
      oai_admission_update (&admission, START, next - 1);
      g_assert_cmpuint (enter_all (&admission, next - 1), ==, 0);
      oai_admission_update (&admission, START, next);
      g_assert_cmpuint (enter_all (&admission, next), ==, expected);
      now = next;
    }
}

/* Connections that are being opened do not make the limit rise, and do not block for long. */
static void
test_connecting (void)
{
  OaiAdmission admission;
  gint64 now = START;

  oai_admission_init (&admission);
  oai_admission_set_shared (&admission, FALSE);
  g_assert_cmpuint (enter_all (&admission, now), ==, 4);
  g_assert_cmpint (oai_admission_get_next (&admission, START), ==, START + 1000 * MS);
  oai_admission_update (&admission, START, START + 1000 * MS);
  g_assert_cmpuint (enter_all (&admission, START + 1000 * MS), ==, 4);
  oai_admission_note_connection (&admission, START + 1200 * MS);
  g_assert_cmpint (oai_admission_get_next (&admission, START), ==, START + 1250 * MS);
}

/* The first request finds out whether connections are shared. */
static void
test_unknown (void)
{
  OaiAdmission admission;

  oai_admission_init (&admission);
  g_assert_cmpuint (enter_all (&admission, START), ==, 1);
  oai_admission_note_connection (&admission, START);
  oai_admission_set_shared (&admission, FALSE);
  g_assert_cmpuint (enter_all (&admission, START), ==, 3);
}

static void
test_shared (void)
{
  OaiAdmission admission;

  oai_admission_init (&admission);
  oai_admission_set_shared (&admission, TRUE);
  g_assert_cmpuint (enter_all (&admission, START), ==, 1000);
  leave_all (&admission, START);
  oai_admission_set_shared (&admission, FALSE);
  g_assert_cmpuint (enter_all (&admission, START), ==, 4);
}

/* Without requests, libsoup closes the connections. */
static void
test_unused (void)
{
  OaiAdmission admission;
  gint64 now = START;

  oai_admission_init (&admission);
  oai_admission_set_shared (&admission, FALSE);
  enter_all (&admission, now);
  oai_admission_note_connection (&admission, now);
  now += 50 * MS;
  oai_admission_update (&admission, START, now);
  g_assert_cmpuint (enter_all (&admission, now), ==, 4);
  leave_all (&admission, now);

  g_assert_cmpuint (enter_all (&admission, now + MINUTE - 1), ==, 8);
  leave_all (&admission, now + MINUTE);
  g_assert_cmpuint (enter_all (&admission, now + 2 * MINUTE), ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/admission/a-fast-server", test_fast);
  g_test_add_func ("/admission/a-slow-server", test_slow);
  g_test_add_func ("/admission/connections-that-are-being-opened", test_connecting);
  g_test_add_func ("/admission/unknown-connections", test_unknown);
  g_test_add_func ("/admission/shared-connections", test_shared);
  g_test_add_func ("/admission/connections-that-were-unused", test_unused);

  return g_test_run ();
}
