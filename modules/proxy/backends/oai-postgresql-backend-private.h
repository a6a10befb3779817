/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Usage records in a database of PostgreSQL, to which several machines can write. */

#pragma once

#include "oai-proxy-backend-private.h"

G_BEGIN_DECLS

OAI_PROXY_BACKEND_EXPORT;

G_END_DECLS
