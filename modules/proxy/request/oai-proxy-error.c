/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-error.h"

/**
 * oai_proxy_error_quark:
 *
 * Gets the domain of the errors of the proxy.
 *
 * Returns: the domain
 *
 * Since: 1.0
 */
G_DEFINE_QUARK (oai-proxy-error-quark, oai_proxy_error)
