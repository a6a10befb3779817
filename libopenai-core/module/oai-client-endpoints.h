/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gets the endpoints of a client by name. */

#pragma once

#include "oai-client.h"
#include "oai-endpoint.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiEndpoint *oai_client_get_endpoint (OaiClient *self, const char *name, GError **error);

G_END_DECLS
