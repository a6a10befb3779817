/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The selection of a server for a request to the proxy. */

#include <string.h>

#include "oai-proxy-error.h"
#include "oai-router-private.h"

static gint64 now;
static double next_random;

static gint64
get_time (void)
{
  return now;
}

static double
get_random (void)
{
  return next_random;
}

static const OaiRouterFuncs funcs = { get_time, get_random };

static const OaiRetryAnswer success = { .status = 200 };
static const OaiRetryAnswer no_reply = { .status = 0 };

static OaiRouter *
new_router (void)
{
  now = 1000 * G_USEC_PER_SEC;
  next_random = 0;

  return oai_router_new_with_funcs (&funcs);
}

/* models: names with spaces between them, or NULL */
static OaiProxyUpstream *
add (OaiRouter *router, const char *name, const char *models)
{
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiProxyUpstream) upstream = oai_proxy_upstream_new (name, client);

  if (models != NULL)
    {
      g_auto(GStrv) patterns = g_strsplit (models, " ", -1);

      oai_proxy_upstream_set_models (upstream, (const char *const *) patterns);
    }
  oai_router_add (router, upstream);

  return upstream;
}

static const char *
choose (OaiRoute *route, const char *model)
{
  g_autoptr(GError) error = NULL;
  OaiProxyUpstream *upstream = oai_route_choose (route, model, &error);

  if (upstream == NULL)
    g_assert_cmpint (error->domain, ==, OAI_PROXY_ERROR);
  else
    g_assert_no_error (error);

  return upstream != NULL ? oai_proxy_upstream_get_name (upstream) : "none";
}

/* Sends one request, with the given reply. */
static const char *
send (OaiRouter *router, const char *model, const OaiRetryAnswer *reply)
{
  OaiRoute route;
  const char *name;

  oai_route_init (&route, router);
  name = choose (&route, model);
  if (reply != NULL)
    oai_route_report (&route, reply);
  oai_route_clear (&route);

  return name;
}

static void
test_models (void)
{
  g_autoptr(OaiRouter) router = new_router ();
  g_autoptr(GError) error = NULL;
  OaiRoute route;

  add (router, "openai", "gpt-* o3");
  add (router, "local", "llama*");
  g_assert_cmpstr (send (router, "gpt-5.1", &success), ==, "openai");
  g_assert_cmpstr (send (router, "o3", &success), ==, "openai");
  g_assert_cmpstr (send (router, "llama-3", &success), ==, "local");
  g_assert_cmpstr (send (router, NULL, &success), ==, "openai");

  oai_route_init (&route, router);
  g_assert_null (oai_route_choose (&route, "o3-mini", &error));
  g_assert_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "`o3-mini`"));
  oai_route_clear (&route);
}

static void
test_long_model (void)
{
  g_autoptr(OaiRouter) router = new_router ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) model = g_string_new (NULL);
  OaiRoute route;

  add (router, "openai", "gpt-*");
  for (guint i = 0; i < 10000; i++)
    g_string_append (model, "\303\244");
  oai_route_init (&route, router);
  g_assert_null (oai_route_choose (&route, model->str, &error));
  g_assert_cmpuint (strlen (error->message), <, 300);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  oai_route_clear (&route);
}

static void
test_no_upstream (void)
{
  g_autoptr(OaiRouter) router = new_router ();
  g_autoptr(GError) error = NULL;
  OaiRoute route;

  oai_route_init (&route, router);
  g_assert_null (oai_route_choose (&route, NULL, &error));
  g_assert_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
  oai_route_report (&route, &success);
  oai_route_clear (&route);
}

static void
test_weights (void)
{
  g_autoptr(OaiRouter) router = new_router ();
  guint n[2] = { 0 };

  oai_proxy_upstream_set_weight (add (router, "one", NULL), 1);
  oai_proxy_upstream_set_weight (add (router, "three", NULL), 3);
  for (guint i = 0; i < 1000; i++)
    {
      next_random = i / 1000.0;
      n[*send (router, "m", &success) == 't']++;
    }
  g_assert_cmpuint (n[0], ==, 250);
  g_assert_cmpuint (n[1], ==, 750);
}

