/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates sampling requests. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-mcp-sampling.h"

G_BEGIN_DECLS

/* task returns the result as JSON text; it fails with OAI_ERROR_PERMISSION_DENIED if the request is declined, or if the
 * last reference is released without a response.  Takes task. */
OaiMcpSampling *oai_mcp_sampling_new (OaiJsonDoc *doc, OaiJsonNode params, GTask *task);

G_END_DECLS
