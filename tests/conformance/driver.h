/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs cases. Reads one line of JSON for each case, and writes one line of JSON. */

#pragma once

#include <json-glib/json-glib.h>

#include "oai-client.h"
#include "oai-endpoint.h"
#include "oai-operation.h"
#include "oai-stream.h"

G_BEGIN_DECLS

typedef struct
{
  JsonObject *fixture;
  JsonObject *call;      /* never NULL */
  JsonObject *options;   /* "client" of the fixture; never NULL */
  GBytes *input;
  const char *origin;    /* of the replay server */
  const char *proxy;     /* or NULL */
  JsonObject *out;       /* the reply */
  OaiClient *client;     /* of the current call */
  OaiCall *last_call;
} DriverCase;

typedef void (*DriverFunc) (DriverCase *self);

typedef struct
{
  const char *name;
  DriverFunc func;
} DriverEntry;

/* NULL-terminated tables with the names of operations, functions or kinds. */
extern const DriverEntry driver_pure_table[];
extern const DriverEntry driver_form_table[];
extern const DriverEntry driver_client_table[];
extern const DriverEntry driver_call_table[];
extern const DriverEntry driver_stream_table[];
extern const DriverEntry driver_helper_table[];
extern const DriverEntry driver_response_table[];
extern const DriverEntry driver_run_table[];
extern const DriverEntry driver_socket_table[];
extern const DriverEntry driver_tools_table[];

/* Members of JSON objects; NULL or fallback if absent or null. */
const char *driver_get_string (JsonObject *object, const char *name);
gint64 driver_get_int (JsonObject *object, const char *name, gint64 fallback);
JsonObject *driver_get_object (JsonObject *object, const char *name);
JsonArray *driver_get_array (JsonObject *object, const char *name);
char *driver_dup_json (JsonObject *object, const char *name);
char *driver_node_to_text (JsonNode *node);
const char *driver_input_text (DriverCase *self);
/* Adds bytes to the reply, as Base64 with the name name_b64. */
void driver_set_bytes (JsonObject *object, const char *name, gconstpointer data, gsize length);
/* Adds JSON text, which the reader of the reply parses. */
void driver_set_json (JsonObject *object, const char *name, const char *json);

/* The clients that "client" of a fixture describes. */
OaiSettings *driver_new_settings (DriverCase *self, JsonObject *options, GError **error);
gboolean driver_make_client (DriverCase *self, GError **error);
gboolean driver_make_client_with (DriverCase *self, JsonObject *options, GError **error);
OaiCallOptions *driver_new_call_options (DriverCase *self);
/* Adds information about the last exchange. */
void driver_report_call (DriverCase *self);
void driver_report_error (DriverCase *self, const GError *error);
/* Reports a part of the case that the driver does not support. */
void driver_report_unknown (DriverCase *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* An operation of an endpoint, or of the test endpoint if no module has it. */
typedef struct
{
  OaiEndpoint *endpoint;
  const OaiOperation *operation;
  guint index;
  GStrv path_arguments;
  OaiRecord *query;
  OaiRecord *request;
} DriverInvocation;

gboolean driver_invocation_init (DriverInvocation *self, DriverCase *driver_case, const char *operation, JsonObject *arguments, GError **error);
void driver_invocation_clear (DriverInvocation *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DriverInvocation, driver_invocation_clear)

/* The stream for "operation" and "arguments" of the case; NULL if it reported an error. */
OaiStream *driver_open_stream (DriverCase *self, DriverInvocation *invocation);

GType driver_endpoint_get_type (void);
GType driver_item_get_type (void);
GType driver_form_get_type (void);

/* A file of a fixture: {"$bytes": base64}, {"$text": …} or {"$stream": […]}. */
gboolean driver_is_file (JsonNode *node);
gpointer driver_new_file (JsonNode *node);

G_END_DECLS
