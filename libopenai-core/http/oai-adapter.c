/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-adapter-private.h"

#include "oai-call-private.h"
#include "oai-error-map-private.h"
#include "oai-error.h"
#include "oai-json-doc-private.h"
#include "oai-log-private.h"
#include "oai-settings-private.h"

/* Servers that report one member at a time refuse a request repeatedly. */
#define MAX_REPAIRS 3

void
oai_adapter_clear (OaiAdapter *self)
{
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->refusal, g_bytes_unref);
  g_clear_object (&self->profile);
}

static gboolean
can_adapt (OaiRequest *request)
{
  return request->body != NULL && !request->passthrough && !request->external && !request->upgrade;
}

static void
take_body (OaiRequest *request, GBytes *body)
{
  g_bytes_unref (request->body);
  request->body = body;
}

/* The program may end the exchange in a handler of the notification. */
static void
show (OaiAdapter *self, OaiCall *call)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new ();
  g_autoptr(OaiCall) held = g_object_ref (call);

  if (self->profile != NULL)
    g_ptr_array_add (names, (gpointer) oai_server_profile_get_name (self->profile));
  oai_adaptations_append_names (self->shown, names);
  g_ptr_array_add (names, NULL);
  oai_call_set_adaptations (call, (const char *const *) names->pdata);
  oai_log_adaptations (held);
}

/* Returns whether the body has changed. */
static gboolean
apply (OaiAdapter *self, OaiRequest *request, OaiAdaptations adaptations)
{
  OaiAdaptations made;
  GBytes *body = adaptations != 0 ? oai_adaptations_apply (adaptations, request->body, &made) : NULL;

  if (body == NULL)
    return FALSE;

  take_body (request, body);
  self->shown = oai_adaptations_add (self->shown, made);

  return TRUE;
}

/* The profile of the program replaces that of the library.  Sets the adaptations of the profile, and returns whether its
 * separate edits have changed the body. */
static gboolean
apply_profile (OaiAdapter *self, OaiSettings *settings, OaiRequest *request, GUri *uri, OaiAdaptations *adaptations)
{
  g_autoptr(OaiServerProfile) profile = oai_settings_dup_server_profile (settings);
  GBytes *body;

  if (profile == NULL)
    {
      *adaptations = oai_settings_get_adapt_requests (settings) ? oai_adaptations_for_host (g_uri_get_host (uri)) : 0;
      return FALSE;
    }

  *adaptations = oai_server_profile_get_adaptations (profile);
  body = oai_server_profile_edit (profile, request->body);
  if (body == NULL)
    return FALSE;

  take_body (request, body);
  self->profile = g_steal_pointer (&profile);

  return TRUE;
}

/* Most requests name the model in their body only. */
static char *
dup_model (OaiRequest *request)
{
  g_autoptr(OaiJsonDoc) doc = NULL;
  const char *body;
  gsize length;

  if (request->model != NULL)
    return g_strdup (request->model);

  body = g_bytes_get_data (request->body, &length);
  doc = oai_json_doc_new_copy (body, length, OAI_JSON_TOLERANT, NULL);

  return doc != NULL ? g_strdup (oai_json_get_string (doc, oai_json_get_member (doc, 0, "model"), NULL)) : NULL;
}

/* Requests with their own paths all have the name of the same operation. */
static const char *
get_endpoint (OaiRequest *request)
{
  return request->raw ? request->path : request->operation;
}

/* What the client has learned of the server, the endpoint and the model. */
static OaiAdaptations
remember (OaiClient *client, OaiSettings *settings, OaiRequest *request)
{
  g_autofree char *model = NULL;

  if (!oai_settings_get_adapt_requests (settings) || !oai_client_has_adaptations (client))
    return 0;

  model = dup_model (request);

  return oai_client_find_adaptations (client, oai_settings_get_base_url (settings), get_endpoint (request), model);
}

