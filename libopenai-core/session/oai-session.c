/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-session-private.h"

#include "oai-emit-private.h"
#include "oai-enum-types.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-tool-call-private.h"
#include "oai-toolset-private.h"

/**
 * OaiSession:
 *
 * A conversation with a model, as a list of items that change while replies arrive.
 *
 * A session is a [iface@Gio.ListModel] of [class@Oai.SessionItem]. [method@Oai.Session.send_async] appends the message of
 * the user, sends the conversation, and appends the items of the reply, whose texts grow while they arrive. A list view
 * that is bound to the session needs no other code. [method@Oai.Session.stop] ends a reply at any moment, and leaves a
 * conversation that servers accept.
 *
 * ```c
 * g_autoptr(OaiSession) session = oai_chat_session_new (client, "gpt-4o-mini");
 *
 * gtk_list_view_set_model (view, selection_of (G_LIST_MODEL (session)));
 * oai_session_send_async (session, "Name a city.", cancellable, on_sent, view);
 * ```
 *
 * [ctor@Oai.ChatSession.new] creates a session for chat completions, which most servers support. Programs cannot derive
 * types from OaiSession: such a session fails with %OAI_ERROR_INVALID_ARGUMENT.
 *
 * A session can be used only in one main context, by one thread.
 *
 * Since: 1.0
 */

#define DEFAULT_MAX_ROUNDS 10

typedef struct
{
  OaiClient *client;
  char *model;
  char *instructions;
  OaiRecord *options;
  OaiToolset *toolset;
  OaiPriceTable *prices;
  gboolean streaming;
  guint coalesce_interval;
  guint max_rounds;
  double budget;
  OaiSessionUsage usage;
  double cost;
  gboolean is_measured; /* the last reply since there are these prices contained the number of tokens */
  guint first_token_latency;
  guint latency;
  OaiSessionState state;
  GError *error;
  GDateTime *retry_at; /* or NULL */
  char *title;         /* or NULL */
  char *server;        /* address of that of the last request; or NULL */
  GQueue file_operations;
  guint64 n_changes; /* of the list and the settings, and of items that were removed */
  guint64 n_saved;   /* changes, with those of the items, that a file contains */
  GPtrArray *items; /* OaiSessionItem */
  GPtrArray *parts; /* OaiRecord for the next message of the user */
  OaiSessionTurn *turn; /* or NULL */
} OaiSessionPrivate;

enum
{
  PROP_0,
  PROP_CLIENT,
  PROP_MODEL,
  PROP_INSTRUCTIONS,
  PROP_OPTIONS,
  PROP_TOOLSET,
  PROP_STREAMING,
  PROP_COALESCE_INTERVAL,
  PROP_MAX_ROUNDS,
  PROP_PRICES,
  PROP_BUDGET,
  PROP_COST,
  PROP_INPUT_TOKENS,
  PROP_CACHED_TOKENS,
  PROP_OUTPUT_TOKENS,
  PROP_REASONING_TOKENS,
  PROP_TOTAL_TOKENS,
  PROP_FIRST_TOKEN_LATENCY,
  PROP_LATENCY,
  PROP_STATE,
  PROP_ERROR,
  PROP_RETRY_AT,
  PROP_TITLE,
  PROP_TEXT,
  PROP_N_PARTS,
  PROP_ITEM_TYPE,
  PROP_N_ITEMS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint signals[OAI_SESSION_N_SIGNALS];

static void oai_session_list_model_init (GListModelInterface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (OaiSession, oai_session, G_TYPE_OBJECT,
                                  G_ADD_PRIVATE (OaiSession)
                                  G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, oai_session_list_model_init))

static OaiSessionPrivate *
get_private (OaiSession *self)
{
  return oai_session_get_instance_private (self);
}

const OaiSessionHooks *
oai_session_get_hooks (OaiSession *self)
{
  return OAI_SESSION_GET_CLASS (self)->hooks;
}

OaiSession *
oai_session_create (GType type, OaiClient *client, const char *model)
{
  OaiSession *self;

  g_return_val_if_fail (client == NULL || OAI_IS_CLIENT (client), NULL);

  self = g_object_new (type, "client", client, NULL);
  oai_session_set_model (self, model);
  oai_session_set_n_saved (self, oai_session_get_n_changes (self));

  return self;
}

void
oai_session_restore_usage (OaiSession *self, const OaiSessionUsage *usage, double cost)
{
  get_private (self)->usage = *usage;
  get_private (self)->cost = cost;
}

GPtrArray *
oai_session_get_items (OaiSession *self)
{
  return get_private (self)->items;
}

GPtrArray *
oai_session_get_parts (OaiSession *self)
{
  return get_private (self)->parts;
}

void
oai_session_notify_parts (OaiSession *self)
{
  oai_emit_notify (self, properties[PROP_N_PARTS]);
}

GQueue *
oai_session_get_file_operations (OaiSession *self)
{
  return &get_private (self)->file_operations;
}

guint
oai_session_get_signal (OaiSessionSignal signal)
{
  return signals[signal];
}

OaiSessionTurn *
oai_session_get_turn (OaiSession *self)
{
  return get_private (self)->turn;
}

void
oai_session_set_turn (OaiSession *self, OaiSessionTurn *turn)
{
  get_private (self)->turn = turn;
}

/* Subclasses of programs */

static GError *
new_unsupported (void)
{
  return g_error_new_literal (OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("Sessions of this type cannot be used. Create an OaiChatSession or an OaiResponsesSession."));
}

static GType
get_no_type (void)
{
  return G_TYPE_NONE;
}

static OaiRecord *
parse_no_record (OaiSessionItemKind kind, const char *json)
{
  return NULL;
}

static OaiRecord *
create_no_part (OaiSessionPart part, const char *text, GBytes *bytes, GError **error)
{
  g_propagate_error (error, new_unsupported ());

  return NULL;
}

/* The functions that are called without a turn. */
static const OaiSessionHooks no_hooks = {
  .get_request_type = get_no_type,
  .get_record_type = get_no_type,
  .parse_record = parse_no_record,
  .create_part = create_no_part,
};

gboolean
oai_session_check_type (OaiSession *self, GError **error)
{
  if (oai_session_get_hooks (self) != &no_hooks)
    return TRUE;

  g_propagate_error (error, new_unsupported ());

  return FALSE;
}

/* State */

void
oai_session_set_state (OaiSession *self, OaiSessionState state)
{
  OaiSessionPrivate *priv = get_private (self);

  if (priv->state == state)
    return;

  priv->state = state;
  oai_emit_notify (self, properties[PROP_STATE]);
}

void
oai_session_set_error (OaiSession *self, const GError *error)
{
  OaiSessionPrivate *priv = get_private (self);

  if (priv->error == NULL && error == NULL)
    return;

  g_clear_error (&priv->error);
  priv->error = error != NULL ? g_error_copy (error) : NULL;
  oai_emit_notify (self, properties[PROP_ERROR]);
}

void
oai_session_set_retry_at (OaiSession *self, GDateTime *retry_at)
{
  OaiSessionPrivate *priv = get_private (self);

  if (priv->retry_at == retry_at)
    return;

  g_clear_pointer (&priv->retry_at, g_date_time_unref);
  priv->retry_at = retry_at != NULL ? g_date_time_ref (retry_at) : NULL;
  oai_emit_notify (self, properties[PROP_RETRY_AT]);
}

/* Changes */

guint64
oai_session_get_n_changes (OaiSession *self)
{
  OaiSessionPrivate *priv = get_private (self);
  guint64 n_changes = priv->n_changes;

  for (guint i = 0; i < priv->items->len; i++)
    n_changes += oai_session_item_get_n_changes (g_ptr_array_index (priv->items, i));

  return n_changes;
}

void
oai_session_set_n_saved (OaiSession *self, guint64 n_changes)
{
  get_private (self)->n_saved = n_changes;
}

/* Notifies of a setting that is saved. */
static void
notify_setting (OaiSession *self, guint id)
{
  get_private (self)->n_changes++;
  oai_emit_notify (self, properties[id]);
}

/* The server */

const char *
oai_session_get_server (OaiSession *self)
{
  return get_private (self)->server;
}

/* Replaces a text; returns whether it has changed. */
static gboolean
replace_text (char **text, const char *replacement)
{
  char *copy;

  if (g_strcmp0 (*text, replacement) == 0)
    return FALSE;

  copy = g_strdup (replacement);
  g_free (*text);
  *text = copy;

  return TRUE;
}

void
oai_session_set_server (OaiSession *self, const char *server)
{
  replace_text (&get_private (self)->server, server);
}

void
oai_session_check_server (OaiSession *self)
{
  OaiSessionPrivate *priv = get_private (self);
  const char *server = priv->client != NULL ? oai_settings_get_base_url (oai_client_get_settings (priv->client)) : NULL;
  gboolean is_other = priv->server != NULL && g_strcmp0 (priv->server, server) != 0;

  if (server == NULL)
    return;

  oai_session_set_server (self, server);
  if (!is_other)
    return;

  oai_session_forget_replies (self, 0);
  for (guint i = 0; i < priv->items->len; i++)
    oai_session_item_set_foreign (g_ptr_array_index (priv->items, i));
  if (oai_session_get_hooks (self)->forget_server != NULL)
    oai_session_get_hooks (self)->forget_server (self);
}

/* The title */

#define MAX_TITLE 60          /* characters */
#define MAX_TITLE_TEXT 4096   /* bytes of a message that are read */
#define MAX_TITLE_MESSAGES 20 /* of the user that are read */

/* Whether a character belongs to the one before it. */
static gboolean
is_joined (gunichar c)
{
  return g_unichar_ismark (c) || c == 0x200d || (c >= 0x1f3fb && c <= 0x1f3ff);
}

/* Shortens a text that is too long at the end of a word, or within a word that is too long itself. */
static void
truncate_title (GString *title)
{
  char *end, *blank;

  if (g_utf8_strlen (title->str, (gssize) title->len) <= MAX_TITLE)
    return;

  end = g_utf8_offset_to_pointer (title->str, MAX_TITLE);
  blank = g_utf8_strrchr (title->str, end + 1 - title->str, ' ');
  if (blank != NULL)
    end = blank;
  else
    while (end > title->str && is_joined (g_utf8_get_char (end)))
      end = g_utf8_prev_char (end);
  g_string_truncate (title, (gsize) (end - title->str));
}

/* Returns the first words of a text on one line; NULL if there are none. */
static char *
make_title (const char *text)
{
  g_autoptr(GString) title = g_string_new (NULL);
  gboolean in_blank = FALSE;

  for (guint length = 0; *text != '\0' && length <= MAX_TITLE; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      if (g_unichar_isspace (c) || g_unichar_iscntrl (c))
        {
          in_blank = title->len > 0;
          continue;
        }
      if (in_blank)
        g_string_append_c (title, ' ');
      g_string_append_unichar (title, c);
      length += in_blank ? 2 : 1;
      in_blank = FALSE;
    }
  truncate_title (title);

  return title->len > 0 ? g_string_free (g_steal_pointer (&title), FALSE) : NULL;
}

/* Returns the beginning of a text as UTF-8, without the markers of Markdown. */
static char *
strip_markup (const char *text)
{
  static const char *const patterns[][2] = {
    { "!?\\[([^][\\n]*)\\]\\([^()\\s]*\\)", "\\1" }, /* links and images */
    { "^\\h*+(?:[#>*+-]++(?:\\h++|$))++", "" }, /* headings, quotations and lists */
    { "(?<![\\w*])(\\*+)([^\\s*](?:[^*\\n]*[^\\s*])?)\\1(?![\\w*])", "\\2" }, /* emphasized text */
    { "`+", "" } /* code */
  };
  const char *begin = text + strspn (text, " \t\r\n");
  char *stripped = g_utf8_make_valid (begin, (gssize) strnlen (begin, MAX_TITLE_TEXT));

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr(GRegex) regex = g_regex_new (patterns[i][0], G_REGEX_MULTILINE, 0, NULL);
      char *replaced = g_regex_replace (regex, stripped, -1, 0, patterns[i][1], 0, NULL);

      if (replaced == NULL)
        continue;
      g_free (stripped);
      stripped = replaced;
    }

