/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The request since 2026-07-28 whose reply never ends: it selects the changes that the server reports. */

#pragma once

#include "oai-mcp-rpc-private.h"

G_BEGIN_DECLS

typedef struct _OaiMcpSubscriptions OaiMcpSubscriptions;

/* The lists whose changes the server reports. */
typedef struct
{
  gboolean tools;
  gboolean prompts;
  gboolean resources;
} OaiMcpSubscribedLists;

/* Sends the request if there is a list. */
OaiMcpSubscriptions *oai_mcp_subscriptions_new (OaiMcpRpc *rpc, const OaiMcpSubscribedLists *lists);
void oai_mcp_subscriptions_free (OaiMcpSubscriptions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiMcpSubscriptions, oai_mcp_subscriptions_free)
/* Sends another request, with one resource more or less, which replaces the previous one when the server acknowledges
 * it.  task returns TRUE then; if it fails, the previous request remains.  Takes task. */
void oai_mcp_subscriptions_change (OaiMcpSubscriptions *self, const char *uri, gboolean subscribed, guint timeout_ms, GTask *task);
/* The server has acknowledged a request. */
void oai_mcp_subscriptions_acknowledge (OaiMcpSubscriptions *self, OaiJsonDoc *doc, OaiJsonNode params);
/* Whether a notification belongs to a request that has been replaced. */
gboolean oai_mcp_subscriptions_is_outdated (OaiMcpSubscriptions *self, OaiJsonDoc *doc, OaiJsonNode params);

G_END_DECLS
