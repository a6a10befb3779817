/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-call-options.h"
#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_ENDPOINT (oai_endpoint_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (OaiEndpoint, oai_endpoint, OAI, ENDPOINT, GObject)

/**
 * OaiOperation: (skip)
 *
 * A row of the table of an endpoint, for compiled API descriptions.
 *
 * Since: 1.0
 */
typedef struct _OaiOperation OaiOperation;

struct _OaiEndpointClass
{
  GObjectClass parent_class;

  /*< private >*/
  const char *name;
  const OaiOperation *operations;
  guint n_operations;
  gpointer padding[8];
};

OAI_AVAILABLE_IN_1_0
OaiClient *oai_endpoint_get_client (OaiEndpoint *self);
OAI_AVAILABLE_IN_1_0
const char *oai_endpoint_get_name (OaiEndpoint *self);
OAI_AVAILABLE_IN_1_0
OaiCallOptions *oai_endpoint_get_options (OaiEndpoint *self);
OAI_AVAILABLE_IN_1_0
OaiEndpoint *oai_endpoint_with_options (OaiEndpoint *self, OaiCallOptions *options);

OAI_AVAILABLE_IN_1_0
GStrv oai_endpoint_list_operations (OaiEndpoint *self);
OAI_AVAILABLE_IN_1_0
char *oai_endpoint_call (OaiEndpoint *self, const char *operation, const char *arguments, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_endpoint_call_async (OaiEndpoint *self, const char *operation, const char *arguments, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
char *oai_endpoint_call_finish (OaiEndpoint *self, GAsyncResult *result, GError **error);

G_END_DECLS