  return stripped;
}

static char *
find_title (OaiSession *self)
{
  GPtrArray *items = get_private (self)->items;
  guint n_read = 0;
  char *title = NULL;

  for (guint i = 0; title == NULL && i < items->len && n_read < MAX_TITLE_MESSAGES; i++)
    {
      OaiSessionItem *item = g_ptr_array_index (items, i);
      const char *text = oai_session_item_get_text (item);

      if (text != NULL && oai_session_item_is_message (item, oai_session_get_hooks (self)->user_role))
        {
          g_autofree char *stripped = strip_markup (text);

          title = make_title (stripped);
          n_read++;
        }
    }

  return title;
}

void
oai_session_update_title (OaiSession *self)
{
  g_autofree char *title = find_title (self);

  if (replace_text (&get_private (self)->title, title))
    oai_emit_notify (self, properties[PROP_TITLE]);
}

/* Items */

/* Returns the newest message of the model, or NULL. */
static OaiSessionItem *
find_newest_reply (OaiSession *self)
{
  GPtrArray *items = get_private (self)->items;

  for (guint i = items->len; i > 0; i--)
    if (oai_session_item_is_message (g_ptr_array_index (items, i - 1), oai_session_get_hooks (self)->model_role))
      return g_ptr_array_index (items, i - 1);

  return NULL;
}

static void
text_changed_cb (OaiSession *self, GParamSpec *pspec, OaiSessionItem *item)
{
  oai_emit_notify (self, properties[PROP_TEXT]);
}

void
oai_session_replace_items (OaiSession *self, guint position, guint n_removed, OaiSessionItem *item)
{
  OaiSessionPrivate *priv = get_private (self);
  const OaiSessionHooks *hooks = oai_session_get_hooks (self);
  gboolean is_reply = item != NULL && oai_session_item_is_message (item, hooks->model_role);
  gboolean other_title = n_removed > 0 || (item != NULL && oai_session_item_is_message (item, hooks->user_role));
  gboolean other_text = is_reply || n_removed > 0;
  OaiSessionItem *newest = other_text ? find_newest_reply (self) : NULL;
  guint n_added = item != NULL ? 1 : 0;
  g_autoptr(OaiSession) held G_GNUC_UNUSED = g_object_ref (self);

  if (is_reply)
    g_signal_connect_object (item, "notify::text", G_CALLBACK (text_changed_cb), self, G_CONNECT_SWAPPED);

  priv->n_changes++;
  for (guint i = 0; i < n_removed; i++)
    priv->n_changes += oai_session_item_get_n_changes (g_ptr_array_index (priv->items, position + i));
  if (n_removed > 0)
    g_ptr_array_remove_range (priv->items, position, n_removed);
  if (item != NULL)
    {
      oai_session_item_set_list_images (item, hooks->list_images);
      g_ptr_array_insert (priv->items, (int) position, g_object_ref (item));
    }
  other_text = other_text && find_newest_reply (self) != newest;

  oai_emit_items_changed (self, position, n_removed, n_added);
  if (n_removed != n_added)
    oai_emit_notify (self, properties[PROP_N_ITEMS]);
  if (other_title)
    oai_session_update_title (self);
  if (other_text)
    oai_emit_notify (self, properties[PROP_TEXT]);
}

static gboolean
has_same_reply (OaiSessionItem *item, const char *id)
{
  return id != NULL && g_strcmp0 (oai_session_item_get_reply_id (item), id) == 0;
}

