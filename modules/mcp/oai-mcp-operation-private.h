/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A request of the program.  Since 2026-07-28, a server can answer it with requests for input, after which it is sent
 * again with the input.  Before, it can refuse it until the user has opened URLs, after which it is sent again. */

#pragma once

#include "oai-mcp-rpc-private.h"

G_BEGIN_DECLS

/* task returns an OaiMcpReply.  Takes task. */
void oai_mcp_operation_run (OaiMcpRpc *rpc, const OaiMcpCallSpec *spec, GTask *task);

typedef struct
{
  const char *method; /* static */
  const char *member; /* static: of the results, which contains the items */
  GType type;         /* of the items, which are records */
  guint max_items;    /* 0: no limit */
  guint timeout_ms;   /* these two: of the request for each page */
  guint total_timeout_ms;
} OaiMcpListSpec;

/* Requests all pages of a list.  task returns a GPtrArray of records.  Takes task. */
void oai_mcp_operation_list (OaiMcpRpc *rpc, const OaiMcpListSpec *spec, GTask *task);

G_END_DECLS
