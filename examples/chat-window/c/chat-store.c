/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of conversations, the newest first. */

#include "chat-store.h"

struct _ChatStore
{
  GObject parent_instance;

  GFile *directory;
  GListStore *model; /* ChatConversation */
  OaiClient *reader; /* of the files; it sends no requests */
};

static guint failed_signal;

G_DEFINE_FINAL_TYPE (ChatStore, chat_store, G_TYPE_OBJECT)

static void
chat_store_finalize (GObject *object)
{
  ChatStore *self = CHAT_STORE (object);

  g_clear_object (&self->directory);
  g_clear_object (&self->model);
  g_clear_object (&self->reader);

  G_OBJECT_CLASS (chat_store_parent_class)->finalize (object);
}

static void
chat_store_class_init (ChatStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chat_store_finalize;
  failed_signal = g_signal_new ("failed", CHAT_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
chat_store_init (ChatStore *self)
{
  g_autoptr(OaiAuth) auth = oai_auth_new (NULL);

  self->model = g_list_store_new (CHAT_TYPE_CONVERSATION);
  self->reader = oai_client_new (auth, NULL);
}

ChatStore *
chat_store_new (GFile *directory)
{
  ChatStore *self = g_object_new (CHAT_TYPE_STORE, NULL);

  self->directory = g_object_ref (directory);
  g_mkdir_with_parents (g_file_peek_path (directory), 0700);

  return self;
}

GListModel *
chat_store_get_model (ChatStore *self)
{
  return G_LIST_MODEL (self->model);
}

static void
fail (ChatStore *self, const char *message)
{
  g_signal_emit (self, failed_signal, 0, message);
}

static ChatConversation *
make_conversation (ChatStore *self, GFile *file, gint64 changed)
{
  ChatConversation *conversation = chat_conversation_new (file, changed);

  g_signal_connect_object (conversation, "failed", G_CALLBACK (fail), self, G_CONNECT_SWAPPED);

  return conversation;
}

static int
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  gint64 first = chat_conversation_get_changed ((ChatConversation *) a);
  gint64 second = chat_conversation_get_changed ((ChatConversation *) b);

  return (first < second) - (first > second);
}

ChatConversation *
chat_store_add (ChatStore *self)
{
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *name = g_strconcat (id, ".json", NULL);
  g_autoptr(GFile) file = g_file_get_child (self->directory, name);
  ChatConversation *conversation = make_conversation (self, file, g_get_real_time () / G_USEC_PER_SEC);

  g_list_store_insert (self->model, 0, conversation);
  g_object_unref (conversation); /* the list has a reference */

  return conversation;
}

void
chat_store_remove (ChatStore *self, ChatConversation *conversation)
{
  guint position;

  if (g_list_store_find (self->model, conversation, &position))
    g_list_store_remove (self->model, position);
  chat_conversation_set_removed (conversation, TRUE);
}

/* Undoes chat_store_remove(). */
void
chat_store_restore (ChatStore *self, ChatConversation *conversation)
{
  g_list_store_insert_sorted (self->model, conversation, compare, NULL);
  chat_conversation_set_removed (conversation, FALSE);
}

typedef struct
{
  ChatStore *store;
  gint64 changed;
} Load;

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Load *load = user_data;
  g_autoptr(ChatStore) self = load->store;
  g_autoptr(ChatConversation) conversation = make_conversation (self, G_FILE (source), load->changed);
  g_autofree char *json = NULL;
  g_autoptr(GError) error = NULL;

  if (g_file_load_contents_finish (G_FILE (source), result, &json, NULL, NULL, &error)
      && chat_conversation_load (conversation, self->reader, json, &error))
    g_list_store_insert_sorted (self->model, conversation, compare, NULL);
  else
    {
      g_autofree char *name = g_file_get_basename (G_FILE (source));
      g_autofree char *message = g_strdup_printf ("%s: %s", name, error->message);

      fail (self, message);
    }
}

/* Reads all files. */
void
chat_store_load (ChatStore *self)
{
  g_autoptr(GFileEnumerator) children = g_file_enumerate_children (self->directory, "standard::name,time::modified", G_FILE_QUERY_INFO_NONE, NULL, NULL);
  GFileInfo *info;
  GFile *file;

  while (children != NULL && g_file_enumerator_iterate (children, &info, &file, NULL, NULL) && info != NULL)
    {
      g_autoptr(GDateTime) changed = g_file_info_get_modification_date_time (info);
      Load *load;

      if (!g_str_has_suffix (g_file_info_get_name (info), ".json"))
        continue;
      load = g_new0 (Load, 1);
      load->store = g_object_ref (self);
      load->changed = changed != NULL ? g_date_time_to_unix (changed) : 0;
      g_file_load_contents_async (file, NULL, on_loaded, load);
    }
}