void
oai_session_forget_replies (OaiSession *self, guint position)
{
  GPtrArray *items = get_private (self)->items;
  const char *id = position < items->len ? oai_session_item_get_reply_id (g_ptr_array_index (items, position)) : NULL;

  for (guint i = 0; i < items->len; i++)
    if (i >= position || has_same_reply (g_ptr_array_index (items, i), id))
      oai_session_item_forget_stored (g_ptr_array_index (items, i));
}

guint
oai_session_find_last_message (OaiSession *self)
{
  OaiSessionPrivate *priv = get_private (self);

  for (guint i = priv->items->len; i > 0; i--)
    if (oai_session_item_is_message (g_ptr_array_index (priv->items, i - 1), oai_session_get_hooks (self)->user_role))
      return i - 1;

  return 0;
}

gboolean
oai_session_has_called (OaiSession *self, const char *name)
{
  GPtrArray *items = get_private (self)->items;

  for (guint i = oai_session_find_last_message (self); i < items->len; i++)
    {
      OaiToolCall *call = oai_session_item_get_call (g_ptr_array_index (items, i));

      if (call != NULL && (name == NULL || g_strcmp0 (oai_tool_call_get_name (call), name) == 0))
        return TRUE;
    }

  return FALSE;
}

OaiToolCall *
oai_session_find_open_call (OaiSession *self, guint position, const char *id)
{
  GPtrArray *items = get_private (self)->items;

  for (guint i = position; i > 0; i--)
    {
      OaiSessionItem *item = g_ptr_array_index (items, i - 1);

      if (oai_session_item_has_open_call (item) && g_strcmp0 (oai_tool_call_get_id (oai_session_item_get_call (item)), id) == 0)
        return oai_session_item_get_call (item);
    }

  return NULL;
}

gboolean
oai_session_has_arrived (const char *name, const char *arguments)
{
  g_autoptr(OaiJsonDoc) doc = NULL;

  if (!oai_session_has_text (name) || !oai_session_has_text (arguments))
    return FALSE;

  doc = oai_json_doc_new_copy (arguments, -1, OAI_JSON_TOLERANT, NULL);

  return doc != NULL;
}

/* Usage */

static void
notify_usage (OaiSession *self)
{
  static const guint ids[] = {
    PROP_COST, PROP_INPUT_TOKENS, PROP_CACHED_TOKENS, PROP_OUTPUT_TOKENS, PROP_REASONING_TOKENS, PROP_TOTAL_TOKENS, PROP_LATENCY,
  };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    oai_emit_notify (self, properties[ids[i]]);
}

/* Returns the price of a reply; that of the requested model if the server names another one. */
static double
compute_cost (OaiSessionPrivate *priv, const OaiSessionUsage *usage, const char *requested_model)
{
  const char *model = usage->model;

  if (priv->prices == NULL)
    return 0;
  if (!oai_price_table_has_model (priv->prices, model))
    model = requested_model;

  return MAX (oai_price_table_get_cost (priv->prices, model, usage->input_tokens, usage->cached_tokens, usage->output_tokens), 0);
}

/* Adds a number of a server, which can be any number. */
static gint64
add_tokens (gint64 tokens, gint64 number)
{
  return tokens + CLAMP (number, 0, G_MAXINT64 - tokens);
}

void
oai_session_add_usage (OaiSession *self, OaiRecord *reply, const char *requested_model, guint latency)
{
  OaiSessionPrivate *priv = get_private (self);
  OaiSessionUsage usage = { 0 };

  priv->latency = latency;
  oai_session_get_hooks (self)->read_usage (reply, &usage);
  priv->usage.input_tokens = add_tokens (priv->usage.input_tokens, usage.input_tokens);
  priv->usage.cached_tokens = add_tokens (priv->usage.cached_tokens, usage.cached_tokens);
  priv->usage.output_tokens = add_tokens (priv->usage.output_tokens, usage.output_tokens);
  priv->usage.reasoning_tokens = add_tokens (priv->usage.reasoning_tokens, usage.reasoning_tokens);
  priv->usage.total_tokens = add_tokens (priv->usage.total_tokens, MAX (usage.total_tokens, add_tokens (add_tokens (0, usage.input_tokens), usage.output_tokens)));
  priv->cost += compute_cost (priv, &usage, requested_model);
  priv->n_changes++;
  priv->is_measured = usage.input_tokens > 0 || usage.output_tokens > 0;
  notify_usage (self);
}

void
oai_session_set_first_token_latency (OaiSession *self, guint latency)
{
  get_private (self)->first_token_latency = latency;
  oai_emit_notify (self, properties[PROP_FIRST_TOKEN_LATENCY]);
}

gboolean
oai_session_check_budget (OaiSession *self, const char *model, GError **error)
{
  OaiSessionPrivate *priv = get_private (self);

  if (priv->budget <= 0)
    return TRUE;

  if (priv->prices == NULL || !oai_price_table_has_model (priv->prices, model))
    /* Translators: %s is the name of a model. */
    g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("There is a budget, but no price for the model “%s”. Set it with set_price()."), model != NULL ? model : "");
  else if (!priv->is_measured)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_BUDGET_EXCEEDED, _("The server did not send the number of tokens, so the budget cannot be checked."));
  else if (priv->cost >= priv->budget)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_BUDGET_EXCEEDED, _("The session has used its budget. Increase it to continue."));
  else
    return TRUE;

  return FALSE;
}


static void
oai_session_dispose (GObject *object)
{
  OaiSessionPrivate *priv = get_private (OAI_SESSION (object));

  g_ptr_array_set_size (priv->items, 0);
  g_clear_object (&priv->options);
  g_clear_object (&priv->toolset);
  g_clear_object (&priv->prices);
  g_clear_object (&priv->client);

  G_OBJECT_CLASS (oai_session_parent_class)->dispose (object);
}

static void
oai_session_finalize (GObject *object)
{
  OaiSessionPrivate *priv = get_private (OAI_SESSION (object));

  g_ptr_array_unref (priv->items);
  g_ptr_array_unref (priv->parts);
  g_free (priv->model);
  g_free (priv->instructions);
  g_free (priv->title);
  g_free (priv->server);
  g_clear_pointer (&priv->retry_at, g_date_time_unref);
  g_clear_error (&priv->error);

  G_OBJECT_CLASS (oai_session_parent_class)->finalize (object);
}

/* Gets what the session has measured. */
static void
get_measurement (OaiSessionPrivate *priv, guint prop_id, GValue *value)
{
  switch (prop_id)
    {
    case PROP_COST:
      g_value_set_double (value, priv->cost);
      break;
    case PROP_INPUT_TOKENS:
      g_value_set_int64 (value, priv->usage.input_tokens);
      break;
    case PROP_CACHED_TOKENS:
      g_value_set_int64 (value, priv->usage.cached_tokens);
      break;
    case PROP_OUTPUT_TOKENS:
      g_value_set_int64 (value, priv->usage.output_tokens);
      break;
    case PROP_REASONING_TOKENS:
      g_value_set_int64 (value, priv->usage.reasoning_tokens);
      break;
    case PROP_TOTAL_TOKENS:
      g_value_set_int64 (value, priv->usage.total_tokens);
      break;
    case PROP_FIRST_TOKEN_LATENCY:
      g_value_set_uint (value, priv->first_token_latency);
      break;
    case PROP_LATENCY:
      g_value_set_uint (value, priv->latency);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* Gets what the program has set. */
static gboolean
get_setting (OaiSessionPrivate *priv, guint prop_id, GValue *value)
{
  switch (prop_id)
    {
    case PROP_CLIENT:
      g_value_set_object (value, priv->client);
      break;
    case PROP_MODEL:
      g_value_set_string (value, priv->model);
      break;
    case PROP_INSTRUCTIONS:
      g_value_set_string (value, priv->instructions);
      break;
    case PROP_OPTIONS:
      g_value_set_object (value, priv->options);
      break;
    case PROP_TOOLSET:
      g_value_set_object (value, priv->toolset);
      break;
    case PROP_STREAMING:
      g_value_set_boolean (value, priv->streaming);
      break;
    case PROP_COALESCE_INTERVAL:
      g_value_set_uint (value, priv->coalesce_interval);
      break;
    case PROP_MAX_ROUNDS:
      g_value_set_uint (value, priv->max_rounds);
      break;
    case PROP_PRICES:
      g_value_set_object (value, priv->prices);
      break;
    case PROP_BUDGET:
      g_value_set_double (value, priv->budget);
      break;
    default:
      return FALSE;
    }

  return TRUE;
}

static void
oai_session_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiSession *self = OAI_SESSION (object);
  OaiSessionPrivate *priv = get_private (self);

  if (get_setting (priv, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_enum (value, priv->state);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, priv->error);
      break;
    case PROP_RETRY_AT:
      g_value_set_boxed (value, priv->retry_at);
      break;
    case PROP_TITLE:
      g_value_set_string (value, priv->title);
      break;
    case PROP_TEXT:
      g_value_set_string (value, oai_session_get_text (self));
      break;
    case PROP_N_PARTS:
      g_value_set_uint (value, priv->parts->len);
      break;
    case PROP_ITEM_TYPE:
      g_value_set_gtype (value, OAI_TYPE_SESSION_ITEM);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, priv->items->len);
      break;
    default:
      get_measurement (priv, prop_id, value);
    }
}

