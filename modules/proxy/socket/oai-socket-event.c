/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-socket-event-private.h"

#include <string.h>

#include "oai-json-doc-private.h"
#include "oai-json-scanner-private.h"
#include "oai-proxy-pattern-private.h"
#include "oai-proxy-refusal-private.h"

/* The depth of the deepest member that names a model is 5. */
#define MAX_DEPTH 6

/* Objects that may contain a member "model", or such objects. */
static const char *const containers[] = { "session", "response", "audio", "input", "transcription", "input_audio_transcription" };

void
oai_socket_event_clear (OaiSocketEvent *self)
{
  g_clear_pointer (&self->type, g_free);
  while (self->n_models > 0)
    g_clear_pointer (&self->models[--self->n_models], g_free);
}

static gboolean G_GNUC_PRINTF (2, 3)
refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (OAI_PROXY_ERROR, OAI_PROXY_ERROR_BAD_REQUEST, format, arguments));
  va_end (arguments);

  return FALSE;
}

static gboolean
is_container (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (containers); i++)
    if (strcmp (name, containers[i]) == 0)
      return TRUE;

  return FALSE;
}

/* Returns the name that a server that ignores case takes for another one, or NULL. */
static const char *
find_similar (const char *name)
{
  if (oai_json_scanner_is_similar (name, "model"))
    return "model";
  if (oai_json_scanner_is_similar (name, "type"))
    return "type";
  for (guint i = 0; i < G_N_ELEMENTS (containers); i++)
    if (oai_json_scanner_is_similar (name, containers[i]))
      return containers[i];

  return NULL;
}

/* Halves of surrogate pairs, and NUL, are U+FFFD in the document.  Servers can leave them out. */
static gboolean
has_unreadable_character (const char *text)
{
  return strstr (text, "\357\277\275") != NULL;
}

static gboolean
check_name (const char *name, GError **error)
{
  const char *similar = find_similar (name);

  if (has_unreadable_character (name))
    return refuse (error, "The name of a member contains a character that is not valid");

  return similar == NULL || strcmp (name, similar) == 0 || refuse (error, "The name of the member `%s` must be in lower case", similar);
}

static gboolean
take_model (OaiSocketEvent *self, const char *model, OaiProxyLimits *limits, GError **error)
{
  if (g_strv_contains ((const char *const *) self->models, model))
    return TRUE;
  if (!oai_proxy_name_is_valid (model) || has_unreadable_character (model))
    return refuse (error, "The member `model` must be a name of at most %d bytes", OAI_PROXY_MAX_NAME);
  if (self->n_models == OAI_SOCKET_EVENT_MAX_MODELS)
    return refuse (error, "The event names more than %d models", OAI_SOCKET_EVENT_MAX_MODELS);
  if (limits != NULL && !oai_proxy_limits_allows_model (limits, model))
    {
      g_set_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_FORBIDDEN, "The model `%s` is not allowed", model);
      return FALSE;
    }
  self->models[self->n_models++] = g_strdup (model);

  return TRUE;
}

static gboolean
take_type (OaiSocketEvent *self, const char *type, OaiProxyLimits *limits, GError **error)
{
  if (self->type != NULL)
    return refuse (error, "The event has several types");
  if (limits != NULL && has_unreadable_character (type))
    return refuse (error, "The member `type` contains a character that is not valid");

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

      if (limits != NULL && !check_name (name, error))
        return FALSE;
      if (depth == 0 && text != NULL && strcmp (name, "type") == 0 && !take_type (self, text, limits, error))
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
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (text, (gssize) size, OAI_JSON_LONE_SURROGATES, NULL);

  memset (self, 0, sizeof *self);
  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    return limits == NULL || refuse (error, "The event is not a JSON object");
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
