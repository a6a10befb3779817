/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-adapter-private.h"

#include "oai-call-private.h"
#include "oai-error-map-private.h"
#include "oai-error.h"
#include "oai-log-private.h"
#include "oai-settings-private.h"

/* Servers that report one member at a time refuse a request repeatedly. */
#define MAX_REPAIRS 3

void
oai_adapter_clear (OaiAdapter *self)
{
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->refusal, g_bytes_unref);
}

static gboolean
can_adapt (OaiRequest *request)
{
  return request->body != NULL && !request->passthrough && !request->external && !request->upgrade;
}

/* Returns whether the body has changed.  The call may notify, so nothing follows. */
static gboolean
apply (OaiAdapter *self, OaiCall *call, OaiRequest *request, OaiAdaptations adaptations)
{
  OaiAdaptations made;
  GBytes *body = oai_adaptations_apply (adaptations, NULL, request->body, &made);
  g_autoptr(GPtrArray) names = NULL;

  if (body == NULL)
    return FALSE;

  g_bytes_unref (request->body);
  request->body = body;
  self->shown = oai_adaptations_add (self->shown, made);
  names = g_ptr_array_new ();
  oai_adaptations_append_names (self->shown, names);
  g_ptr_array_add (names, NULL);
  oai_call_set_adaptations (call, (const char *const *) names->pdata);

  return TRUE;
}

void
oai_adapter_prepare (OaiAdapter *self, OaiClient *client, OaiCall *call, OaiRequest *request, GUri *uri)
{
  OaiSettings *settings = oai_call_get_settings (call);

  if (!can_adapt (request) || !oai_settings_get_adapt_requests (settings))
    return;

  if (!oai_client_find_adaptations (client, oai_settings_get_base_url (settings), request->model, &self->before))
    self->before = oai_adaptations_for_host (g_uri_get_host (uri));
  if (self->before != 0)
    apply (self, call, request, self->before);
}

static gboolean
is_refusal (guint status)
{
  return status == 400 || status == 422 || status == 500 || status == 501;
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

  if (self->n_repairs >= MAX_REPAIRS || !can_adapt (request) || !is_refusal (oai_call_get_status_code (call))
      || !oai_settings_get_adapt_requests (settings))
    return FALSE;

  found = recognize (refusal, secrets) & oai_adaptations_get_allowed (g_uri_get_host (uri), only_safe) & ~self->repairs;
  if (found == 0)
    return FALSE;
  if (self->n_repairs == 0)
    {
      self->status = oai_call_get_status_code (call);
      self->headers = soup_message_headers_ref (headers);
      self->refusal = g_bytes_ref (refusal);
    }
  self->repairs |= found;
  if (!apply (self, call, request, found))
    return FALSE;

  self->n_repairs++;

  return TRUE;
}

void
oai_adapter_learn (OaiAdapter *self, OaiClient *client, OaiCall *call, OaiRequest *request)
{
  OaiSettings *settings = oai_call_get_settings (call);

  if (self->n_repairs > 0)
    oai_client_learn_adaptations (client, oai_settings_get_base_url (settings), request->model, oai_adaptations_add (self->before, self->repairs));
}

/* Whether an error may be the same refusal. */
static gboolean
is_same_kind (OaiAdapter *self, const GError *error)
{
  return error->domain == OAI_ERROR
         && (error->code == OAI_ERROR_BAD_REQUEST || error->code == OAI_ERROR_UNPROCESSABLE || error->code == OAI_ERROR_FAILED
             || (error->code == OAI_ERROR_SERVER && self->status >= 500));
}

GError *
oai_adapter_choose_error (OaiAdapter *self, OaiCall *call, GError *error, const char *secrets)
{
  if (self->n_repairs == 0 || !is_same_kind (self, error))
    return error;

  g_error_free (error);
  oai_call_set_head (call, self->status, self->headers);

  return oai_error_new_for_reply (call, self->refusal, secrets);
}