static void
test_priorities (void)
{
  g_autoptr(OaiRouter) router = new_router ();
  OaiRoute route;

  oai_proxy_upstream_set_priority (add (router, "second", NULL), 5);
  add (router, "first", "gpt");
  oai_proxy_upstream_set_priority (add (router, "third", NULL), 9);
  g_assert_cmpstr (send (router, "gpt", &success), ==, "first");
  g_assert_cmpstr (send (router, "other", &success), ==, "second");
  g_assert_cmpstr (send (router, NULL, &success), ==, "first");

  oai_route_init (&route, router);
  g_assert_cmpstr (choose (&route, "gpt"), ==, "first");
  oai_route_report (&route, &no_reply);
  g_assert_true (oai_route_can_fall_back (&route, "gpt", &no_reply));
  g_assert_cmpstr (choose (&route, "gpt"), ==, "second");
  g_assert_true (oai_route_can_fall_back (&route, "gpt", &no_reply));
  g_assert_cmpstr (choose (&route, "gpt"), ==, "third");
  g_assert_false (oai_route_can_fall_back (&route, "gpt", &no_reply));
  g_assert_cmpstr (choose (&route, "gpt"), ==, "none");
  oai_route_clear (&route);
}

static void
test_fallback_statuses (void)
{
  static const guint yes[] = { 0, 408, 429, 500, 502, 503, 504, 529 };
  static const guint no[] = { 101, 200, 204, 301, 400, 401, 403, 404, 409, 413, 422, 501, 505 };
  g_autoptr(OaiRouter) router = new_router ();
  OaiRoute route;

  add (router, "a", NULL);
  add (router, "b", NULL);
  oai_route_init (&route, router);
  choose (&route, "m");
  for (guint i = 0; i < G_N_ELEMENTS (yes); i++)
    {
      OaiRetryAnswer reply = { .status = yes[i] };

      g_assert_true (oai_route_can_fall_back (&route, "m", &reply));
      /* The objects of the API exist on one server. */
      g_assert_false (oai_route_can_fall_back (&route, NULL, &reply));
      reply.should_retry = "false";
      g_assert_false (oai_route_can_fall_back (&route, "m", &reply));
    }
  for (guint i = 0; i < G_N_ELEMENTS (no); i++)
    {
      OaiRetryAnswer reply = { .status = no[i] };

      g_assert_false (oai_route_can_fall_back (&route, "m", &reply));
    }
  oai_route_clear (&route);
}

static void
test_unhealthy (void)
{
  g_autoptr(OaiRouter) router = new_router ();
  OaiProxyUpstream *a = add (router, "a", NULL);
  OaiProxyUpstream *b = add (router, "b", NULL);
  OaiRoute route;

  oai_proxy_upstream_set_priority (b, 1);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (oai_proxy_upstream_is_healthy (a));
      g_assert_cmpstr (send (router, "m", &no_reply), ==, "a");
    }
  g_assert_false (oai_proxy_upstream_is_healthy (a));
  g_assert_cmpstr (send (router, "m", &success), ==, "b");

  /* After the time, one request probes it, and others avoid it. */
  now += G_USEC_PER_SEC;
  oai_route_init (&route, router);
  g_assert_cmpstr (choose (&route, "m"), ==, "a");
  g_assert_cmpstr (send (router, "m", &success), ==, "b");
  oai_route_report (&route, &no_reply);
  oai_route_clear (&route);
  now += 2 * G_USEC_PER_SEC - 1;
  g_assert_cmpstr (send (router, "m", &success), ==, "b");
  now += 1;
  /* A probe without a result is repeated. */
  g_assert_cmpstr (send (router, "m", NULL), ==, "a");
  g_assert_cmpstr (send (router, "m", &success), ==, "a");
  g_assert_true (oai_proxy_upstream_is_healthy (a));
}

