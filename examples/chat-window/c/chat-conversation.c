/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The file contains the session as the library writes it, in the same format as that of the version in Python. */

#include "chat-conversation.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_TITLE 60 /* characters */

struct _ChatConversation
{
  GObject parent_instance;

  GFile *file;
  OaiSession *session;
  char *title;
  char *json;     /* as it was saved */
  char *messages; /* the texts, for the search */
  gint64 changed; /* time of the last change, in seconds */
  gboolean saves;
  gboolean needs_save;
  gboolean has_failed; /* to save it */
  gboolean removed;
};

enum
{
  PROP_0,
  PROP_TITLE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint failed_signal;

G_DEFINE_FINAL_TYPE (ChatConversation, chat_conversation, G_TYPE_OBJECT)

static void update_file (ChatConversation *self);

static void
chat_conversation_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TITLE)
    g_value_set_string (value, CHAT_CONVERSATION (object)->title);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
chat_conversation_finalize (GObject *object)
{
  ChatConversation *self = CHAT_CONVERSATION (object);

  g_clear_object (&self->file);
  g_clear_object (&self->session);
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->json, g_free);
  g_clear_pointer (&self->messages, g_free);

  G_OBJECT_CLASS (chat_conversation_parent_class)->finalize (object);
}

static void
chat_conversation_class_init (ChatConversationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chat_conversation_get_property;
  object_class->finalize = chat_conversation_finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  failed_signal = g_signal_new ("failed", CHAT_TYPE_CONVERSATION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
chat_conversation_init (ChatConversation *self)
{
  self->title = g_strdup (_("New conversation"));
  self->messages = g_strdup ("");
}

ChatConversation *
chat_conversation_new (GFile *file, gint64 changed)
{
  ChatConversation *self = g_object_new (CHAT_TYPE_CONVERSATION, NULL);

  self->file = g_object_ref (file);
  self->changed = changed;

  return self;
}

/* The messages */

/* Whether a text contains each of the words, in any case. */
gboolean
chat_text_contains (const char *text, const char *words)
{
  g_autofree char *folded = g_utf8_casefold (text != NULL ? text : "", -1);
  g_autofree char *folded_words = g_utf8_casefold (words, -1);
  g_auto(GStrv) list = g_strsplit_set (folded_words, " \t\n", -1);

  for (gsize i = 0; list[i] != NULL; i++)
    if (strstr (folded, list[i]) == NULL)
      return FALSE;

  return TRUE;
}

static void
set_title (ChatConversation *self, const char *text)
{
  g_autofree char *title = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), MAX_TITLE));

  if (strcmp (title, self->title) == 0)
    return;
  g_free (self->title);
  self->title = g_steal_pointer (&title);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

/* Returns the words with one space between them. */
static char *
join_words (const char *text)
{
  g_auto(GStrv) words = g_strsplit_set (text, " \t\r\n", -1);
  GString *joined = g_string_new (NULL);

  for (gsize i = 0; words[i] != NULL && joined->len < 4 * MAX_TITLE; i++)
    if (*words[i] != '\0')
      g_string_append_printf (joined, "%s%s", joined->len > 0 ? " " : "", words[i]);

  return g_string_free (joined, FALSE);
}

/* Reads the title and the texts for the search from a session. */
static void
read_messages (ChatConversation *self, OaiSession *session)
{
  g_autoptr(GString) messages = g_string_new (NULL);
  gboolean has_title = FALSE;
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (session));

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(OaiSessionItem) item = g_list_model_get_item (G_LIST_MODEL (session), i);
      const char *text = oai_session_item_get_text (item);
      g_autofree char *title = NULL;

      if (oai_session_item_get_kind (item) != OAI_SESSION_ITEM_KIND_MESSAGE || text == NULL)
        continue;
      g_string_append_printf (messages, "%s\n", text);
      title = has_title ? NULL : join_words (text);
      if (title != NULL && *title != '\0')
        {
          set_title (self, title);
          has_title = TRUE;
        }
    }
  g_free (self->messages);
  self->messages = g_utf8_casefold (messages->str, messages->len);
}

/* Sets what the file contains. */
gboolean
chat_conversation_load (ChatConversation *self, OaiClient *reader, const char *json, GError **error)
{
  g_autoptr(OaiSession) session = oai_chat_session_new_from_json (reader, json, error);

  if (session == NULL)
    return FALSE;
  self->json = g_strdup (json);
  read_messages (self, session);

  return TRUE;
}

