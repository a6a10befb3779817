/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates OaiPagedList objects from the replies of operations. */

#pragma once

#include "oai-paged-list.h"
#include "oai-request-builder-private.h"

G_BEGIN_DECLS

/* Creates a list from the body of the first page.  Takes ownership of the body.  The builder
 * creates the requests for the other pages. */
OaiPagedList *oai_paged_list_new (const OaiRequestBuilder *builder, const char *const *path_arguments, OaiRecord *query, OaiCall *call, GBytes *body, const char *secret, GError **error);

G_END_DECLS