static void
test_all_unhealthy (void)
{
  g_autoptr(OaiRouter) router = new_router ();
  OaiRetryAnswer limited = { .status = 429, .retry_after = "30" };

  add (router, "a", NULL);
  add (router, "b", NULL);
  g_assert_cmpstr (send (router, "m", &limited), ==, "a");
  now += G_USEC_PER_SEC;
  g_assert_cmpstr (send (router, "m", &limited), ==, "b");
  g_assert_cmpstr (send (router, "m", &success), ==, "a");
  g_assert_cmpstr (send (router, "m", &success), ==, "a");
}

static void
test_requested_delay (void)
{
  g_autoptr(OaiRouter) router = new_router ();
  OaiRetryAnswer day = { .status = 503, .retry_after = "86400" };

  add (router, "a", NULL);
  oai_proxy_upstream_set_priority (add (router, "b", NULL), 1);
  send (router, "m", &day);
  g_assert_cmpstr (send (router, "m", &success), ==, "b");
  now += 60 * G_USEC_PER_SEC;
  g_assert_cmpstr (send (router, "m", &success), ==, "a");
}

/* Many requests fail at once when a server is stopped: that counts as one failure after the limit. */
static void
test_many_failures_at_once (void)
{
  g_autoptr(OaiRouter) router = new_router ();
  OaiProxyUpstream *a = add (router, "a", NULL);
  OaiRoute routes[100];

  for (guint i = 0; i < 100; i++)
    {
      oai_route_init (&routes[i], router);
      choose (&routes[i], "m");
    }
  g_assert_cmpuint (oai_proxy_upstream_get_n_active (a), ==, 100);
  for (guint i = 0; i < 100; i++)
    {
      oai_route_report (&routes[i], &no_reply);
      oai_route_clear (&routes[i]);
    }
  g_assert_cmpuint (oai_proxy_upstream_get_n_active (a), ==, 0);
  g_assert_cmpint (oai_proxy_upstream_get_health (a)->until, ==, now + G_USEC_PER_SEC);
}

static void
test_max_concurrent (void)
{
  g_autoptr(OaiRouter) router = new_router ();
  g_autoptr(GError) error = NULL;
  OaiProxyUpstream *a = add (router, "a", NULL);
  OaiRoute first;
  OaiRoute second;

  oai_proxy_upstream_set_max_concurrent (a, 1);
  oai_route_init (&first, router);
  oai_route_init (&second, router);
  g_assert_cmpstr (choose (&first, "m"), ==, "a");
  g_assert_null (oai_route_choose (&second, "m", &error));
  g_assert_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
  oai_route_clear (&first);
  g_assert_cmpstr (choose (&second, "m"), ==, "a");
  oai_route_clear (&second);
}

/* A configuration that is loaded again removes upstreams while they serve requests. */
static void
test_removed (void)
{
  g_autoptr(OaiRouter) router = new_router ();
  OaiProxyUpstream *a = add (router, "a", NULL);
  OaiRoute route;

  oai_route_init (&route, router);
  choose (&route, "m");
  g_assert_true (oai_router_remove (router, a));
  add (router, "b", NULL);
  oai_route_report (&route, &no_reply);
  g_assert_cmpstr (choose (&route, "m"), ==, "b");
  g_assert_false (oai_router_remove (router, a));
  g_clear_pointer (&router, oai_router_unref);
  oai_route_clear (&route);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/proxy/router/models", test_models);
  g_test_add_func ("/proxy/router/long-model", test_long_model);
  g_test_add_func ("/proxy/router/no-upstream", test_no_upstream);
  g_test_add_func ("/proxy/router/weights", test_weights);
  g_test_add_func ("/proxy/router/priorities", test_priorities);
  g_test_add_func ("/proxy/router/fallback-statuses", test_fallback_statuses);
  g_test_add_func ("/proxy/router/unhealthy", test_unhealthy);
  g_test_add_func ("/proxy/router/all-unhealthy", test_all_unhealthy);
  g_test_add_func ("/proxy/router/requested-delay", test_requested_delay);
  g_test_add_func ("/proxy/router/many-failures-at-once", test_many_failures_at_once);
  g_test_add_func ("/proxy/router/max-concurrent", test_max_concurrent);
  g_test_add_func ("/proxy/router/removed", test_removed);

  return g_test_run ();
}