static void
oai_session_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  OaiSession *self = OAI_SESSION (object);

  switch (prop_id)
    {
    case PROP_CLIENT:
      oai_session_set_client (self, g_value_get_object (value));
      break;
    case PROP_MODEL:
      oai_session_set_model (self, g_value_get_string (value));
      break;
    case PROP_INSTRUCTIONS:
      oai_session_set_instructions (self, g_value_get_string (value));
      break;
    case PROP_OPTIONS:
      oai_session_set_options (self, g_value_get_object (value));
      break;
    case PROP_STREAMING:
      oai_session_set_streaming (self, g_value_get_boolean (value));
      break;
    case PROP_COALESCE_INTERVAL:
      oai_session_set_coalesce_interval_ms (self, g_value_get_uint (value));
      break;
    case PROP_MAX_ROUNDS:
      oai_session_set_max_rounds (self, g_value_get_uint (value));
      break;
    case PROP_TOOLSET:
      oai_session_set_toolset (self, g_value_get_object (value));
      break;
    case PROP_PRICES:
      oai_session_set_prices (self, g_value_get_object (value));
      break;
    case PROP_BUDGET:
      oai_session_set_budget (self, g_value_get_double (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_settings (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * OaiSession:client: (getter get_client) (setter set_client)
   *
   * The client that sends the requests; %NULL if the session does not send any yet, for example because the user has
   * not selected a server.
   *
   * Since: 1.0
   */
  properties[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, OAI_TYPE_CLIENT, flags);
  /**
   * OaiSession:model: (getter get_model) (setter set_model)
   *
   * Name of the model. A change applies to the next request.
   *
   * Since: 1.0
   */
  properties[PROP_MODEL] = g_param_spec_string ("model", NULL, NULL, NULL, flags);
  /**
   * OaiSession:instructions: (getter get_instructions) (setter set_instructions)
   *
   * Instructions for the model, also called the system prompt. A change applies to the next request.
   *
   * Since: 1.0
   */
  properties[PROP_INSTRUCTIONS] = g_param_spec_string ("instructions", NULL, NULL, NULL, flags);
  /**
   * OaiSession:options: (getter get_options) (setter set_options)
   *
   * A request whose members are the options of all requests, such as the temperature: an [class@Oai.ChatRequest] or a
   * [class@Oai.ResponseRequest]. Its model, if it is set, and its conversation are ignored.
   *
   * Since: 1.0
   */
  properties[PROP_OPTIONS] = g_param_spec_object ("options", NULL, NULL, OAI_TYPE_RECORD, flags);
  /**
   * OaiSession:toolset: (getter get_toolset) (setter set_toolset)
   *
   * The tools that the model can call. The session runs them, and sends their results.
   *
   * Since: 1.0
   */
  properties[PROP_TOOLSET] = g_param_spec_object ("toolset", NULL, NULL, OAI_TYPE_TOOLSET, flags);
  /**
   * OaiSession:prices: (getter get_prices) (setter set_prices)
   *
   * The prices from which [property@Oai.Session:cost] is computed. If there are prices, streams of chat completions
   * request the number of tokens, which most servers send only then.
   *
   * Since: 1.0
   */
  properties[PROP_PRICES] = g_param_spec_object ("prices", NULL, NULL, OAI_TYPE_PRICE_TABLE, flags);
  /**
   * OaiSession:budget: (getter get_budget) (setter set_budget)
   *
   * The cost, in the currency of the prices, at which no further request is sent; 0 for no limit. The request that
   * reaches it is completed, so the cost can exceed it.
   *
   * Since: 1.0
   */
  properties[PROP_BUDGET] = g_param_spec_double ("budget", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  /**
   * OaiSession:streaming: (getter get_streaming) (setter set_streaming)
   *
   * Whether replies are streamed. If not, an item appears when the reply is complete.
   *
   * Since: 1.0
   */
  properties[PROP_STREAMING] = g_param_spec_boolean ("streaming", NULL, NULL, TRUE, flags);
  /**
   * OaiSession:coalesce-interval-ms: (getter get_coalesce_interval_ms) (setter set_coalesce_interval_ms)
   *
   * Minimum time between two notifications of a text that is streamed, in milliseconds; 0 for a notification for each chunk. A
   * view that lays out a long text again for each change needs less time with an interval such as 50.
   *
   * Since: 1.0
   */
  properties[PROP_COALESCE_INTERVAL] = g_param_spec_uint ("coalesce-interval-ms", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * OaiSession:max-rounds: (getter get_max_rounds) (setter set_max_rounds)
   *
   * Maximum number of requests for one message of the user. Each reply with tool calls needs another request.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_ROUNDS] = g_param_spec_uint ("max-rounds", NULL, NULL, 1, G_MAXUINT, DEFAULT_MAX_ROUNDS, flags);
}

static void
install_count (guint id, const char *name)
{
  properties[id] = g_param_spec_int64 (name, NULL, NULL, 0, G_MAXINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
install_latency (guint id, const char *name)
{
  properties[id] = g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
install_measurements (void)
{
  /**
   * OaiSession:cost: (getter get_cost)
   *
   * The cost of all replies of the session, in the currency of [property@Oai.Session:prices]. Replies of models without a
   * price, and those for which the server sent no number of tokens, are not included.
   *
   * Since: 1.0
   */
  properties[PROP_COST] = g_param_spec_double ("cost", NULL, NULL, 0, G_MAXDOUBLE, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiSession:input-tokens: (getter get_input_tokens)
   *
   * Number of tokens of the input of all requests. Many servers send numbers of tokens in streams of chat completions
   * only if the options request them, with [method@Oai.ChatRequest.enable_stream_usage], or if there are
   * [property@Oai.Session:prices].
   *
   * Since: 1.0
   */
  install_count (PROP_INPUT_TOKENS, "input-tokens");
  /**
   * OaiSession:cached-tokens: (getter get_cached_tokens)
   *
   * Number of tokens of the input that the server read from its cache.
   *
   * Since: 1.0
   */
  install_count (PROP_CACHED_TOKENS, "cached-tokens");
  /**
   * OaiSession:output-tokens: (getter get_output_tokens)
   *
   * Number of tokens that the model generated, including reasoning.
   *
   * Since: 1.0
   */
  install_count (PROP_OUTPUT_TOKENS, "output-tokens");
  /**
   * OaiSession:reasoning-tokens: (getter get_reasoning_tokens)
   *
   * Number of tokens of the reasoning of the model.
   *
   * Since: 1.0
   */
  install_count (PROP_REASONING_TOKENS, "reasoning-tokens");
  /**
   * OaiSession:total-tokens: (getter get_total_tokens)
   *
   * Number of tokens of the input and of the output of all requests.
   *
   * Since: 1.0
   */
  install_count (PROP_TOTAL_TOKENS, "total-tokens");
  /**
   * OaiSession:first-token-latency-ms: (getter get_first_token_latency_ms)
   *
   * Time from the newest request to the first part of its reply, in milliseconds.
   *
   * Since: 1.0
   */
  install_latency (PROP_FIRST_TOKEN_LATENCY, "first-token-latency-ms");
  /**
   * OaiSession:latency-ms: (getter get_latency_ms)
   *
   * Time from the newest request to the end of its reply, in milliseconds.
   *
   * Since: 1.0
   */
  install_latency (PROP_LATENCY, "latency-ms");
}

static void
install_state (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * OaiSession:state: (getter get_state)
   *
   * The state of the session.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, OAI_TYPE_SESSION_STATE, OAI_SESSION_STATE_IDLE, flags);
  /**
   * OaiSession:error: (getter get_error)
   *
   * The error of the last turn, else %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  /**
   * OaiSession:retry-at: (getter get_retry_at)
   *
   * The time when a request that has failed is sent again; %NULL if no request waits for that.
   *
   * Since: 1.0
   */
  properties[PROP_RETRY_AT] = g_param_spec_boxed ("retry-at", NULL, NULL, G_TYPE_DATE_TIME, flags);
  /**
   * OaiSession:title: (getter get_title)
   *
   * The first words of the first message of the user that has a text, without Markdown, for a list of conversations; %NULL if
   * there is no such message among the first 20 of the user.
   *
   * Since: 1.0
   */
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  /**
   * OaiSession:text: (getter get_text)
   *
   * The text of the newest message of the model as far as it has arrived.
   *
   * Since: 1.0
   */
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  /**
   * OaiSession:n-parts: (getter get_n_parts)
   *
   * The number of images, files and recordings that the next message will contain.
   *
   * Since: 1.0
   */
  properties[PROP_N_PARTS] = g_param_spec_uint ("n-parts", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * OaiSession:item-type:
   *
   * The type of the items, [class@Oai.SessionItem].
   *
   * Since: 1.0
   */
  properties[PROP_ITEM_TYPE] = g_param_spec_gtype ("item-type", NULL, NULL, OAI_TYPE_SESSION_ITEM, flags);
  /**
   * OaiSession:n-items:
   *
   * The number of items.
   *
   * Since: 1.0
   */
  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, flags);
}

/* name: with one argument of the type */
static guint
new_signal (const char *name, GType type)
{
  return g_signal_new (name, OAI_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, type);
}

static void
install_signals (void)
{
  /**
   * OaiSession::round-started:
   * @self: the session
   * @round: number of the request in this turn, from 1
   *
   * Emitted before a request is sent.
   *
   * Since: 1.0
   */
  signals[OAI_SESSION_ROUND_STARTED] = new_signal ("round-started", G_TYPE_UINT);
  /**
   * OaiSession::round-finished:
   * @self: the session
   * @reply: the reply, such as an [class@Oai.ChatCompletion] or a [class@Oai.Response]
   *
   * Emitted when a reply is complete, before its tool calls run.
   *
   * Since: 1.0
   */
  signals[OAI_SESSION_ROUND_FINISHED] = new_signal ("round-finished", OAI_TYPE_RECORD);
  /**
   * OaiSession::call-started:
   * @self: the session
   * @call: the call
   *
   * Emitted before a tool runs. If the handler answers the call, with [method@Oai.ToolCall.respond] or another function of
   * this kind, the tool does not run. If it runs the call with [method@Oai.ToolCall.run_async], the session waits for the
   * end of the call.
   *
   * Since: 1.0
   */
  signals[OAI_SESSION_CALL_STARTED] = new_signal ("call-started", OAI_TYPE_TOOL_CALL);
  /**
   * OaiSession::call-finished:
   * @self: the session
   * @call: the call
   *
   * Emitted when a call of [signal@Oai.Session::call-started] has ended, also if it failed, or was cancelled because the
   * session was stopped. Calls that run at the same time can end in another order.
   *
   * Since: 1.0
   */
  signals[OAI_SESSION_CALL_FINISHED] = new_signal ("call-finished", OAI_TYPE_TOOL_CALL);
  /**
   * OaiSession::approval-requested:
   * @self: the session
   * @call: the call
   *
   * Emitted when a tool needs the approval of the user; see [property@Oai.Tool:needs-approval]. The handler calls
   * [method@Oai.ToolCall.approve] or [method@Oai.ToolCall.deny], now or later. Without a handler of this signal or of
   * those of the toolset and of the call, the call is denied.
   *
   * Since: 1.0
   */
  signals[OAI_SESSION_APPROVAL_REQUESTED] = new_signal ("approval-requested", OAI_TYPE_TOOL_CALL);
  /**
   * OaiSession::context-exceeded:
   * @self: the session
   *
   * Emitted if the conversation is longer than the context of the model, and the server cannot compact it. The handler
   * makes it shorter with [method@Oai.Session.remove_items] and [method@Oai.Session.insert_record], for example with a
   * summary, and returns %TRUE. The request is then sent again, once.
   *
   * Returns: whether the handler has made the conversation shorter
   *
   * Since: 1.0
   */
  signals[OAI_SESSION_CONTEXT_EXCEEDED] = g_signal_new ("context-exceeded", OAI_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, g_signal_accumulator_true_handled, NULL, NULL, G_TYPE_BOOLEAN, 0);
}

static void
oai_session_class_init (OaiSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = oai_session_dispose;
  object_class->finalize = oai_session_finalize;
  object_class->get_property = oai_session_get_property;
  object_class->set_property = oai_session_set_property;

  klass->hooks = &no_hooks;

  install_settings ();
  install_measurements ();
  install_state ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
  install_signals ();
}

static void
oai_session_init (OaiSession *self)
{
  OaiSessionPrivate *priv = get_private (self);

  priv->streaming = TRUE;
  priv->is_measured = TRUE;
  priv->max_rounds = DEFAULT_MAX_ROUNDS;
  g_queue_init (&priv->file_operations);
  priv->items = g_ptr_array_new_with_free_func (g_object_unref);
  priv->parts = g_ptr_array_new_with_free_func (g_object_unref);
}

static GType
get_item_type (GListModel *model)
{
  return OAI_TYPE_SESSION_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return get_private (OAI_SESSION (model))->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *items = get_private (OAI_SESSION (model))->items;

  return position < items->len ? g_object_ref (g_ptr_array_index (items, position)) : NULL;
}

static void
oai_session_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/**
 * oai_session_get_client:
 * @self: a session
 *
 * Gets the client that sends the requests.
 *
 * Returns: (nullable) (transfer none): the client, or %NULL if there is none
 *
 * Since: 1.0
 */
OaiClient *
oai_session_get_client (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->client;
}

/**
 * oai_session_set_client:
 * @self: a session whose state is %OAI_SESSION_STATE_IDLE
 * @client: (nullable): a client, or %NULL to send no requests
 *
 * Sets the client that sends the next requests. It can use another server: the session then sends the whole conversation
 * to it, without what only the server before can read, such as identifiers, uploaded files, calls of its own tools and
 * encrypted reasoning. [property@Oai.Session:options] are sent as they are: the program must not leave identifiers of the
 * other server, such as those of a conversation or a vector store, in them.
 *
 * A session that is receiving a reply keeps its client, with a critical warning: call [method@Oai.Session.stop] first.
 *
 * Since: 1.0
 */
void
oai_session_set_client (OaiSession *self, OaiClient *client)
{
  OaiSessionPrivate *priv;

  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (client == NULL || OAI_IS_CLIENT (client));

  priv = get_private (self);
  if (priv->turn != NULL && client != priv->client)
    {
      g_critical ("The client of a session cannot be changed while it is receiving a reply. Call oai_session_stop() first.");
      return;
    }

  if (g_set_object (&priv->client, client))
    oai_emit_notify (self, properties[PROP_CLIENT]);
}

/**
 * oai_session_get_model:
 * @self: a session
 *
 * Gets the name of the model.
 *
 * Returns: (nullable) (transfer none): the name
 *
 * Since: 1.0
 */
const char *
oai_session_get_model (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->model;
}

/**
 * oai_session_set_model:
 * @self: a session
 * @model: (nullable): name of the model
 *
 * Selects the model for the next request. The conversation so far is sent to it, too.
 *
 * Since: 1.0
 */
void
oai_session_set_model (OaiSession *self, const char *model)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  if (replace_text (&get_private (self)->model, model))
    notify_setting (self, PROP_MODEL);
}

/**
 * oai_session_get_instructions:
 * @self: a session
 *
 * Gets the instructions for the model.
 *
 * Returns: (nullable) (transfer none): the instructions, or %NULL if there are none
 *
 * Since: 1.0
 */
const char *
oai_session_get_instructions (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->instructions;
}

/**
 * oai_session_set_instructions:
 * @self: a session
 * @instructions: (nullable): instructions, or %NULL for none
 *
 * Sets the instructions for the model, also called the system prompt, for the next request.
 *
 * Since: 1.0
 */
void
oai_session_set_instructions (OaiSession *self, const char *instructions)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  if (replace_text (&get_private (self)->instructions, instructions))
    notify_setting (self, PROP_INSTRUCTIONS);
}

/**
 * oai_session_get_options:
 * @self: a session
 *
 * Gets the options of all requests.
 *
 * Returns: (nullable) (transfer none): a request, or %NULL if there are no options
 *
 * Since: 1.0
 */
OaiRecord *
oai_session_get_options (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->options;
}

/**
 * oai_session_set_options:
 * @self: a session
 * @options: (nullable): a request of the type of the session, or %NULL for none
 *
 * Sets the options of the next requests: the members of an [class@Oai.ChatRequest] or of an [class@Oai.ResponseRequest],
 * such as the temperature. Its conversation is ignored.
 *
 * Since: 1.0
 */
void
oai_session_set_options (OaiSession *self, OaiRecord *options)
{
  GType type;

  g_return_if_fail (OAI_IS_SESSION (self));

  type = oai_session_get_hooks (self)->get_request_type ();
  if (options != NULL && !G_TYPE_CHECK_INSTANCE_TYPE (options, type))
    {
      g_critical ("The options of an %s are an %s, not an %s", G_OBJECT_TYPE_NAME (self), g_type_name (type), G_OBJECT_TYPE_NAME (options));
      return;
    }

  if (g_set_object (&get_private (self)->options, options))
    notify_setting (self, PROP_OPTIONS);
}

/**
 * oai_session_get_streaming:
 * @self: a session
 *
 * Gets whether replies are streamed.
 *
 * Returns: whether replies are streamed
 *
 * Since: 1.0
 */
gboolean
oai_session_get_streaming (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), FALSE);

  return get_private (self)->streaming;
}

/**
 * oai_session_set_streaming:
 * @self: a session
 * @streaming: whether replies are streamed
 *
 * Sets whether the next replies are streamed. If not, an item appears when the reply is complete.
 *
 * Since: 1.0
 */
void
oai_session_set_streaming (OaiSession *self, gboolean streaming)
{
  OaiSessionPrivate *priv;

  g_return_if_fail (OAI_IS_SESSION (self));

  priv = get_private (self);
  if (priv->streaming == !!streaming)
    return;

  priv->streaming = !!streaming;
  notify_setting (self, PROP_STREAMING);
}

/**
 * oai_session_get_coalesce_interval_ms:
 * @self: a session
 *
 * Gets the minimum time between two notifications of a text that is streamed.
 *
 * Returns: the time in milliseconds; 0 by default
 *
 * Since: 1.0
 */
guint
oai_session_get_coalesce_interval_ms (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->coalesce_interval;
}

/**
 * oai_session_set_coalesce_interval_ms:
 * @self: a session
 * @interval_ms: the time in milliseconds; 0 for a notification for each chunk
 *
 * Sets the minimum time between two notifications of a text that is streamed, for the next replies.
 *
 * Since: 1.0
 */
void
oai_session_set_coalesce_interval_ms (OaiSession *self, guint interval_ms)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  if (get_private (self)->coalesce_interval == interval_ms)
    return;

  get_private (self)->coalesce_interval = interval_ms;
  notify_setting (self, PROP_COALESCE_INTERVAL);
}

/**
 * oai_session_get_max_rounds:
 * @self: a session
 *
 * Gets the maximum number of requests for one message of the user.
 *
 * Returns: the number; 10 by default
 *
 * Since: 1.0
 */
guint
oai_session_get_max_rounds (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->max_rounds;
}

/**
 * oai_session_set_max_rounds:
 * @self: a session
 * @max_rounds: the number, at least 1
 *
 * Sets the maximum number of requests for one message of the user. Each reply with tool calls needs another request. If
 * the number is not enough, the turn fails with %OAI_ERROR_TOO_MANY_ROUNDS after the tools have run;
 * [method@Oai.Session.send_async] without a text continues.
 *
 * Since: 1.0
 */
void
oai_session_set_max_rounds (OaiSession *self, guint max_rounds)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (max_rounds > 0);

  if (get_private (self)->max_rounds == max_rounds)
    return;

  get_private (self)->max_rounds = max_rounds;
  notify_setting (self, PROP_MAX_ROUNDS);
}

/**
 * oai_session_get_state:
 * @self: a session
 *
 * Gets the state of the session.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
OaiSessionState
oai_session_get_state (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), OAI_SESSION_STATE_IDLE);

  return get_private (self)->state;
}

/**
 * oai_session_get_error:
 * @self: a session
 *
 * Gets the error of the last turn. It is cleared when the next turn begins.
 *
 * Returns: (nullable) (transfer none): the error, or %NULL if there was none
 *
 * Since: 1.0
 */
const GError *
oai_session_get_error (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->error;
}

/**
 * oai_session_get_retry_at:
 * @self: a session
 *
 * Gets the time when a request that has failed is sent again, for a message such as “Next attempt in 5 s”. It is the
 * [property@Oai.Call:retry-at] of the call that is running.
 *
 * Returns: (nullable) (transfer none): the time, or %NULL if no request waits for that
 *
 * Since: 1.0
 */
GDateTime *
oai_session_get_retry_at (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->retry_at;
}

/**
 * oai_session_get_title:
 * @self: a session
 *
 * Gets the first words of the first message of the user that has a text: at most 60 characters on one line, without a part of
 * a word at the end unless the first word is longer. Markers of Markdown are removed: those of headings, quotations, lists,
 * emphasized text and code, and the URLs of links.
 *
 * Returns: (nullable) (transfer none): the title, or %NULL if there is no such message among the first 20 of the user; valid until it
 *   changes
 *
 * Since: 1.0
 */
const char *
oai_session_get_title (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->title;
}

/**
 * oai_session_get_text:
 * @self: a session
 *
 * Gets the text of the newest message of the model as far as it has arrived.
 *
 * Returns: (nullable) (transfer none): the text, or %NULL if there is none; valid until it changes
 *
 * Since: 1.0
 */
const char *
oai_session_get_text (OaiSession *self)
{
  OaiSessionItem *item;

  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  item = find_newest_reply (self);

  return item != NULL ? oai_session_item_get_text (item) : NULL;
}

/**
 * oai_session_get_toolset:
 * @self: a session
 *
 * Gets the tools that the model can call.
 *
 * Returns: (nullable) (transfer none): the toolset, or %NULL if there is none
 *
 * Since: 1.0
 */
OaiToolset *
oai_session_get_toolset (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->toolset;
}

/**
 * oai_session_set_toolset:
 * @self: a session
 * @toolset: (nullable): a toolset, or %NULL for none
 *
 * Sets the tools that the model can call, for the next request.
 *
 * Since: 1.0
 */
void
oai_session_set_toolset (OaiSession *self, OaiToolset *toolset)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  if (g_set_object (&get_private (self)->toolset, toolset))
    oai_emit_notify (self, properties[PROP_TOOLSET]);
}

