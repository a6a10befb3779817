/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-exchange-private.h"
#include "oai-operation.h"

G_BEGIN_DECLS

/* What all requests of an operation have in common. */
typedef struct
{
  OaiClient *client;
  OaiCallOptions *options;        /* or NULL */
  const char *endpoint_name;      /* static */
  const OaiOperation *operation;  /* static */
} OaiRequestBuilder;

/* A copy that holds references, to be released with oai_request_builder_clear(). */
void oai_request_builder_init_copy (OaiRequestBuilder *self, const OaiRequestBuilder *other);
void oai_request_builder_clear (OaiRequestBuilder *self);

/* Makes a request of the path arguments, the query and the body, which may be NULL.
 * Fails with INVALID_ARGUMENT if something required is missing. */
OaiRequest *oai_request_builder_build (const OaiRequestBuilder *self, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, gboolean stream, GError **error);
/* Makes a request of one JSON object that holds all arguments by their wire names. */
OaiRequest *oai_request_builder_build_from_json (const OaiRequestBuilder *self, const char *arguments, GError **error);

/* Sets the query of a request: the encoded one, which may be NULL and is taken, followed by
 * the pairs that the options add. */
void oai_request_set_query (OaiRequest *self, char *encoded, OaiCallOptions *options);
/* Sets JSON as the body of a request, with the members that the options set.  A body that
 * is NULL is left out unless the options set a member. */
gboolean oai_request_set_json (OaiRequest *self, const char *json, OaiCallOptions *options, GError **error);

G_END_DECLS
