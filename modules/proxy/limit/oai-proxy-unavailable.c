/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-unavailable.h"

G_DEFINE_ENUM_TYPE (OaiProxyUnavailable, oai_proxy_unavailable,
                    G_DEFINE_ENUM_VALUE (OAI_PROXY_UNAVAILABLE_REFUSE, "refuse"),
                    G_DEFINE_ENUM_VALUE (OAI_PROXY_UNAVAILABLE_LOCAL, "local"),
                    G_DEFINE_ENUM_VALUE (OAI_PROXY_UNAVAILABLE_ALLOW, "allow"))
