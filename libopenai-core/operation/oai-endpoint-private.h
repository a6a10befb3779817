/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-buffer-private.h"
#include "oai-reply-collector-private.h"
#include "oai-operation.h"

G_BEGIN_DECLS

/* A request by the table: path arguments, query and body put in place.  Fails
 * with INVALID_ARGUMENT where something required is missing. */
OaiRequest *oai_endpoint_build_request (OaiEndpoint *self, const OaiOperation *operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, gboolean stream, GError **error);
/* The same with everything in one JSON object, by the names on the wire. */
OaiRequest *oai_endpoint_build_request_from_json (OaiEndpoint *self, const OaiOperation *operation, const char *arguments, GError **error);

/* Makes of a reply what the operation promises.  Takes the body. */
gpointer oai_reply_new (OaiEndpoint *self, const OaiOperation *operation, OaiFormat format, OaiCall *call, GBytes *body, const char *secret, GError **error);
/* A body as it is given, NULL for none, with the members that the options set. */
gboolean oai_request_set_json (OaiRequest *self, const char *json, OaiCallOptions *options, GError **error);
GDestroyNotify oai_reply_get_destroy (const OaiOperation *operation);

G_END_DECLS
