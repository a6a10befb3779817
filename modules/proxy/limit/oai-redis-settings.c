/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loads the plug-in for counters in Redis. */

#include "oai-redis-settings-private.h"

#include "oai-proxy-backend-private.h"

OaiCounterStore *
oai_redis_store_open (const OaiRedisSettings *settings, GError **error)
{
  const OaiRedisBackend *backend = oai_proxy_backend_load ("redis", error);

  return backend != NULL ? backend->open (settings, error) : NULL;
}
