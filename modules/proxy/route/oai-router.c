/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-router-private.h"

#include <string.h>

#include "oai-proxy-error.h"

/* The number of characters of a model that an error shows. */
#define MAX_SHOWN 100

struct _OaiRouter
{
  int ref_count;
  GPtrArray *upstreams; /* of OaiProxyUpstream, in the order in which they were added */
  const OaiRouterFuncs *funcs;
};

static const OaiRouterFuncs default_funcs = { g_get_monotonic_time, g_random_double };

OaiRouter *
oai_router_new (void)
{
  return oai_router_new_with_funcs (&default_funcs);
}

OaiRouter *
oai_router_new_with_funcs (const OaiRouterFuncs *funcs)
{
  OaiRouter *self = g_new0 (OaiRouter, 1);

  self->ref_count = 1;
  self->upstreams = g_ptr_array_new_with_free_func (g_object_unref);
  self->funcs = funcs;

  return self;
}

OaiRouter *
oai_router_ref (OaiRouter *self)
{
  self->ref_count++;
  return self;
}

void
oai_router_unref (OaiRouter *self)
{
  if (--self->ref_count > 0)
    return;

  g_ptr_array_unref (self->upstreams);
  g_free (self);
}

void
oai_router_add (OaiRouter *self, OaiProxyUpstream *upstream)
{
  g_ptr_array_add (self->upstreams, g_object_ref (upstream));
}

gboolean
oai_router_remove (OaiRouter *self, OaiProxyUpstream *upstream)
{
  return g_ptr_array_remove (self->upstreams, upstream);
}

guint
oai_router_get_n (OaiRouter *self)
{
  return self->upstreams->len;
}

OaiProxyUpstream *
oai_router_get_nth (OaiRouter *self, guint index)
{
  return self->upstreams->pdata[index];
}

/* Selection */

typedef struct
{
  guint n_serving; /* have the model */
  guint n_untried; /* have the model, and were not tried */
  guint priority;  /* of the best usable ones */
  guint64 weight;  /* of all usable ones of that priority */
  OaiProxyUpstream *resting; /* the unhealthy one with room that has been so for the longest time */
} Survey;

static gboolean
was_tried (OaiRoute *self, OaiProxyUpstream *upstream)
{
  return upstream == self->upstream || (self->tried != NULL && g_ptr_array_find (self->tried, upstream, NULL));
}

/* Without a model, only the first upstream by priority can serve the request. */
static OaiProxyUpstream *
get_first (OaiRouter *self)
{
  OaiProxyUpstream *first = NULL;

  for (guint i = 0; i < self->upstreams->len; i++)
    {
      OaiProxyUpstream *upstream = self->upstreams->pdata[i];

      if (first == NULL || oai_proxy_upstream_get_priority (upstream) < oai_proxy_upstream_get_priority (first))
        first = upstream;
    }

  return first;
}

static gboolean
serves (OaiProxyUpstream *upstream, const char *model, OaiProxyUpstream *first)
{
  return model != NULL ? oai_proxy_upstream_has_model (upstream, model) : upstream == first;
}

static void
survey_usable (Survey *survey, OaiProxyUpstream *upstream)
{
  guint priority = oai_proxy_upstream_get_priority (upstream);

  if (survey->weight == 0 || priority < survey->priority)
    {
      survey->priority = priority;
      survey->weight = 0;
    }
  if (priority == survey->priority)
    survey->weight += oai_proxy_upstream_get_weight (upstream);
}

static void
survey_resting (Survey *survey, OaiProxyUpstream *upstream)
{
  if (survey->resting == NULL || oai_proxy_upstream_get_health (upstream)->until < oai_proxy_upstream_get_health (survey->resting)->until)
    survey->resting = upstream;
}

static Survey
survey_upstreams (OaiRoute *self, const char *model, gint64 now)
{
  OaiRouter *router = self->router;
  OaiProxyUpstream *first = model == NULL ? get_first (router) : NULL;
  Survey survey = { 0 };

  for (guint i = 0; i < router->upstreams->len; i++)
    {
      OaiProxyUpstream *upstream = router->upstreams->pdata[i];

      if (!serves (upstream, model, first))
        continue;
      survey.n_serving++;
      if (was_tried (self, upstream))
        continue;
      survey.n_untried++;
      if (!oai_proxy_upstream_has_room (upstream))
        continue;
      if (oai_health_is_usable (oai_proxy_upstream_get_health (upstream), now))
        survey_usable (&survey, upstream);
      else
        survey_resting (&survey, upstream);
    }

  return survey;
}

