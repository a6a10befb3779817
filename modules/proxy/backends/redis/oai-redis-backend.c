/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-redis-backend-private.h"

#include "oai-redis-store-private.h"

static const OaiRedisBackend functions = { oai_redis_store_new };

const OaiProxyBackend oai_proxy_backend = { OAI_PROXY_BACKEND_VERSION, "redis", &functions };
