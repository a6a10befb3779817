/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The conversations are sessions of the library, the newest first. */

#include "chat-store.h"

struct _ChatStore
{
  GObject parent_instance;

  GFile *directory;
  GListStore *model; /* OaiSession */
};

static GQuark file_quark;
static GQuark unsaved_quark;
static guint failed_signal;

G_DEFINE_FINAL_TYPE (ChatStore, chat_store, G_TYPE_OBJECT)

static void
chat_store_finalize (GObject *object)
{
  ChatStore *self = CHAT_STORE (object);

  g_clear_object (&self->directory);
  g_clear_object (&self->model);

  G_OBJECT_CLASS (chat_store_parent_class)->finalize (object);
}

static void
chat_store_class_init (ChatStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chat_store_finalize;
  file_quark = g_quark_from_static_string ("chat-file");
  unsaved_quark = g_quark_from_static_string ("chat-unsaved");
  failed_signal = g_signal_new ("failed", CHAT_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
chat_store_init (ChatStore *self)
{
  self->model = g_list_store_new (OAI_TYPE_SESSION);
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
set_file (OaiSession *session, GFile *file)
{
  g_object_set_qdata_full (G_OBJECT (session), file_quark, g_object_ref (file), g_object_unref);
}

static GFile *
get_file (OaiSession *session)
{
  return g_object_get_qdata (G_OBJECT (session), file_quark);
}

static void
fail (ChatStore *self, const GError *error)
{
  if (error != NULL)
    g_signal_emit (self, failed_signal, 0, error->message);
}

/* Returns the time of the newest message. */
static gint64
get_time (gconstpointer session)
{
  GListModel *items = G_LIST_MODEL ((gpointer) session);
  guint n_items = g_list_model_get_n_items (items);
  g_autoptr(OaiSessionItem) last = n_items > 0 ? g_list_model_get_item (items, n_items - 1) : NULL;

  return last != NULL ? g_date_time_to_unix (oai_session_item_get_created_at (last)) : G_MAXINT64;
}

static int
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  gint64 first = get_time (a);
  gint64 second = get_time (b);

  return (first < second) - (first > second);
}

/* A call that waits for approval is saved, because the answer may come much later. */
static void
on_approval_requested (ChatStore *self, OaiToolCall *call, OaiSession *session)
{
  chat_store_save (self, session);
}

static void
set_up (ChatStore *self, OaiSession *session, GFile *file)
{
  set_file (session, file);
  g_signal_connect_object (session, "approval-requested", G_CALLBACK (on_approval_requested), self, G_CONNECT_SWAPPED);
}

OaiSession *
chat_store_add (ChatStore *self, const char *model)
{
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *name = g_strconcat (id, ".json", NULL);
  g_autoptr(GFile) file = g_file_get_child (self->directory, name);
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, model);

  set_up (self, session, file);
  g_list_store_insert (self->model, 0, session);

  return session; /* the list has a reference */
}

/* A full disk is reported once, until the conversation can be saved again. */
static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatStore) self = user_data;
  g_autoptr(GError) error = NULL;

  oai_session_save_finish (OAI_SESSION (source), result, &error);
  if (g_object_get_qdata (source, unsaved_quark) == NULL)
    fail (self, error);
  g_object_set_qdata (source, unsaved_quark, GINT_TO_POINTER (error != NULL));
}

static void
on_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatStore) self = user_data;
  g_autoptr(GError) error = NULL;

  oai_session_delete_file_finish (OAI_SESSION (source), result, &error);
  fail (self, error);
}

void
chat_store_save (ChatStore *self, OaiSession *session)
{
  if (g_list_model_get_n_items (G_LIST_MODEL (session)) > 0 && oai_session_is_modified (session) && g_list_store_find (self->model, session, NULL))
    oai_session_save_async (session, get_file (session), NULL, on_saved, g_object_ref (self));
}

/* Ends all replies.  A call that waits for approval still waits, with its server. */
void
chat_store_stop_all (ChatStore *self)
{
  guint n_sessions = g_list_model_get_n_items (G_LIST_MODEL (self->model));

  for (guint i = 0; i < n_sessions; i++)
    {
      g_autoptr(OaiSession) session = g_list_model_get_item (G_LIST_MODEL (self->model), i);

      if (oai_session_get_state (session) != OAI_SESSION_STATE_WAITING_FOR_APPROVAL)
        oai_session_stop (session);
    }
}

void
chat_store_save_all (ChatStore *self)
{
  guint n_sessions = g_list_model_get_n_items (G_LIST_MODEL (self->model));

  for (guint i = 0; i < n_sessions; i++)
    {
      g_autoptr(OaiSession) session = g_list_model_get_item (G_LIST_MODEL (self->model), i);

      chat_store_save (self, session);
    }
}

void
chat_store_remove (ChatStore *self, OaiSession *session)
{
  guint position;

  oai_session_stop (session);
  if (g_list_store_find (self->model, session, &position))
    g_list_store_remove (self->model, position);
  oai_session_delete_file_async (session, get_file (session), NULL, on_deleted, g_object_ref (self));
}

/* Undoes chat_store_remove(). */
void
chat_store_restore (ChatStore *self, OaiSession *session)
{
  g_list_store_insert_sorted (self->model, session, compare, NULL);
  chat_store_save (self, session);
}

typedef struct
{
  ChatStore *store;
  GFile *file;
} Load;

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Load *load = user_data;
  g_autoptr(ChatStore) self = load->store;
  g_autoptr(GFile) file = load->file;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSession) session = oai_chat_session_load_finish (result, &error);

  fail (self, error);
  if (session == NULL)
    return;

  set_up (self, session, file);
  g_list_store_insert_sorted (self->model, session, compare, NULL);
}

/* Reads all files. */
void
chat_store_load (ChatStore *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GFileEnumerator) children = g_file_enumerate_children (self->directory, "standard::name", G_FILE_QUERY_INFO_NONE, NULL, &error);
  GFileInfo *info;
  GFile *file;

  while (children != NULL && g_file_enumerator_iterate (children, &info, &file, NULL, &error) && info != NULL)
    {
      Load *load;

      if (!g_str_has_suffix (g_file_info_get_name (info), ".json"))
        continue;
      load = g_new0 (Load, 1);
      load->store = g_object_ref (self);
      load->file = g_object_ref (file);
      oai_chat_session_load_async (NULL, file, NULL, on_loaded, load);
    }
  fail (self, error);
}