/**
 * oai_session_get_prices:
 * @self: a session
 *
 * Gets the prices from which the cost is computed.
 *
 * Returns: (nullable) (transfer none): the prices, or %NULL if there are none
 *
 * Since: 1.0
 */
OaiPriceTable *
oai_session_get_prices (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->prices;
}

/**
 * oai_session_set_prices:
 * @self: a session
 * @prices: (nullable): prices, or %NULL for none
 *
 * Sets the prices from which the cost of the next replies is computed. Earlier replies, whose tokens the server may not
 * have sent, do not prevent the use of a [property@Oai.Session:budget].
 *
 * Since: 1.0
 */
void
oai_session_set_prices (OaiSession *self, OaiPriceTable *prices)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  if (!g_set_object (&get_private (self)->prices, prices))
    return;

  get_private (self)->is_measured = TRUE;
  oai_emit_notify (self, properties[PROP_PRICES]);
}

/**
 * oai_session_get_budget:
 * @self: a session
 *
 * Gets the cost at which no further request is sent.
 *
 * Returns: the cost, in the currency of the prices; 0 for no limit
 *
 * Since: 1.0
 */
double
oai_session_get_budget (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->budget;
}

/**
 * oai_session_set_budget:
 * @self: a session
 * @budget: a cost, in the currency of the prices; 0 for no limit
 *
 * Sets the cost at which no further request is sent. A turn then fails with %OAI_ERROR_BUDGET_EXCEEDED, also if
 * the server does not send the number of tokens. It fails with %OAI_ERROR_INVALID_ARGUMENT if there is no price for the model.
 *
 * Since: 1.0
 */
