/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the methods of endpoints and records share that consist of more than one
 * request.  For compiled API descriptions and module authors; not introspected. */

#pragma once

#include "oai-endpoint.h"
#include "oai-record.h"

G_BEGIN_DECLS

/* An endpoint of the client that a record came from; an error where it came from none. */
OAI_AVAILABLE_IN_1_0
OaiEndpoint *oai_record_new_endpoint (OaiRecord *self, GType endpoint_type, GError **error);

/* Replaces the query, or NULL, by a new one that has the member set; an error, and nothing else, without a value. */
OAI_AVAILABLE_IN_1_0
gboolean oai_method_narrow_query (OaiRecord **query, GType query_type, const char *member, const char *value, GError **error);

/* The task of a method; it reports what the method reports, also after it was cancelled. */
OAI_AVAILABLE_IN_1_0
GTask *oai_method_task_new (gpointer source, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag);
/* The result is a pointer that the caller owns, or NULL. */
OAI_AVAILABLE_IN_1_0
gpointer oai_method_finish (gpointer source, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_method_finish_boolean (gpointer source, GAsyncResult *result, GError **error);
/* Of several requests, the newest is the one that oai_call_from_result() finds. */
OAI_AVAILABLE_IN_1_0
void oai_method_attach_call (GTask *task, GAsyncResult *result);

/* The synchronous form: begin makes the task, the method takes it, end waits for it. */
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

/* The synchronous form of an asynchronous pair without arguments. */
typedef void (*OaiMethodAsync) (gpointer self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
typedef gpointer (*OaiMethodFinish) (gpointer self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
gpointer oai_method_run (gpointer self, OaiMethodAsync async, OaiMethodFinish finish, GCancellable *cancellable, GError **error);

/* The record of a list whose member is 0, or else the first; NULL for an empty list. */
OAI_AVAILABLE_IN_1_0
gpointer oai_method_get_first (GPtrArray *records, const char *member);

/* Saves the body of a reply, of an operation whose result is OAI_RESULT_BYTES. The target is prepared before the
 * request is sent; nothing is left of a body that does not arrive whole. */
OAI_AVAILABLE_IN_1_0
void oai_endpoint_save_async (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag);
OAI_AVAILABLE_IN_1_0
gboolean oai_endpoint_save_finish (OaiEndpoint *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_endpoint_save (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GFile *target, gboolean overwrite, GCancellable *cancellable, GError **error);

G_END_DECLS
