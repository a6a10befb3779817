/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the counters of several processes are kept in Redis or Valkey. */

#pragma once

#include "oai-counter-store-private.h"

G_BEGIN_DECLS

typedef struct
{
  /* redis://, rediss:// (TLS) or unix://; also valkey:// and valkeys://:
   *   redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]
   *   unix://[USER[:PASSWORD]@]/PATH[?db=DATABASE]
   * Percent-encoded where a URL needs it. */
  const char *url;
  const char *password; /* instead of that in the URL; nullable */
  const char *ca_file;  /* PEM certificates for rediss://; NULL: those of the system */
  const char *prefix;   /* of all keys, at most 64 bytes; NULL: "oai" */
  /* Keys contain the SHA-256 of the identity instead of the identity.  Those of an identity that begins with a brace always
   * do. */
  gboolean hash_identities;
  guint timeout_ms;     /* of each command, and of connecting; 0: 500 */
  /* A stream counts for this long after its process last renewed it; 0: 30000. */
  guint stream_timeout_ms;
} OaiRedisSettings;

/* The interface of the plug-in "redis". */
typedef struct
{
  /* Connects in the background, in the thread-default main context.  Fails if the settings are invalid. */
  OaiCounterStore *(*open) (const OaiRedisSettings *settings, GError **error);
} OaiRedisBackend;

/* Loads the plug-in. */
OaiCounterStore *oai_redis_store_open (const OaiRedisSettings *settings, GError **error);

G_END_DECLS
