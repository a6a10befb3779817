/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-log-private.h"

#include <libsoup/soup.h>

#include "oai-call-private.h"
#include "oai-trace-private.h"

static gboolean
is_wanted (void)
{
  return !g_log_writer_default_would_drop (G_LOG_LEVEL_DEBUG, G_LOG_DOMAIN);
}

static char *
dup_query_names (const char *query)
{
  g_auto(GStrv) pairs = g_strsplit (query, "&", -1);

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      char *equals = strchr (pairs[i], '=');

      if (equals != NULL)
        equals[1] = '\0';
    }

  return g_strjoinv ("&", pairs);
}

char *
oai_log_dup_url (GUri *uri)
{
  g_autofree char *query = g_uri_get_query (uri) != NULL ? dup_query_names (g_uri_get_query (uri)) : NULL;

  return g_uri_join (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri), g_uri_get_port (uri),
                     g_uri_get_path (uri), query, NULL);
}

/* The fields of a message, with which journalctl finds it. */

#define MAX_FIELDS 16

typedef struct
{
  GLogField fields[MAX_FIELDS];
  char *owned[MAX_FIELDS];
  guint n_fields;
} Fields;

/* Takes the value; without one, there is no such field. */
static void
add (Fields *self, const char *name, char *value)
{
  if (value == NULL)
    return;

  g_assert (self->n_fields < MAX_FIELDS);
  self->owned[self->n_fields] = value;
  self->fields[self->n_fields++] = (GLogField) { name, value, -1 };
}

static void
add_number (Fields *self, const char *name, gint64 number)
{
  add (self, name, g_strdup_printf ("%" G_GINT64_FORMAT, number));
}

static gint64
get_ms (double seconds)
{
  return (gint64) (seconds * 1000 + 0.5);
}

/* Takes the message. */
static void
init (Fields *self, OaiCall *call, const char *event, char *message)
{
  guint status = oai_call_get_status_code (call);

  self->n_fields = 0;
  add (self, "MESSAGE", message);
  add (self, "PRIORITY", g_strdup ("7"));
  add (self, "GLIB_DOMAIN", g_strdup (G_LOG_DOMAIN));
  add (self, "OAI_EVENT", g_strdup (event));
  add (self, "OAI_OPERATION", g_strdup (oai_call_get_operation (call)));
  add (self, "OAI_METHOD", g_strdup (oai_call_get_method (call)));
  add (self, "OAI_URL", g_strdup (oai_call_get_url (call)));
  add_number (self, "OAI_ATTEMPT", oai_call_get_n_attempts (call));
  if (status != 0)
    add_number (self, "OAI_STATUS", status);
  add (self, "OAI_REQUEST_ID", g_strdup (oai_call_get_request_id (call)));
}

static void
send (Fields *self)
{
  g_log_structured_array (G_LOG_LEVEL_DEBUG, self->fields, self->n_fields);
  for (guint i = 0; i < self->n_fields; i++)
    g_free (self->owned[i]);
}

void
oai_log_head (OaiCall *call)
{
  const char *id;
  Fields fields;

  oai_trace_head (call);
  if (!is_wanted ())
    return;

  id = oai_call_get_request_id (call);
  init (&fields, call, "head",
        g_strdup_printf ("%s: %s %s: status %u, request id %s", oai_call_get_operation (call), oai_call_get_method (call),
                         oai_call_get_url (call), oai_call_get_status_code (call), id != NULL ? id : "unknown"));
  send (&fields);
}

void
oai_log_retry (OaiCall *call, double delay)
{
  Fields fields;

  oai_trace_retry (call, delay);
  if (!is_wanted ())
    return;

  init (&fields, call, "retry",
        g_strdup_printf ("%s: attempt %u failed (status %u), retrying in %.3f s", oai_call_get_operation (call),
                         oai_call_get_n_attempts (call), oai_call_get_status_code (call), delay));
  add_number (&fields, "OAI_DELAY_MS", get_ms (delay));
  send (&fields);
}

void
oai_log_adaptations (OaiCall *call)
{
  g_autofree char *names = NULL;
  Fields fields;

  if (!is_wanted ())
    return;

  names = g_strjoinv (", ", (char **) oai_call_get_adaptations (call));
  init (&fields, call, "adapted", g_strdup_printf ("%s: the request is adapted to the server: %s", oai_call_get_operation (call), names));
  send (&fields);
}

void
oai_log_redirect (OaiCall *call)
{
  Fields fields;

  if (!is_wanted ())
    return;

  init (&fields, call, "redirect", g_strdup_printf ("%s: redirected to %s", oai_call_get_operation (call), oai_call_get_url (call)));
  send (&fields);
}

static char *
dup_end (OaiCall *call, const GError *error)
{
  if (error != NULL)
    return g_strdup_printf ("%s: failed after %.3f s: %s", oai_call_get_operation (call), oai_call_get_elapsed (call), error->message);

  return g_strdup_printf ("%s: done after %.3f s", oai_call_get_operation (call), oai_call_get_elapsed (call));
}

void
oai_log_end (OaiCall *call, const GError *error)
{
  Fields fields;

  oai_trace_end (call, error);
  if (!is_wanted ())
    return;

  init (&fields, call, error != NULL ? "failed" : "done", dup_end (call, error));
  add_number (&fields, "OAI_ELAPSED_MS", get_ms (oai_call_get_elapsed (call)));
  if (error != NULL)
    {
      add (&fields, "OAI_ERROR_DOMAIN", g_strdup (g_quark_to_string (error->domain)));
      add_number (&fields, "OAI_ERROR_CODE", error->code);
    }
  send (&fields);
}
