/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-error.h"

G_DEFINE_QUARK (oai-proxy-error-quark, oai_proxy_error)
