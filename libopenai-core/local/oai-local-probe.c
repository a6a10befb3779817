/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-local-probe-private.h"

#include <libsoup/soup.h>
#include <string.h>

#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-version.h"

/* Any program may listen on the ports of servers. */
#define MAX_REPLY (1024 * 1024)
#define CHUNK (16 * 1024)
#define MAX_MODELS 1000
#define MAX_MODEL_NAME 256

struct _OaiLocalProbe
{
  const OaiLocalAddress *address;
  const OaiLocalTrait *traits;
  const OaiLocalTrait *next; /* the trait whose path is requested next */
  OaiLocalProbeFunc func;
  gpointer user_data;

  SoupSession *session;
  GCancellable *cancellable;
  char *origin;   /* of the requests */
  char *base_url; /* for settings */

  SoupMessage *message;
  GInputStream *body;
  GByteArray *reply;

  GPtrArray *models; /* NULL-terminated; or NULL */
  const char *name;
};

static void request (OaiLocalProbe *self, const char *path);

/* Analysis of replies */

/* Characters that change how the text around them is shown, such as U+202E, belong to the formats. */
static gboolean
is_invisible (gunichar c)
{
  return g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_FORMAT;
}

static gboolean
is_model_name (const char *text)
{
  if (text == NULL || *text == '\0' || strlen (text) > MAX_MODEL_NAME)
    return FALSE;

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (is_invisible (g_utf8_get_char (c)))
      return FALSE;

  return TRUE;
}

static const OaiLocalTrait *
find_owner (OaiLocalProbe *self, const char *owner)
{
  for (const OaiLocalTrait *trait = self->traits; trait->name != NULL; trait++)
    if (trait->owned_by != NULL && owner != NULL && g_ascii_strcasecmp (trait->owned_by, owner) == 0)
      return trait;

  return NULL;
}

static void
read_model (OaiLocalProbe *self, OaiJsonDoc *doc, OaiJsonNode model, const OaiLocalTrait **owner)
{
  const char *id = oai_json_get_string (doc, oai_json_get_member (doc, model, "id"), NULL);

  if (!is_model_name (id) || self->models->len >= MAX_MODELS)
    return;

  g_ptr_array_add (self->models, g_strdup (id));
  if (*owner == NULL)
    *owner = find_owner (self, oai_json_get_string (doc, oai_json_get_member (doc, model, "owned_by"), NULL));
}

static const OaiLocalTrait *
find_header (OaiLocalProbe *self)
{
  const char *server = soup_message_headers_get_one (soup_message_get_response_headers (self->message), "Server");

  for (const OaiLocalTrait *trait = self->traits; trait->name != NULL; trait++)
    if (trait->server != NULL && server != NULL && g_ascii_strncasecmp (server, trait->server, strlen (trait->server)) == 0)
      return trait;

  return NULL;
}

/* Ollama sends null as an empty list. */
static gboolean
is_list (OaiJsonDoc *doc, OaiJsonNode list)
{
  OaiJsonType type = oai_json_get_type (doc, list);
  const char *object = oai_json_get_string (doc, oai_json_get_member (doc, 0, "object"), NULL);

  return type == OAI_JSON_ARRAY || (type == OAI_JSON_NULL && g_strcmp0 (object, "list") == 0);
}

/* Returns FALSE if the reply is not a list of models. */
static gboolean
read_models (OaiLocalProbe *self)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy ((const char *) self->reply->data, self->reply->len, OAI_JSON_TOLERANT, NULL);
  OaiJsonNode list = doc != NULL ? oai_json_get_member (doc, 0, "data") : OAI_JSON_NONE;
  const OaiLocalTrait *owner = NULL;
  const OaiLocalTrait *trait;
  OaiJsonIter iter;
  OaiJsonNode model;

  if (doc == NULL || !is_list (doc, list))
    return FALSE;

  self->models = g_ptr_array_new_with_free_func (g_free);
  oai_json_iter_init (&iter, doc, list);
  while (oai_json_iter_next (&iter, NULL, &model))
    read_model (self, doc, model, &owner);
  if (self->models->len == 0 && oai_json_get_size (doc, list) > 0)
    {
      g_clear_pointer (&self->models, g_ptr_array_unref);
      return FALSE;
    }

  g_ptr_array_add (self->models, NULL);
  trait = find_header (self);
  if (trait == NULL)
    trait = owner;
  self->name = trait != NULL ? trait->name : NULL;

  return TRUE;
}

static gboolean
has_text (OaiLocalProbe *self, const char *text)
{
  return g_strstr_len ((const char *) self->reply->data, self->reply->len, text) != NULL;
}

/* Requests */

static void
finish (OaiLocalProbe *self)
{
  g_clear_object (&self->message);
  g_clear_object (&self->body);
  self->func (self, self->user_data);
}

/* Requests the next path that may show what the server is. */
static void
request_next (OaiLocalProbe *self)
{
  while (self->next->name != NULL && self->next->path == NULL)
    self->next++;

  if (self->name != NULL || self->next->name == NULL || g_cancellable_is_cancelled (self->cancellable))
    finish (self);
  else
    request (self, self->next->path);
}

static void
take_reply (OaiLocalProbe *self)
{
  gboolean succeeded = soup_message_get_status (self->message) == SOUP_STATUS_OK;

  if (self->models == NULL)
    {
      if (!succeeded || !read_models (self))
        {
          finish (self);
          return;
        }
    }
  else
    {
      if (succeeded && has_text (self, self->next->text))
        self->name = self->next->name;
      self->next++;
    }

  request_next (self);
}

