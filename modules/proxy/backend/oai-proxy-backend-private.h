/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Plug-ins of the proxy that need further libraries: counters in Redis, records in SQLite and PostgreSQL, signatures
 * of OpenID providers.  They are loaded when they are first used, so that programs without them do not load
 * these libraries.
 *
 * A plug-in is the shared library liboai-proxy-NAME.so.  It exports the variable oai_proxy_backend. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

#define OAI_PROXY_BACKEND_VERSION 1

typedef struct
{
  guint32 version;         /* OAI_PROXY_BACKEND_VERSION */
  const char *name;
  gconstpointer interface; /* a structure of functions; its type depends on the name */
} OaiProxyBackend;

/* For plug-ins: declares the variable that they export. */
#define OAI_PROXY_BACKEND_EXPORT __attribute__ ((visibility ("default"))) extern const OaiProxyBackend oai_proxy_backend

/* Returns the interface of a plug-in, which stays loaded.  The error names the files that were tried. */
gconstpointer oai_proxy_backend_load (const char *name, GError **error);

G_END_DECLS
