/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates the servers that a search has found. */

#pragma once

#include "oai-local-server.h"

G_BEGIN_DECLS

OaiLocalServer *oai_local_server_new (const char *name, const char *base_url, const char *const *models);

G_END_DECLS