/* A failure of a later request leaves the server without a known name. */
static void
take_failure (OaiLocalProbe *self)
{
  if (self->models == NULL || g_cancellable_is_cancelled (self->cancellable))
    {
      finish (self);
      return;
    }

  self->next++;
  request_next (self);
}

static void read_more (OaiLocalProbe *self);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiLocalProbe *self = user_data;
  g_autoptr(GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, NULL);
  gsize length = 0;
  const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  if (bytes == NULL || self->reply->len + length > MAX_REPLY)
    {
      take_failure (self);
    }
  else if (length == 0)
    {
      take_reply (self);
    }
  else
    {
      g_byte_array_append (self->reply, data, length);
      read_more (self);
    }
}

static void
read_more (OaiLocalProbe *self)
{
  g_input_stream_read_bytes_async (self->body, CHUNK, G_PRIORITY_DEFAULT, self->cancellable, read_cb, self);
}

static void
head_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiLocalProbe *self = user_data;

  g_clear_object (&self->body);
  self->body = soup_session_send_finish (SOUP_SESSION (source), result, NULL);
  if (self->body == NULL)
    take_failure (self);
  else
    read_more (self);
}

/* No server for this machine sends interim replies to GET.  libsoup reads them without returning to
 * the main loop. */
static void
got_interim_cb (SoupMessage *message, OaiLocalProbe *self)
{
  g_cancellable_cancel (self->cancellable);
}

static void
request (OaiLocalProbe *self, const char *path)
{
  g_autofree char *url = g_strconcat (self->origin, path, NULL);

  g_clear_object (&self->message);
  self->message = soup_message_new (SOUP_METHOD_GET, url);
  soup_message_set_flags (self->message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
  soup_message_headers_replace (soup_message_get_request_headers (self->message), "Accept", "application/json, text/*;q=0.5");
  g_signal_connect (self->message, "got-informational", G_CALLBACK (got_interim_cb), self);
  g_byte_array_set_size (self->reply, 0);
  soup_session_send_async (self->session, self->message, G_PRIORITY_DEFAULT, self->cancellable, head_cb, self);
}

/* Addresses */

/* Without a proxy, credentials or cookies. */
static SoupSession *
new_session (const char *socket_path)
{
  g_autoptr(GSocketAddress) socket = socket_path != NULL ? g_unix_socket_address_new (socket_path) : NULL;
  SoupSession *session = soup_session_new_with_options ("proxy-resolver", NULL,
                                                        "remote-connectable", socket,
                                                        "user-agent", "openai-gnome/" OAI_VERSION_STRING,
                                                        NULL);

  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);

  return session;
}

static void
set_socket (OaiLocalProbe *self)
{
  const char *socket = self->address->socket;
  g_autofree char *path = g_path_is_absolute (socket) ? g_strdup (socket) : g_build_filename (g_get_user_runtime_dir (), socket, NULL);

  self->session = new_session (path);
  self->origin = g_strdup ("http://localhost");
  self->base_url = g_strconcat ("unix:", path, ":", self->address->base, NULL);
}

static void
set_port (OaiLocalProbe *self, const char *host)
{
  self->session = new_session (NULL);
  self->origin = strchr (host, ':') != NULL ? g_strdup_printf ("http://[%s]:%u", host, self->address->port)
                                            : g_strdup_printf ("http://%s:%u", host, self->address->port);
  self->base_url = g_strconcat (self->origin, self->address->base, NULL);
}

OaiLocalProbe *
oai_local_probe_new (const OaiLocalAddress *address, const char *host, const OaiLocalTrait *traits, OaiLocalProbeFunc func, gpointer user_data)
{
  OaiLocalProbe *self = g_new0 (OaiLocalProbe, 1);
  g_autofree char *path = g_strconcat (address->base, "/models", NULL);

  self->address = address;
  self->traits = traits;
  self->next = traits;
  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->reply = g_byte_array_new ();
  if (address->socket != NULL)
    set_socket (self);
  else
    set_port (self, host);
  request (self, path);

  return self;
}

void
oai_local_probe_free (OaiLocalProbe *self)
{
  soup_session_abort (self->session);
  g_object_unref (self->session);
  g_object_unref (self->cancellable);
  g_byte_array_unref (self->reply);
  g_clear_pointer (&self->models, g_ptr_array_unref);
  g_free (self->origin);
  g_free (self->base_url);
  g_free (self);
}

void
oai_local_probe_cancel (OaiLocalProbe *self)
{
  g_cancellable_cancel (self->cancellable);
}

const char *const *
oai_local_probe_get_models (OaiLocalProbe *self)
{
  return self->models != NULL ? (const char *const *) self->models->pdata : NULL;
}

const char *
oai_local_probe_get_name (OaiLocalProbe *self)
{
  if (self->name != NULL)
    return self->name;

  /* Translators: the name of a program on this computer that offers models. */
  return self->address->name != NULL ? self->address->name : _("Local server");
}

const char *
oai_local_probe_get_base_url (OaiLocalProbe *self)
{
  return self->base_url;
}

gboolean
oai_local_probe_is_same (OaiLocalProbe *self, OaiLocalProbe *other)
{
  return self->address == other->address && g_strcmp0 (self->name, other->name) == 0
         && g_strv_equal (oai_local_probe_get_models (self), oai_local_probe_get_models (other));
}