void
oai_adapter_prepare (OaiAdapter *self, OaiClient *client, OaiCall *call, OaiRequest *request, GUri *uri)
{
  OaiSettings *settings = oai_call_get_settings (call);
  OaiAdaptations adaptations;
  OaiAdaptations learned;
  gboolean edited;

  if (!can_adapt (request))
    return;

  edited = apply_profile (self, settings, request, uri, &adaptations);
  learned = remember (client, settings, request) & ~adaptations;
  adaptations = oai_adaptations_add (adaptations, learned);
  if (!apply (self, request, adaptations) && !edited)
    return;

  self->differs = (self->shown & learned) != 0;
  show (self, call);
}

gboolean
oai_adapter_can_repair (OaiCall *call, OaiRequest *request)
{
  return can_adapt (request) && oai_settings_get_adapt_requests (oai_call_get_settings (call));
}

/* A refusal may be the body of a reply with a status of success. */
static gboolean
is_refusal (guint status)
{
  return (status >= 200 && status < 300) || status == 400 || status == 422 || status == 500 || status == 501;
}

static OaiAdaptations
recognize (GBytes *refusal, const char *secrets)
{
  g_auto(OaiErrorDetails) details = { 0 };
  g_autofree char *text = NULL;
  gsize length;
  const char *body = g_bytes_get_data (refusal, &length);

  oai_error_details_read (&details, body, length, secrets);
  text = g_strdup_printf ("%s %s %s", details.message != NULL ? details.message : "", details.code != NULL ? details.code : "",
                          details.param != NULL ? details.param : "");

  return oai_adaptations_recognize (text);
}

gboolean
oai_adapter_repair (OaiAdapter *self, OaiCall *call, OaiRequest *request, GUri *uri, SoupMessageHeaders *headers, GBytes *refusal, const char *secrets)
{
  OaiSettings *settings = oai_call_get_settings (call);
  gboolean only_safe = oai_settings_is_openai (settings) || oai_settings_is_azure (settings);
  OaiAdaptations found;

  if (self->n_repairs >= MAX_REPAIRS || !oai_adapter_can_repair (call, request) || !is_refusal (oai_call_get_status_code (call)))
    return FALSE;

  /* Neither again what was tried, nor its opposite. */
  found = recognize (refusal, secrets) & oai_adaptations_get_allowed (g_uri_get_host (uri), only_safe);
  found = oai_adaptations_add (found, self->repairs) & ~self->repairs;
  self->repairs |= found;
  if (!apply (self, request, found))
    return FALSE;

  self->differs = TRUE;
  if (self->n_repairs++ == 0)
    {
      self->status = oai_call_get_status_code (call);
      self->headers = soup_message_headers_ref (headers);
      self->refusal = g_bytes_ref (refusal);
    }
  show (self, call);

  return TRUE;
}

void
oai_adapter_learn (OaiAdapter *self, OaiClient *client, OaiCall *call, OaiRequest *request)
{
  OaiSettings *settings = oai_call_get_settings (call);
  g_autofree char *model = NULL;

  if (self->n_repairs == 0)
    return;

  model = dup_model (request);
  oai_client_learn_adaptations (client, oai_settings_get_base_url (settings), get_endpoint (request), model, self->repairs & self->shown);
}

/* Whether an error may be the same refusal. */
static gboolean
is_same_kind (OaiAdapter *self, const GError *error)
{
  return error->domain == OAI_ERROR
         && (error->code == OAI_ERROR_BAD_REQUEST || error->code == OAI_ERROR_UNPROCESSABLE || error->code == OAI_ERROR_FAILED
             || (error->code == OAI_ERROR_SERVER && self->status >= 500));
}

void
oai_adapter_choose_error (OaiAdapter *self, OaiCall *call, GBytes **body, GError **error, const char *secrets)
{
  if (self->n_repairs == 0 || !is_same_kind (self, *error))
    return;

  g_clear_error (error);
  g_bytes_unref (*body);
  *body = g_bytes_ref (self->refusal);
  oai_call_set_head (call, self->status, self->headers);
  *error = oai_error_new_for_reply (call, *body, secrets);
}
