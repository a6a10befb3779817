/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens to requests whose limits cannot be checked. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

/**
 * OaiProxyUnavailable:
 * @OAI_PROXY_UNAVAILABLE_REFUSE: they are refused (HTTP 503)
 * @OAI_PROXY_UNAVAILABLE_LOCAL: the process counts them in its memory, which also contains what it admitted before
 * @OAI_PROXY_UNAVAILABLE_ALLOW: they are admitted
 *
 * What happens to the requests of identities with limits while the server that keeps their counters cannot be reached; see
 * [method@Oai.ProxyServer.open_counters].
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_PROXY_UNAVAILABLE_REFUSE,
  OAI_PROXY_UNAVAILABLE_LOCAL,
  OAI_PROXY_UNAVAILABLE_ALLOW
} OaiProxyUnavailable;

#define OAI_TYPE_PROXY_UNAVAILABLE (oai_proxy_unavailable_get_type ())
OAI_AVAILABLE_IN_1_0
GType oai_proxy_unavailable_get_type (void) G_GNUC_CONST;

G_END_DECLS
