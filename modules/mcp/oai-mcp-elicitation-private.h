/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates elicitations. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-mcp-elicitation.h"

G_BEGIN_DECLS

/* url: NULL for a form.  task returns the answer as JSON text; it is declined if the last reference is released before.
 * Takes task. */
OaiMcpElicitation *oai_mcp_elicitation_new (OaiJsonDoc *doc, OaiJsonNode params, const char *url, GTask *task);

G_END_DECLS
