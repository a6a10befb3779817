/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plug-in for counters in Redis or Valkey. */

#include "oai-proxy-backend-private.h"
#include "oai-redis-store-private.h"

static const OaiRedisBackend functions = { oai_redis_store_new };

OAI_PROXY_BACKEND_EXPORT;
const OaiProxyBackend oai_proxy_backend = { OAI_PROXY_BACKEND_VERSION, "redis", &functions };
