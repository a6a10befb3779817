/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates requests from the tables of operations and the arguments of a method. */

#pragma once

#include "oai-exchange-private.h"
#include "oai-operation.h"

G_BEGIN_DECLS

/* The values that all requests of an operation share. */
typedef struct
{
  OaiClient *client;
  OaiCallOptions *options;        /* or NULL */
  const char *endpoint_name;      /* static */
  const OaiOperation *operation;  /* static */
} OaiRequestBuilder;

/* Copies a builder and takes references; release them with oai_request_builder_clear(). */
void oai_request_builder_init_copy (OaiRequestBuilder *self, const OaiRequestBuilder *other);
void oai_request_builder_clear (OaiRequestBuilder *self);

/* Creates a request from the path arguments, the query and the body, which may be NULL.  Fails with
 * OAI_ERROR_INVALID_ARGUMENT if a required value is missing. */
OaiRequest *oai_request_builder_build (const OaiRequestBuilder *self, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, gboolean stream, GError **error);
/* Creates a request from a JSON object that contains all arguments by the names that the API gives
 * them. */
OaiRequest *oai_request_builder_build_from_json (const OaiRequestBuilder *self, const char *arguments, GError **error);

/* Sets the query of a request: the encoded query followed by the pairs of the options.  Takes
 * ownership of encoded, which may be NULL. */
void oai_request_set_query (OaiRequest *self, char *encoded, OaiCallOptions *options);
/* Sets the body of a request to JSON, with the members that the options set.  If json is NULL, the
 * request has a body only if the options set a member. */
gboolean oai_request_set_json (OaiRequest *self, const char *json, OaiCallOptions *options, GError **error);

G_END_DECLS
