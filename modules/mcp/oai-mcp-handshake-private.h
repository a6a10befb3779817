/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Begins a connection: finds the revision of the protocol that the server supports.  Since 2026-07-28, there is no
 * handshake; a request for a description of the server shows whether it supports that. */

#pragma once

#include "oai-mcp-rpc-private.h"

G_BEGIN_DECLS

#define OAI_MCP_VERSION_STATELESS "2026-07-28"
#define OAI_MCP_VERSION_SESSION "2025-11-25"

typedef struct
{
  const char *version;       /* the only revision to use, or NULL */
  OaiJsonDoc *client_info;   /* name and version of the program */
  OaiJsonDoc *capabilities;  /* of the program */
  const char *log_level;     /* or NULL; not used by the handshake */
  guint timeout_ms;
  guint probe_timeout_ms;    /* after which a server is regarded as one before 2026-07-28 */
} OaiMcpHandshake;

/* The revisions that can be used, newest first; NULL-terminated. */
const char *const *oai_mcp_handshake_get_versions (void);
/* Sets the metadata of each request since 2026-07-28. */
void oai_mcp_handshake_set_meta (OaiMcpRpc *rpc, const OaiMcpHandshake *handshake, const char *version);
/* Sets the version of the transport.  Cancelling closes nothing. */
void oai_mcp_handshake_async (OaiMcpRpc *rpc, const OaiMcpHandshake *handshake, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* Returns what the server answered: its capabilities and instructions. */
OaiMcpReply *oai_mcp_handshake_finish (GAsyncResult *result, GError **error);

G_END_DECLS
