/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plug-in for counters in Redis or Valkey. */

#pragma once

#include "oai-proxy-backend-private.h"

G_BEGIN_DECLS

OAI_PROXY_BACKEND_EXPORT;

G_END_DECLS
