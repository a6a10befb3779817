/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-socket-event-private.h"

#include <string.h>

#include "oai-json-doc-private.h"
#include "oai-proxy-refusal-private.h"

/* The depth of the deepest member that names a model is 5. */
#define MAX_DEPTH 6
#define MAX_SHOWN 100

/* Objects that may contain a member "model", or such objects. */
static const char *const containers[] = { "session", "response", "audio", "input", "transcription", "input_audio_transcription" };

void
oai_socket_event_clear (OaiSocketEvent *self)
{
  g_clear_pointer (&self->type, g_free);
  g_clear_pointer (&self->model, g_free);
}

static gboolean
is_container (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (containers); i++)
    if (strcmp (name, containers[i]) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
take_model (OaiSocketEvent *self, const char *model, OaiProxyLimits *limits, GError **error)
{
  g_autofree char *shown = NULL;

  if (self->model == NULL)
    self->model = g_strdup (model);
  if (limits == NULL || oai_proxy_limits_allows_model (limits, model))
    return TRUE;

  shown = g_utf8_substring (model, 0, MIN (g_utf8_strlen (model, -1), MAX_SHOWN));
  g_set_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_FORBIDDEN, "The model `%s` is not allowed", shown);

  return FALSE;
}

static gboolean
take_type (OaiSocketEvent *self, const char *type, GError **error)
{
  if (self->type != NULL)
    {
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_BAD_REQUEST, "The event has several types");
      return FALSE;
    }

  self->type = g_strdup (type);

  return TRUE;
}

/* Reads all members of a name, since a server may use the first one or the last one. */
static gboolean
read_object (OaiSocketEvent *self, OaiJsonDoc *doc, OaiJsonNode object, guint depth, OaiProxyLimits *limits, GError **error)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      const char *text = oai_json_get_string (doc, value, NULL);

      if (depth == 0 && text != NULL && strcmp (name, "type") == 0 && !take_type (self, text, error))
        return FALSE;
      if (text != NULL && strcmp (name, "model") == 0 && !take_model (self, text, limits, error))
        return FALSE;
      if (depth < MAX_DEPTH && is_container (name) && !read_object (self, doc, value, depth + 1, limits, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
oai_socket_event_read (OaiSocketEvent *self, const char *text, gsize size, OaiProxyLimits *limits, GError **error)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (text, (gssize) size, OAI_JSON_STRICT, NULL);

  memset (self, 0, sizeof *self);
  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    {
      if (limits == NULL || oai_proxy_limits_get_allowed_models (limits) == NULL)
        return TRUE;
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_BAD_REQUEST, "The event is not a JSON object");
      return FALSE;
    }
  if (read_object (self, doc, 0, 0, limits, error))
    return TRUE;

  oai_socket_event_clear (self);

  return FALSE;
}

char *
oai_socket_event_make_error (const GError *error)
{
  OaiProxyRefusal refusal = oai_proxy_refusal_from_error (error);
  g_autoptr(GBytes) json = oai_proxy_refusal_to_json (&refusal, NULL);
  gsize size;
  const char *text = g_bytes_get_data (json, &size);

  /* The text is an object with the member "error". */
  return g_strdup_printf ("{\"type\":\"error\",%.*s", (int) size - 1, text + 1);
}