/* Restores the session, or creates it. */
OaiSession *
chat_conversation_open (ChatConversation *self, OaiClient *client, const char *model, GError **error)
{
  if (self->session == NULL && self->json != NULL)
    self->session = oai_chat_session_new_from_json (client, self->json, error);
  else if (self->session == NULL)
    self->session = oai_chat_session_new (client, model);

  return self->session;
}

OaiSession *
chat_conversation_get_session (ChatConversation *self)
{
  return self->session;
}

gint64
chat_conversation_get_changed (ChatConversation *self)
{
  return self->changed;
}

gboolean
chat_conversation_is_empty (ChatConversation *self)
{
  return self->json == NULL && (self->session == NULL || g_list_model_get_n_items (G_LIST_MODEL (self->session)) == 0);
}

gboolean
chat_conversation_is_saved (ChatConversation *self)
{
  return self->json != NULL;
}

/* Whether the messages contain each of the words. */
gboolean
chat_conversation_matches (ChatConversation *self, const char *words)
{
  g_autofree char *folded = g_utf8_casefold (words, -1);
  g_auto(GStrv) list = g_strsplit_set (folded, " \t\n", -1);

  for (gsize i = 0; list[i] != NULL; i++)
    if (strstr (self->messages, list[i]) == NULL)
      return FALSE;

  return TRUE;
}

/* The file */

static void
save (ChatConversation *self)
{
  g_autofree char *json = NULL;

  if (g_list_model_get_n_items (G_LIST_MODEL (self->session)) == 0)
    return;

  json = oai_session_to_json (self->session);
  if (g_strcmp0 (json, self->json) == 0 && !self->has_failed)
    return;
  g_free (self->json);
  self->json = g_steal_pointer (&json);
  update_file (self);
}

static void
end_update (ChatConversation *self, const GError *error)
{
  /* After a failure, save() writes the same text again. */
  self->has_failed = error != NULL && !(self->removed && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  if (self->has_failed)
    g_signal_emit (self, failed_signal, 0, error->message);
  self->saves = FALSE;
  if (self->needs_save)
    update_file (self);
  g_application_release (g_application_get_default ());
}

static void
on_replaced (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatConversation) self = user_data;
  g_autoptr(GError) error = NULL;

  g_file_replace_contents_finish (G_FILE (source), result, NULL, &error);
  end_update (self, error);
}

static void
on_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatConversation) self = user_data;
  g_autoptr(GError) error = NULL;

  g_file_delete_finish (G_FILE (source), result, &error);
  end_update (self, error);
}

/* Replaces the file as a whole, so that it is never incomplete, or deletes it.  The program does not end before that. */
static void
update_file (ChatConversation *self)
{
  g_autoptr(GBytes) bytes = NULL;

  if (self->saves || self->json == NULL)
    {
      self->needs_save = self->saves;
      return;
    }

  g_application_hold (g_application_get_default ());
  self->saves = TRUE;
  self->needs_save = FALSE;
  bytes = g_bytes_new (self->json, strlen (self->json));
  if (self->removed)
    g_file_delete_async (self->file, G_PRIORITY_DEFAULT, NULL, on_deleted, g_object_ref (self));
  else
    g_file_replace_contents_bytes_async (self->file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL, on_replaced, g_object_ref (self));
}

/* Reads the messages of the session, and saves it. */
void
chat_conversation_update (ChatConversation *self)
{
  read_messages (self, self->session);
  save (self);
}

/* Ends a reply, and saves it.  A call that waits for approval still waits when the conversation is restored. */
void
chat_conversation_suspend (ChatConversation *self)
{
  if (self->session == NULL)
    return;

  if (oai_session_get_state (self->session) != OAI_SESSION_STATE_WAITING_FOR_APPROVAL)
    oai_session_stop (self->session);
  save (self);
}

/* Releases the session, for example to use another server. */
void
chat_conversation_close (ChatConversation *self)
{
  chat_conversation_suspend (self);
  if (self->session != NULL)
    oai_session_stop (self->session);
  g_clear_object (&self->session);
}

/* Deletes the file, or writes it again. */
void
chat_conversation_set_removed (ChatConversation *self, gboolean removed)
{
  self->removed = removed;
  update_file (self);
}
