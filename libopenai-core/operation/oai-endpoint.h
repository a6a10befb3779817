/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The base class of the endpoints of all modules. */

#pragma once

#include "oai-call-options.h"
#include "oai-record.h"

G_BEGIN_DECLS

#define OAI_TYPE_ENDPOINT (oai_endpoint_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (OaiEndpoint, oai_endpoint, OAI, ENDPOINT, GObject)

/**
 * OaiOperation: (skip)
 *
 * A row of the operation table of an endpoint, for compiled API descriptions.
 *
 * Since: 1.0
 */
typedef struct _OaiOperation OaiOperation;
/**
 * OaiEndpointTable: (skip)
 *
 * The operation table of an endpoint, for compiled API descriptions.
 *
 * Since: 1.0
 */
typedef struct _OaiEndpointTable OaiEndpointTable;

struct _OaiSocketOperation;

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
char *oai_endpoint_invoke_by_name (OaiEndpoint *self, const char *operation, const char *arguments_json, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_endpoint_invoke_by_name_async (OaiEndpoint *self, const char *operation, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
char *oai_endpoint_invoke_by_name_finish (OaiEndpoint *self, GAsyncResult *result, GError **error);

/* For module authors. */
OAI_AVAILABLE_IN_1_0
void oai_endpoint_class_set_table (OaiEndpointClass *klass, const OaiEndpointTable *table);
OAI_AVAILABLE_IN_1_0
guint oai_endpoint_find_operation (GType endpoint_type, const char *name);

OAI_AVAILABLE_IN_1_0
void oai_endpoint_invoke_async (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag);
OAI_AVAILABLE_IN_1_0
gpointer oai_endpoint_invoke_finish (OaiEndpoint *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
gpointer oai_endpoint_invoke (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GError **error);

OAI_AVAILABLE_IN_1_0
void oai_endpoint_open_async (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag);
OAI_AVAILABLE_IN_1_0
GInputStream *oai_endpoint_open_finish (OaiEndpoint *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
GInputStream *oai_endpoint_open (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GError **error);

OAI_AVAILABLE_IN_1_0
gpointer oai_endpoint_stream (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request);
OAI_AVAILABLE_IN_1_0
gpointer oai_endpoint_create_socket (OaiEndpoint *self, const struct _OaiSocketOperation *operation, const char *const *path_arguments, OaiRecord *query);

G_END_DECLS
