/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of models is received asynchronously.  What servers say about their models is shown, and their prices are used. */

#include "chat-model-chooser.h"

#include <glib/gi18n.h>

#define MAX_NAME 45 /* characters that the list shows */

struct _ChatModelChooser
{
  AdwBin parent_instance;

  ChatSettings *settings;
  OaiClient *client;
  OaiSession *session;
  GSignalGroup *session_signals;
  OaiPriceTable *prices;
  GCancellable *cancellable;
  gboolean has_failed;

  GtkDropDown *models;
  GtkLabel *name; /* if there is no list */
};

static guint failed_signal;

G_DEFINE_FINAL_TYPE (ChatModelChooser, chat_model_chooser, ADW_TYPE_BIN)

/* Adds the strings of a list that the user should see. */
static void
add_shown (GPtrArray *facts, const char *const *strings, const char *const *shown)
{
  for (gsize i = 0; strings[i] != NULL; i++)
    if (g_strv_contains (shown, strings[i]))
      g_ptr_array_add (facts, g_strdup (strings[i]));
}

/* Returns the name of a model, and what the server says about it, as markup. */
static char *
describe (OaiModel *model)
{
  static const char *const kinds[] = { "image", "audio", "video", "file", NULL };
  static const char *const features[] = { "tools", "reasoning", NULL };
  g_auto(GStrv) inputs = oai_model_dup_input_modalities (model);
  g_auto(GStrv) supported = oai_model_dup_features (model);
  g_autoptr(GPtrArray) facts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *context = g_strdup_printf ("%'" G_GINT64_FORMAT, oai_model_get_context_length (model));
  g_autofree char *joined = NULL;

  if (oai_model_get_context_length (model) > 0)
    g_ptr_array_add (facts, g_strdup_printf (_("%s tokens"), context));
  add_shown (facts, (const char *const *) inputs, kinds);
  add_shown (facts, (const char *const *) supported, features);
  if (facts->len == 0)
    g_ptr_array_add (facts, g_strdup (oai_model_get_owned_by (model) != NULL ? oai_model_get_owned_by (model) : ""));
  g_ptr_array_add (facts, NULL);
  joined = g_strjoinv (", ", (char **) facts->pdata);

  return g_markup_printf_escaped ("%s\n<small><span alpha='60%%'>%s</span></small>", oai_model_get_id (model), joined);
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *row, ChatModelChooser *self)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), MAX_NAME);
  gtk_list_item_set_child (row, label);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *row, ChatModelChooser *self)
{
  g_autofree char *markup = describe (gtk_list_item_get_item (row));
  GtkLabel *label = GTK_LABEL (gtk_list_item_get_child (row));
  g_auto(GStrv) lines = NULL;
  glong width = 0;

  gtk_label_set_markup (label, markup);
  lines = g_strsplit (gtk_label_get_text (label), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    width = MAX (width, g_utf8_strlen (lines[i], -1));
  gtk_label_set_width_chars (label, MIN (width, MAX_NAME));
}

/* A session that still uses another server keeps its model. */
static void
on_selected (GtkDropDown *models, GParamSpec *pspec, ChatModelChooser *self)
{
  OaiModel *model = gtk_drop_down_get_selected_item (models);

  if (model == NULL || oai_session_get_client (self->session) != self->client)
    return;
  oai_session_set_model (self->session, oai_model_get_id (model));
  chat_settings_set_model (self->settings, oai_model_get_id (model));
}

/* Whether the server has a model, which is then selected in the list. */
static gboolean
select_model (ChatModelChooser *self, const char *id)
{
  GListModel *models = gtk_drop_down_get_model (self->models);
  guint n_models = models != NULL ? g_list_model_get_n_items (models) : 0;

  for (guint i = 0; i < n_models; i++)
    {
      g_autoptr(OaiModel) model = g_list_model_get_item (models, i);

      if (g_strcmp0 (oai_model_get_id (model), id) == 0)
        {
          gtk_drop_down_set_selected (self->models, i);
          return TRUE;
        }
    }

  return FALSE;
}

/* Selects the model of the session.  If the server does not have it, uses that of the settings, or the first.  If the server lists no
 * models, shows the model of the session. */
static void
show_model (ChatModelChooser *self)
{
  gboolean has_list = gtk_drop_down_get_selected_item (self->models) != NULL;
  const char *model;

  gtk_widget_set_visible (GTK_WIDGET (self->models), has_list);
  gtk_widget_set_visible (GTK_WIDGET (self->name), !has_list);
  if (self->session == NULL)
    return;

  model = oai_session_get_model (self->session);
  gtk_label_set_text (self->name, model != NULL ? model : "");
  if (!select_model (self, oai_session_get_model (self->session)))
    select_model (self, chat_settings_get_model (self->settings));
  on_selected (self->models, NULL, self);
}

/* While the list changes, no model is chosen. */
static void
fill (ChatModelChooser *self, GListModel *models)
{
  g_signal_handlers_block_by_func (self->models, on_selected, self);
  gtk_drop_down_set_model (self->models, models);
  g_signal_handlers_unblock_by_func (self->models, on_selected, self);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatModelChooser) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiPagedList) models = oai_models_endpoint_list_finish (OAI_MODELS_ENDPOINT (source), result, &error);
  guint n_models = models != NULL ? g_list_model_get_n_items (G_LIST_MODEL (models)) : 0;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (models == NULL)
    {
      self->has_failed = TRUE;
      g_signal_emit (self, failed_signal, 0, error->message);
      return;
    }
  for (guint i = 0; i < n_models; i++)
    {
      g_autoptr(OaiModel) model = g_list_model_get_item (G_LIST_MODEL (models), i);

      oai_price_table_add_model (self->prices, model);
    }
  fill (self, G_LIST_MODEL (models));
  show_model (self);
}

