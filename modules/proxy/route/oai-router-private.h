/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Selects the server for each request: by its model, the priority, the weight and the health of the servers. */

#pragma once

#include "oai-proxy-upstream-private.h"

G_BEGIN_DECLS

typedef struct _OaiRouter OaiRouter;

typedef struct
{
  gint64 (*get_time) (void);   /* monotonic, in microseconds */
  double (*get_random) (void); /* in [0, 1) */
} OaiRouterFuncs;

/* The attempts of one request.  A member of a larger structure, set up by oai_route_init(). */
typedef struct
{
  OaiRouter *router;
  OaiProxyUpstream *upstream; /* of the attempt, or NULL */
  GPtrArray *tried;           /* of the previous attempts, or NULL */
  gboolean probe;             /* the attempt probes an upstream that has failed */
} OaiRoute;

OaiRouter *oai_router_new (void);
/* funcs: static, for tests. */
OaiRouter *oai_router_new_with_funcs (const OaiRouterFuncs *funcs);
OaiRouter *oai_router_ref (OaiRouter *self);
void oai_router_unref (OaiRouter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiRouter, oai_router_unref)

void oai_router_add (OaiRouter *self, OaiProxyUpstream *upstream);
/* Requests that were routed before continue.  Returns FALSE if the router does not contain it. */
gboolean oai_router_remove (OaiRouter *self, OaiProxyUpstream *upstream);
guint oai_router_get_n (OaiRouter *self);
OaiProxyUpstream *oai_router_get_nth (OaiRouter *self, guint index);

void oai_route_init (OaiRoute *self, OaiRouter *router);
/* Ends the attempt, if there is one. */
void oai_route_clear (OaiRoute *self);

/* Begins an attempt, after the previous one has ended, with an upstream that was not tried.  model: NULL for a request
 * that names none, which is sent to the first upstream: the objects of the API, such as files, exist on one server
 * only.  Returns a pointer that is borrowed until the next call, or NULL with an error of OAI_PROXY_ERROR:
 * NOT_FOUND if no upstream has the model, UNAVAILABLE if all are busy or were tried.
 *
 * If all upstreams that could serve the request are unhealthy, the one that has been so for the longest time is used. */
OaiProxyUpstream *oai_route_choose (OaiRoute *self, const char *model, GError **error);
/* Reports the head of the reply, or with the status 0 that the connection failed or timed out, also after the head.
 * Not for a request that the client cancelled. */
void oai_route_report (OaiRoute *self, const OaiRetryAnswer *reply);
/* Whether the request may be sent to another upstream after such a reply, and there is one: after failed connections,
 * time-outs, and the statuses 408, 429, 500, 502, 503, 504 and 529, unless the header "x-should-retry" is "false".
 * The caller checks that no byte was sent to the client and that the body can be sent again. */
gboolean oai_route_can_fall_back (OaiRoute *self, const char *model, const OaiRetryAnswer *reply);

G_END_DECLS