void
oai_session_set_budget (OaiSession *self, double budget)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (budget >= 0);

  if (get_private (self)->budget == budget)
    return;

  get_private (self)->budget = budget;
  notify_setting (self, PROP_BUDGET);
}

/**
 * oai_session_get_cost:
 * @self: a session
 *
 * Gets the cost of all replies; see [property@Oai.Session:cost].
 *
 * Returns: the cost, in the currency of the prices
 *
 * Since: 1.0
 */
double
oai_session_get_cost (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->cost;
}

/**
 * oai_session_get_input_tokens:
 * @self: a session
 *
 * Gets the number of tokens of the input of all requests.
 *
 * Returns: the number of tokens
 *
 * Since: 1.0
 */
gint64
oai_session_get_input_tokens (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->usage.input_tokens;
}

/**
 * oai_session_get_cached_tokens:
 * @self: a session
 *
 * Gets the number of tokens of the input that the server read from its cache.
 *
 * Returns: the number of tokens
 *
 * Since: 1.0
 */
gint64
oai_session_get_cached_tokens (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->usage.cached_tokens;
}

/**
 * oai_session_get_output_tokens:
 * @self: a session
 *
 * Gets the number of tokens that the model generated, including reasoning.
 *
 * Returns: the number of tokens
 *
 * Since: 1.0
 */
