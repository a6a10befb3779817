/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client and a server. */

#pragma once

#include <openai-1/openai.h>

#include <glib/gstdio.h>

#include "oai-mock.h"

typedef struct
{
  OaiMockServer *server;
  OaiClient *client;
} Fixture;

static void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiSettings) settings = NULL;

  fixture->server = oai_mock_server_new ();
  oai_mock_server_start_in_thread (fixture->server, &error);
  g_assert_no_error (error);

  settings = oai_settings_new_for_base_url (oai_mock_server_get_base_url (fixture->server), &error);
  g_assert_no_error (error);
  fixture->client = oai_client_new (auth, settings);
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->client);
  oai_mock_server_stop (fixture->server);
  g_clear_object (&fixture->server);
}

/* All requests match OpenAI's document. */
static inline void
assert_no_violations (Fixture *fixture)
{
  g_auto(GStrv) violations = oai_mock_server_dup_violations (fixture->server);

  g_assert_cmpstr (violations[0], ==, NULL);
}

/* A path for one file in a separate directory. */
typedef struct
{
  char *directory;
  GFile *target;
} Place;

static inline void
place_init (Place *place, const char *name)
{
  g_autofree char *path = NULL;

  place->directory = g_dir_make_tmp ("oai-test-XXXXXX", NULL);
  path = g_build_filename (place->directory, name, NULL);
  place->target = g_file_new_for_path (path);
}

/* Fails if the directory contains anything else. */
static inline void
place_clear (Place *place)
{
  g_file_delete (place->target, NULL, NULL);
  g_assert_cmpint (g_rmdir (place->directory), ==, 0);
  g_clear_pointer (&place->directory, g_free);
  g_clear_object (&place->target);
}

static inline void
keep_result (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static inline void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

#define TEST(path, function) g_test_add (path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
