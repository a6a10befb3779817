/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counters of identities in Redis or Valkey. */

#pragma once

#include "oai-redis-settings-private.h"

G_BEGIN_DECLS

/* See OaiRedisBackend. */
OaiCounterStore *oai_redis_store_new (const OaiRedisSettings *settings, GError **error);

G_END_DECLS