gint64
oai_session_get_output_tokens (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->usage.output_tokens;
}

/**
 * oai_session_get_reasoning_tokens:
 * @self: a session
 *
 * Gets the number of tokens of the reasoning of the model.
 *
 * Returns: the number of tokens
 *
 * Since: 1.0
 */
gint64
oai_session_get_reasoning_tokens (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->usage.reasoning_tokens;
}

/**
 * oai_session_get_total_tokens:
 * @self: a session
 *
 * Gets the number of tokens of the input and of the output of all requests.
 *
 * Returns: the number of tokens
 *
 * Since: 1.0
 */
gint64
oai_session_get_total_tokens (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->usage.total_tokens;
}

/**
 * oai_session_get_first_token_latency_ms:
 * @self: a session
 *
 * Gets the time from the newest request to the first part of its reply.
 *
 * Returns: the time in milliseconds; 0 before the first reply
 *
 * Since: 1.0
 */
guint
oai_session_get_first_token_latency_ms (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->first_token_latency;
}

/**
 * oai_session_get_latency_ms:
 * @self: a session
 *
 * Gets the time from the newest request to the end of its reply.
 *
 * Returns: the time in milliseconds; 0 before the first reply
 *
 * Since: 1.0
 */
guint
oai_session_get_latency_ms (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->latency;
}

/**
 * oai_session_is_modified:
 * @self: a session
 *
 * Gets whether the session has changed since it was last saved with [method@Oai.Session.save_async] or restored: its items, its
 * settings that are saved, or the tokens that it has used. A new session is not modified. Changes of records by the program
 * are not detected.
 *
 * Returns: whether there is something to save
 *
 * Since: 1.0
 */
gboolean
oai_session_is_modified (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), FALSE);

  return oai_session_get_n_changes (self) != get_private (self)->n_saved;
}

/* Parts */

static gboolean
add_part (OaiSession *self, OaiSessionPart kind, const char *text, GBytes *bytes, GError **error)
{
  OaiRecord *part = oai_session_get_hooks (self)->create_part (kind, text, bytes, error);

  if (part == NULL)
    return FALSE;

  g_ptr_array_add (get_private (self)->parts, part);
  oai_session_notify_parts (self);

  return TRUE;
}

/**
 * oai_session_add_image:
 * @self: a session
 * @bytes: the content of an image file
 * @error: return location for an error
 *
 * Adds an image to the next message. Fails with %OAI_ERROR_INVALID_ARGUMENT if its format is unknown.
 *
 * Returns: %TRUE if the image was added
 *
 * Since: 1.0
 */
gboolean
oai_session_add_image (OaiSession *self, GBytes *bytes, GError **error)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), FALSE);
  g_return_val_if_fail (bytes != NULL, FALSE);

  return add_part (self, OAI_SESSION_PART_IMAGE, NULL, bytes, error);
}

/**
 * oai_session_add_image_url:
 * @self: a session
 * @url: a web address, or a `data:` URL
 *
 * Adds an image that the server loads from a URL to the next message.
 *
 * Since: 1.0
 */
void
oai_session_add_image_url (OaiSession *self, const char *url)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (url != NULL);

  add_part (self, OAI_SESSION_PART_IMAGE_URL, url, NULL, NULL);
}

/**
 * oai_session_add_audio:
 * @self: a session
 * @bytes: the content of a WAV or MP3 file
 * @error: return location for an error
 *
 * Adds recorded audio to the next message. Fails with %OAI_ERROR_INVALID_ARGUMENT if the bytes have another format.
 *
 * Returns: %TRUE if the audio was added
 *
 * Since: 1.0
 */
gboolean
oai_session_add_audio (OaiSession *self, GBytes *bytes, GError **error)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), FALSE);
  g_return_val_if_fail (bytes != NULL, FALSE);

  return add_part (self, OAI_SESSION_PART_AUDIO, NULL, bytes, error);
}

/**
 * oai_session_add_file:
 * @self: a session
 * @bytes: the content of a document, such as a PDF file
 * @filename: its name, which the model can read
 *
 * Adds a document to the next message.
 *
 * Since: 1.0
 */
void
oai_session_add_file (OaiSession *self, GBytes *bytes, const char *filename)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (bytes != NULL);
  g_return_if_fail (filename != NULL);

  add_part (self, OAI_SESSION_PART_FILE, filename, bytes, NULL);
}

