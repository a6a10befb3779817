/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Polling: retrieves an object repeatedly until it is in a final state.  For compiled API
 * descriptions; not introspected. */

#pragma once

#include "oai-endpoint.h"
#include "oai-record.h"

G_BEGIN_DECLS

/* How to poll an object. */
typedef struct
{
  gsize size;                        /* sizeof (OaiPoll) */
  guint operation;                   /* index of the operation that retrieves the object */
  guint interval_ms;                 /* time between two requests if neither program nor server sets it; 0: one second */
  gint64 timeout_ms;                 /* the meaning of a time-out of -1; -1: no limit */
  const char *member;                /* member of the object that holds its state */
  const char *const *final_values;   /* NULL-terminated */
  const char *const *pending_values; /* NULL-terminated, or NULL; if set, an unknown state is requested again at once, one time */
  const char *(*get_state) (OaiRecord *record); /* returns a borrowed state if the state is not a member; or NULL */
  gpointer padding[4];
} OaiPoll;

/* Returns the object in its final state.  interval_ms: time between a reply and the next request;
 * 0: the interval of the server, or the default.  timeout_ms: 0: one request; -1: the default. */
OAI_AVAILABLE_IN_1_0
void oai_endpoint_poll_async (OaiEndpoint *self, const OaiPoll *poll, const char *const *path_arguments, guint interval_ms, gint64 timeout_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag);
OAI_AVAILABLE_IN_1_0
gpointer oai_endpoint_poll_finish (OaiEndpoint *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
gpointer oai_endpoint_poll (OaiEndpoint *self, const OaiPoll *poll, const char *const *path_arguments, guint interval_ms, gint64 timeout_ms, GCancellable *cancellable, GError **error);

/* The same with the client of a record. */
OAI_AVAILABLE_IN_1_0
void oai_record_poll_async (OaiRecord *self, GType endpoint_type, const OaiPoll *poll, const char *const *path_arguments, guint interval_ms, gint64 timeout_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag);
OAI_AVAILABLE_IN_1_0
gpointer oai_record_poll_finish (OaiRecord *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
gpointer oai_record_poll (OaiRecord *self, GType endpoint_type, const OaiPoll *poll, const char *const *path_arguments, guint interval_ms, gint64 timeout_ms, GCancellable *cancellable, GError **error);

/* Creates an endpoint whose requests have the headers of polling, for classes that poll with other
 * requests. */
OAI_AVAILABLE_IN_1_0
OaiEndpoint *oai_poll_new_endpoint (OaiEndpoint *endpoint, guint interval_ms);
/* Returns the milliseconds between the reply and the next request.  first: whether it is the first
 * reply. */
OAI_AVAILABLE_IN_1_0
guint oai_poll_get_interval (OaiRecord *record, guint interval_ms, guint default_interval_ms, gboolean first);

G_END_DECLS
