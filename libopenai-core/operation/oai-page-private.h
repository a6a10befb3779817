/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-endpoint-private.h"

G_BEGIN_DECLS

/* Takes the body of the first page. */
OaiPage *oai_page_new (OaiEndpoint *endpoint, const OaiOperation *operation, const char *const *path_arguments, OaiRecord *query, OaiCall *call, GBytes *body, const char *secret, GError **error);

G_END_DECLS
