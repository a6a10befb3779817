/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests of the mock service share. */

#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "oai-mock.h"

G_BEGIN_DECLS

/* A service in a separate thread, and an HTTP session. */
typedef struct {
  OaiMockServer *server;
  SoupSession *session;
  guint status;
  char *text;
  GBytes *bytes;
  JsonNode *json;
  SoupMessageHeaders *headers;
} Test;

typedef void (*TestFunction) (Test *test, gconstpointer data);

void test_add (const char *name, TestFunction function);
gboolean test_try (Test *test, const char *method, const char *path, const char *body, GError **error);
void test_send (Test *test, const char *method, const char *path, const char *body);
void test_send_message (Test *test, SoupMessage *message, const char *body);
void test_expect (Test *test, guint status, const char *method, const char *path, const char *body);
void test_send_form (Test *test, const char *path, const char *boundary, const char *form, gsize length);
const char *test_string (Test *test, const char *path);
gint64 test_int (Test *test, const char *path);
guint test_count (Test *test, const char *path);
GPtrArray *test_events (Test *test);
JsonNode *test_find_value (JsonNode *node, const char *path);
char *test_event_string (GPtrArray *events, guint index, const char *path);
void test_no_violations (Test *test);

void test_add_api (void);
void test_add_assistants (void);
void test_add_faults (void);
void test_add_chat (void);
void test_add_responses (void);
void test_add_socket (void);
void test_add_validation (void);

G_END_DECLS