static gboolean
is_candidate (OaiRoute *self, OaiProxyUpstream *upstream, const char *model, OaiProxyUpstream *first, const Survey *survey, gint64 now)
{
  return oai_proxy_upstream_get_priority (upstream) == survey->priority
         && serves (upstream, model, first)
         && !was_tried (self, upstream)
         && oai_proxy_upstream_has_room (upstream)
         && oai_health_is_usable (oai_proxy_upstream_get_health (upstream), now);
}

/* Selects among the upstreams of the best priority, in proportion to their weights. */
static OaiProxyUpstream *
draw (OaiRoute *self, const char *model, const Survey *survey, gint64 now)
{
  OaiRouter *router = self->router;
  OaiProxyUpstream *first = model == NULL ? get_first (router) : NULL;
  double random = router->upstreams->len > 1 ? router->funcs->get_random () : 0;
  guint64 rest = (guint64) (random * (double) survey->weight);

  for (guint i = 0; i < router->upstreams->len; i++)
    {
      OaiProxyUpstream *upstream = router->upstreams->pdata[i];

      if (!is_candidate (self, upstream, model, first, survey, now))
        continue;
      if (rest < oai_proxy_upstream_get_weight (upstream))
        return upstream;
      rest -= oai_proxy_upstream_get_weight (upstream);
    }

  g_return_val_if_reached (NULL);
}

/* The model is a text of the client, so only its beginning is repeated. */
static void
set_error (const Survey *survey, const char *model, GError **error)
{
  g_autofree char *shown = model != NULL ? g_utf8_substring (model, 0, MIN (g_utf8_strlen (model, -1), MAX_SHOWN)) : NULL;

  if (survey->n_serving == 0 && model != NULL)
    g_set_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_NOT_FOUND, "The model `%s` does not exist or is not served here", shown);
  else if (survey->n_serving == 0)
    g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE, "The proxy has no server to forward requests to");
  else
    g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE, "All servers for the request are busy. Try again later.");
}

/* Attempts */

void
oai_route_init (OaiRoute *self, OaiRouter *router)
{
  memset (self, 0, sizeof *self);
  self->router = oai_router_ref (router);
}

static void
end_attempt (OaiRoute *self)
{
  if (self->upstream == NULL)
    return;

  if (self->probe)
    oai_health_abandon (oai_proxy_upstream_get_health (self->upstream));
  self->probe = FALSE;
  oai_proxy_upstream_end_request (self->upstream);
  g_clear_object (&self->upstream);
}

void
oai_route_clear (OaiRoute *self)
{
  end_attempt (self);
  g_clear_pointer (&self->tried, g_ptr_array_unref);
  g_clear_pointer (&self->router, oai_router_unref);
}

static void
end_previous_attempt (OaiRoute *self)
{
  if (self->upstream == NULL)
    return;

  if (self->tried == NULL)
    self->tried = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->tried, g_object_ref (self->upstream));
  end_attempt (self);
}

OaiProxyUpstream *
oai_route_choose (OaiRoute *self, const char *model, GError **error)
{
  gint64 now = self->router->funcs->get_time ();
  OaiProxyUpstream *upstream;
  Survey survey;

  end_previous_attempt (self);
  survey = survey_upstreams (self, model, now);
  upstream = survey.weight > 0 ? draw (self, model, &survey, now) : survey.resting;
  if (upstream == NULL)
    {
      set_error (&survey, model, error);
      return NULL;
    }

  self->upstream = g_object_ref (upstream);
  self->probe = oai_health_begin (oai_proxy_upstream_get_health (upstream), now);
  oai_proxy_upstream_begin_request (upstream);

  return upstream;
}

void
oai_route_report (OaiRoute *self, const OaiRetryAnswer *reply)
{
  OaiHealth *health;

  if (self->upstream == NULL)
    return;

  self->probe = FALSE;
  health = oai_proxy_upstream_get_health (self->upstream);
  if (oai_health_is_failure (reply))
    oai_health_fail (health, oai_retry_get_hint (reply, g_get_real_time () / (double) G_USEC_PER_SEC), self->router->funcs->get_time ());
  else
    oai_health_succeed (health);
}

static gboolean
allows_fall_back (const OaiRetryAnswer *reply)
{
  if (g_strcmp0 (reply->should_retry, "false") == 0)
    return FALSE;

  switch (reply->status)
    {
    case 0:
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
    case 529:
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
oai_route_can_fall_back (OaiRoute *self, const char *model, const OaiRetryAnswer *reply)
{
  Survey survey;

  if (model == NULL || !allows_fall_back (reply))
    return FALSE;

  survey = survey_upstreams (self, model, self->router->funcs->get_time ());

  return survey.weight > 0 || survey.resting != NULL;
}
