/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions for methods that send more than one request.  For compiled API descriptions and module
 * authors; not introspected. */

#pragma once

#include "oai-endpoint.h"
#include "oai-record.h"

G_BEGIN_DECLS

/* Creates an endpoint with the client of a record.  Fails if the record is not associated with a
 * client. */
OAI_AVAILABLE_IN_1_0
OaiEndpoint *oai_record_new_endpoint (OaiRecord *self, GType endpoint_type, GError **error);

/* Replaces the query, which may be NULL, with a new one that has the member set.  Fails and changes
 * nothing if value is NULL or empty. */
OAI_AVAILABLE_IN_1_0
gboolean oai_method_narrow_query (OaiRecord **query, GType query_type, const char *member, const char *value, GError **error);

/* Creates the task of a method.  Its result is not replaced with an error if it is cancelled after
 * it completed. */
OAI_AVAILABLE_IN_1_0
GTask *oai_method_task_new (gpointer source, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag);
/* Returns a pointer that the caller owns, or NULL. */
OAI_AVAILABLE_IN_1_0
gpointer oai_method_finish (gpointer source, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_method_finish_boolean (gpointer source, GAsyncResult *result, GError **error);
/* Attaches the call of a request to the task, for oai_call_find_for_result().  The call of the newest
 * request is kept. */
OAI_AVAILABLE_IN_1_0
void oai_method_attach_call (GTask *task, GAsyncResult *result);
/* Attaches the call too, and returns the value from the task, or the error if the value is NULL.  The
 * task takes ownership of both. */
OAI_AVAILABLE_IN_1_0
void oai_method_return (GTask *task, GAsyncResult *result, gpointer value, GDestroyNotify value_free, GError *error);

/* The blocking form of a method: begin creates the task, which is passed to the method, and end
 * waits for its result. */
typedef struct
{
  gpointer context;
  gpointer result;
} OaiMethodCall;

OAI_AVAILABLE_IN_1_0
GTask *oai_method_begin (OaiMethodCall *self, gpointer source, GCancellable *cancellable, gpointer source_tag);
OAI_AVAILABLE_IN_1_0
gpointer oai_method_end (OaiMethodCall *self, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_method_end_boolean (OaiMethodCall *self, GError **error);

/* The blocking form of an asynchronous method without arguments. */
typedef void (*OaiMethodAsync) (gpointer self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
typedef gpointer (*OaiMethodFinish) (gpointer self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
gpointer oai_method_run (gpointer self, OaiMethodAsync async, OaiMethodFinish finish, GCancellable *cancellable, GError **error);

/* Returns the first record whose member is 0, or the first record if there is none; NULL for an
 * empty list. */
OAI_AVAILABLE_IN_1_0
gpointer oai_method_get_first (GPtrArray *records, const char *member);

/* Saves the body of the reply to an operation whose result is OAI_RESULT_BYTES.  The target is
 * created before the request is sent, and removed if the body is incomplete. */
OAI_AVAILABLE_IN_1_0
void oai_endpoint_save_async (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag);
OAI_AVAILABLE_IN_1_0
gboolean oai_endpoint_save_finish (OaiEndpoint *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_endpoint_save (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GFile *target, gboolean overwrite, GCancellable *cancellable, GError **error);

G_END_DECLS
