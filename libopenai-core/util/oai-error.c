/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-error.h"

#include "oai-quark-private.h"

/**
 * oai_error_quark:
 *
 * The domain of [error@Oai.Error].
 *
 * Returns: the quark
 *
 * Since: 1.0
 */
OAI_DEFINE_QUARK ("oai-error-quark", oai_error)