/**
 * oai_session_add_file_id:
 * @self: a session
 * @file_id: identifier of a file
 *
 * Adds a document that is stored on the server to the next message.
 *
 * Since: 1.0
 */
void
oai_session_add_file_id (OaiSession *self, const char *file_id)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (file_id != NULL);

  add_part (self, OAI_SESSION_PART_FILE_ID, file_id, NULL, NULL);
}

/**
 * oai_session_clear_parts:
 * @self: a session
 *
 * Removes the images, files and recordings that were added to the next message.
 *
 * Since: 1.0
 */
void
oai_session_clear_parts (OaiSession *self)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  if (get_private (self)->parts->len == 0)
    return;

  g_ptr_array_set_size (get_private (self)->parts, 0);
  oai_session_notify_parts (self);
}

/**
 * oai_session_get_n_parts:
 * @self: a session
 *
 * Gets the number of images, files and recordings that the next message will contain.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
oai_session_get_n_parts (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->parts->len;
}

/* The list */

/* Returns the words of a text, folded. */
static GStrv
split_words (const char *text)
{
  g_autofree char *folded = oai_session_item_fold (text);
  g_autoptr(GPtrArray) words = g_ptr_array_new ();
  char *word = NULL;

  for (char *end = folded;; end = g_utf8_next_char (end))
    {
      gboolean is_blank = *end == '\0' || g_unichar_isspace (g_utf8_get_char (end));

      if (!is_blank && word == NULL)
        word = end;
      if (is_blank && word != NULL)
        g_ptr_array_add (words, g_strndup (word, (gsize) (end - word)));
      if (is_blank)
        word = NULL;
      if (*end == '\0')
        break;
    }
  g_ptr_array_add (words, NULL);

  return (GStrv) g_ptr_array_free (g_steal_pointer (&words), FALSE);
}

/**
 * oai_session_find:
 * @self: a session
 * @words: words, separated by blanks
 * @before: position of the item before which the search begins; %G_MAXUINT for the newest item
 * @position: (out) (optional): return location for the position of the item
 *
 * Finds the newest item whose text contains all words, in any order, and in upper or lower case. Parts of words are found as
 * well. To find the next older item, call the function again with the position as @before.
 *
 * The texts of messages, of reasoning and of the arguments of tool calls are searched. If there are no words, no item is
 * found.
 *
 * Returns: whether an item was found
 *
 * Since: 1.0
 */
gboolean
oai_session_find (OaiSession *self, const char *words, guint before, guint *position)
{
  g_auto(GStrv) list = NULL;
  GPtrArray *items;

  g_return_val_if_fail (OAI_IS_SESSION (self), FALSE);
  g_return_val_if_fail (words != NULL, FALSE);

  list = split_words (words);
  items = get_private (self)->items;
  for (guint i = *list != NULL ? MIN (before, items->len) : 0; i > 0; i--)
    if (oai_session_item_contains (g_ptr_array_index (items, i - 1), (const char *const *) list))
      {
        if (position != NULL)
          *position = i - 1;
        return TRUE;
      }

  return FALSE;
}

void
oai_session_insert_item (OaiSession *self, guint position, OaiSessionItem *item)
{
  oai_session_replace_items (self, MIN (position, get_private (self)->items->len), 0, item);
}

OaiToolCall *
oai_session_new_call (OaiSession *self, OaiRecord *record, const char *id, const char *name, const char *arguments)
{
  OaiSessionPrivate *priv = get_private (self);
  g_autoptr(OaiToolset) toolset = priv->toolset != NULL ? g_object_ref (priv->toolset) : oai_toolset_new ();

  return oai_toolset_new_call_for_record (toolset, record, id, name, arguments);
}

/**
 * oai_session_insert_record:
 * @self: a session
 * @position: position of the new item
 * @record: an [class@Oai.ChatMessage] or a [class@Oai.ResponseItem], depending on the type of the session
 *
 * Inserts a message of the program, such as a summary. A record with text and tool calls becomes several items; a record
 * with the result of a tool becomes the result of the earlier call.
 *
 * Since: 1.0
 */
void
oai_session_insert_record (OaiSession *self, guint position, OaiRecord *record)
{
  g_autoptr(OaiSession) held G_GNUC_UNUSED = NULL;

  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (position <= get_private (self)->items->len);
  g_return_if_fail (G_TYPE_CHECK_INSTANCE_TYPE (record, oai_session_get_hooks (self)->get_record_type ()));

  oai_session_check_server (self);
  if (position < get_private (self)->items->len)
    oai_session_forget_replies (self, position);
  held = g_object_ref (self);
  oai_session_get_hooks (self)->insert_record (self, position, record);
}

/**
 * oai_session_add_record:
 * @self: a session
 * @record: an [class@Oai.ChatMessage] or a [class@Oai.ResponseItem], depending on the type of the session
 *
 * Appends a message of the program; see [method@Oai.Session.insert_record]. [method@Oai.Session.send_async] without a
 * text then continues the conversation.
 *
 * Since: 1.0
 */
void
oai_session_add_record (OaiSession *self, OaiRecord *record)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  oai_session_insert_record (self, get_private (self)->items->len, record);
}

/**
 * oai_session_remove_items:
 * @self: a session
 * @position: position of the first item
 * @n_items: number of items
 *
 * Removes items, which later requests do not contain. If the session is receiving a reply, stop it first, except in a
 * handler of [signal@Oai.Session::context-exceeded].
 *
 * Since: 1.0
 */
void
oai_session_remove_items (OaiSession *self, guint position, guint n_items)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (position + n_items >= position && position + n_items <= get_private (self)->items->len);

  if (n_items == 0)
    return;

  oai_session_forget_replies (self, position);
  oai_session_replace_items (self, position, n_items, NULL);
}

static void
copy_settings (OaiSession *self, OaiSession *other)
{
  OaiSessionPrivate *priv = get_private (self);
  OaiSessionPrivate *target = get_private (other);

  target->model = g_strdup (priv->model);
  target->instructions = g_strdup (priv->instructions);
  target->options = priv->options != NULL ? oai_record_copy (priv->options) : NULL;
  g_set_object (&target->toolset, priv->toolset);
  g_set_object (&target->prices, priv->prices);
  target->streaming = priv->streaming;
  target->coalesce_interval = priv->coalesce_interval;
  target->max_rounds = priv->max_rounds;
  target->budget = priv->budget;
}

/**
 * oai_session_branch:
 * @self: a session
 * @item: the last item that the branch contains
 * @error: return location for an error
 *
 * Creates a session with the same settings and the items up to one of them. Both sessions continue independently. The
 * branch counts only its own tokens. A tool call that has not ended is cancelled in the branch.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if the session does not contain the item.
 *
 * Returns: (transfer full): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_session_branch (OaiSession *self, OaiSessionItem *item, GError **error)
{
  OaiSessionPrivate *priv;
  OaiSession *branch;
  guint position;

  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);
  g_return_val_if_fail (OAI_IS_SESSION_ITEM (item), NULL);

  priv = get_private (self);
  if (!g_ptr_array_find (priv->items, item, &position))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The session does not contain this item."));
      return NULL;
    }

  branch = g_object_new (G_OBJECT_TYPE (self), "client", priv->client, NULL);
  copy_settings (self, branch);
  for (guint i = 0; i <= position; i++)
    if (oai_session_item_get_record (g_ptr_array_index (priv->items, i)) != NULL)
      g_ptr_array_add (get_private (branch)->items, oai_session_item_copy (g_ptr_array_index (priv->items, i)));
  if (position + 1 < priv->items->len && has_same_reply (g_ptr_array_index (priv->items, position + 1), oai_session_item_get_reply_id (item)))
    oai_session_forget_replies (branch, get_private (branch)->items->len - 1);
  oai_session_set_server (branch, priv->server);
  oai_session_update_title (branch);

  return branch;
}
