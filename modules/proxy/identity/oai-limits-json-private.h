/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Limits as a JSON object. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-proxy-limits.h"

G_BEGIN_DECLS

/* The members are the properties of OaiProxyLimits, with "_" instead of "-".  Returns NULL for unknown members and for wrong
 * types, so that no limit is overlooked. */
OaiProxyLimits *oai_limits_from_json (OaiJsonDoc *doc, OaiJsonNode object);

G_END_DECLS