void
chat_model_chooser_set_settings (ChatModelChooser *self, ChatSettings *settings)
{
  g_set_object (&self->settings, settings);
}

/* Lists the models of a server. */
void
chat_model_chooser_set_client (ChatModelChooser *self, OaiClient *client)
{
  g_autoptr(OaiModelsEndpoint) endpoint = client != NULL ? oai_models_endpoint_new (client) : NULL;

  g_set_object (&self->client, client);
  self->has_failed = FALSE;
  /* The models of another server are no choice for this one. */
  fill (self, NULL);
  show_model (self);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  if (endpoint != NULL)
    oai_models_endpoint_list_async (endpoint, self->cancellable, on_listed, g_object_ref (self));
}

void
chat_model_chooser_set_session (ChatModelChooser *self, OaiSession *session)
{
  g_set_object (&self->session, session);
  oai_session_set_prices (session, self->prices);
  g_signal_group_set_target (self->session_signals, session);
  show_model (self);
  if (self->has_failed) /* the server may have started since */
    chat_model_chooser_set_client (self, self->client);
}

static void
chat_model_chooser_dispose (GObject *object)
{
  ChatModelChooser *self = CHAT_MODEL_CHOOSER (object);

  g_clear_object (&self->session_signals);
  g_clear_object (&self->session);
  g_clear_object (&self->client);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->prices);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (chat_model_chooser_parent_class)->dispose (object);
}

static void
chat_model_chooser_class_init (ChatModelChooserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chat_model_chooser_dispose;
  failed_signal = g_signal_new ("failed", CHAT_TYPE_MODEL_CHOOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /* The template contains this type. */
  g_type_ensure (OAI_TYPE_MODEL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/OaiChat/ui/model-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, ChatModelChooser, models);
  gtk_widget_class_bind_template_child (widget_class, ChatModelChooser, name);
  gtk_widget_class_bind_template_callback (widget_class, on_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_setup);
}

static void
chat_model_chooser_init (ChatModelChooser *self)
{
  self->prices = oai_price_table_new ();
  self->session_signals = g_signal_group_new (OAI_TYPE_SESSION);
  g_signal_group_connect_swapped (self->session_signals, "notify::client", G_CALLBACK (show_model), self);
  g_signal_group_connect_swapped (self->session_signals, "notify::model", G_CALLBACK (show_model), self);
  gtk_widget_init_template (GTK_WIDGET (self));
}
