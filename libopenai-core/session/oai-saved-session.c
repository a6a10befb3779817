/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-saved-session-private.h"

#include <math.h>
#include <string.h>

#include "oai-base64-private.h"
#include "oai-enum-types.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"
#include "oai-record-json-private.h"
#include "oai-session-private.h"
#include "oai-tool-call-private.h"

/* Of the format. */
#define VERSION 1
/* Longer names of types are not part of errors. */
#define MAX_TYPE_NAME 64

/* Writing */

static const char *
get_nick (GType type, int value)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (type);

  return g_enum_get_value (klass, value)->value_nick;
}

static void
add_text (OaiJsonBuilder *builder, const char *name, const char *text)
{
  if (text != NULL)
    oai_json_builder_add_string (builder, name, text, -1);
}

/* Without the keys that options can contain, such as that of an MCP server. */
static void
add_options (OaiJsonBuilder *builder, OaiRecord *options)
{
  g_autoptr(GString) json = g_string_new (NULL);
  g_autoptr(OaiJsonDoc) doc = NULL;

  if (options == NULL)
    return;

  oai_record_write (options, json, OAI_WRITE_NO_SECRETS);
  doc = oai_json_doc_new_copy (json->str, json->len, OAI_JSON_TOLERANT, NULL);
  if (doc != NULL)
    oai_json_builder_add_node (builder, "options", doc, 0);
}

static void
add_usage (OaiJsonBuilder *builder, OaiSession *self)
{
  oai_json_builder_begin_object (builder, "used");
  oai_json_builder_add_int (builder, "input-tokens", oai_session_get_input_tokens (self));
  oai_json_builder_add_int (builder, "cached-tokens", oai_session_get_cached_tokens (self));
  oai_json_builder_add_int (builder, "output-tokens", oai_session_get_output_tokens (self));
  oai_json_builder_add_int (builder, "reasoning-tokens", oai_session_get_reasoning_tokens (self));
  oai_json_builder_add_int (builder, "total-tokens", oai_session_get_total_tokens (self));
  oai_json_builder_add_double (builder, "cost", oai_session_get_cost (self));
  oai_json_builder_end (builder);
}

/* Returns the document without its items and without its end. */
static GString *
write_head (OaiSession *self)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  g_autofree char *json = NULL;

  oai_json_builder_add_int (builder, "version", VERSION);
  add_text (builder, "session", G_OBJECT_TYPE_NAME (self));
  add_text (builder, "model", oai_session_get_model (self));
  add_text (builder, "instructions", oai_session_get_instructions (self));
  add_options (builder, oai_session_get_options (self));
  oai_json_builder_add_boolean (builder, "streaming", oai_session_get_streaming (self));
  oai_json_builder_add_int (builder, "coalesce-interval-ms", oai_session_get_coalesce_interval_ms (self));
  oai_json_builder_add_int (builder, "max-rounds", oai_session_get_max_rounds (self));
  oai_json_builder_add_double (builder, "budget", oai_session_get_budget (self));
  add_text (builder, "server", oai_session_get_server (self));
  add_usage (builder, self);
  json = oai_json_builder_finish_text (builder);

  return g_string_new_len (json, (gssize) strlen (json) - 1);
}

/* The items are written as text, since a long conversation has megabytes of them. */

static void
write_name (GString *out, const char *name)
{
  if (out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  oai_json_write_string (out, name, -1);
  g_string_append_c (out, ':');
}

static void
write_text (GString *out, const char *name, const char *text)
{
  if (text == NULL)
    return;

  write_name (out, name);
  oai_json_write_string (out, text, -1);
}

static void
write_true (GString *out, const char *name, gboolean value)
{
  if (!value)
    return;

  write_name (out, name);
  g_string_append (out, "true");
}

static void
write_files (GString *out, OaiToolCall *call)
{
  guint n_files = oai_tool_call_get_n_files (call);

  if (n_files == 0)
    return;

  write_name (out, "output-files");
  for (guint i = 0; i < n_files; i++)
    {
      const char *content_type, *filename;
      GBytes *bytes = oai_tool_call_get_file (call, i, &content_type, &filename);
      g_autofree char *data = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

      g_string_append (out, i == 0 ? "[{" : ",{");
      write_text (out, "content-type", content_type);
      write_text (out, "file-name", filename);
      write_text (out, "data", data);
      g_string_append_c (out, '}');
    }
  g_string_append_c (out, ']');
}

static void
write_call (GString *out, OaiToolCall *call)
{
  if (call == NULL)
    return;

  write_name (out, "call");
  g_string_append_c (out, '{');
  write_text (out, "id", oai_tool_call_get_id (call));
  write_text (out, "name", oai_tool_call_get_name (call));
  write_text (out, "arguments", oai_tool_call_get_arguments (call));
  write_text (out, "state", get_nick (OAI_TYPE_TOOL_CALL_STATE, oai_tool_call_get_state (call)));
  write_text (out, "output", oai_tool_call_get_output (call));
  write_files (out, call);
  g_string_append_c (out, '}');
}

/* previous: the record of the item before; a record that several items have is written once */
static void
write_item (GString *out, OaiSessionItem *item, OaiRecord *previous)
{
  g_autofree char *created_at = g_date_time_format_iso8601 (oai_session_item_get_created_at (item));
  OaiRecord *record = oai_session_item_get_record (item);

  g_string_append_c (out, '{');
  write_text (out, "kind", get_nick (OAI_TYPE_SESSION_ITEM_KIND, oai_session_item_get_kind (item)));
  write_text (out, "state", get_nick (OAI_TYPE_SESSION_ITEM_STATE, oai_session_item_get_state (item)));
  write_text (out, "role", oai_session_item_get_role (item));
  write_text (out, "text", oai_session_item_get_text (item));
  write_true (out, "refusal", oai_session_item_is_refusal (item));
  write_text (out, "created-at", created_at);
  write_text (out, "reply", oai_session_item_get_reply_id (item));
  write_true (out, "stored", oai_session_item_is_stored (item));
  write_true (out, "foreign", oai_session_item_is_foreign (item));
  if (record != previous)
    {
      write_name (out, "record");
      oai_record_write (record, out, OAI_WRITE_WHOLE);
    }
  write_call (out, oai_session_item_get_call (item));
  g_string_append_c (out, '}');
}

struct _OaiSessionWriter
{
  GString *json;
  GPtrArray *items; /* OaiSessionItem that the session had at the beginning */
  guint position;
  OaiRecord *previous; /* of the item that was written last; or NULL */
};

OaiSessionWriter *
oai_session_writer_new (OaiSession *session)
{
  OaiSessionWriter *self = g_new0 (OaiSessionWriter, 1);

  self->json = write_head (session);
  g_string_append (self->json, ",\"items\":[");
  self->items = g_ptr_array_copy (oai_session_get_items (session), (GCopyFunc) g_object_ref, NULL);
  g_ptr_array_set_free_func (self->items, g_object_unref);

  return self;
}

void
oai_session_writer_free (OaiSessionWriter *self)
{
  if (self->json != NULL)
    g_string_free (self->json, TRUE);
  g_ptr_array_unref (self->items);
  g_clear_object (&self->previous);
  g_free (self);
}

/* Items that are being received have no record yet, and are omitted. */
gboolean
oai_session_writer_write (OaiSessionWriter *self, gint64 end_time)
{
  for (; self->position < self->items->len; self->position++)
    {
      OaiSessionItem *item = g_ptr_array_index (self->items, self->position);

      if (oai_session_item_get_record (item) == NULL)
        continue;
      if (g_get_monotonic_time () >= end_time)
        return FALSE;
      if (self->previous != NULL)
        g_string_append_c (self->json, ',');
      write_item (self->json, item, self->previous);
      g_set_object (&self->previous, oai_session_item_get_record (item));
    }

  return TRUE;
}

GString *
oai_session_writer_finish (OaiSessionWriter *self)
{
  GString *json = g_steal_pointer (&self->json);

  g_string_append (json, "]}");
  oai_session_writer_free (self);

  return json;
}

/**
 * oai_session_to_json:
 * @self: a session
 *
 * Converts a session to JSON text: its settings, its items with all members of their records, tool calls with their
 * results, and the tokens that were used. The text contains neither the toolset nor the prices, and no key: keys of
 * [property@Oai.Session:options], such as the authorization of a remote MCP server, are omitted, and must be set again.
 *
 * [method@Oai.Session.save_async] writes this text to a file.
 *
 * Returns: (transfer full): JSON text for [func@Oai.Session.restore]
 *
 * Since: 1.0
 */
char *
oai_session_to_json (OaiSession *self)
{
  OaiSessionWriter *writer;

  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  writer = oai_session_writer_new (self);
  oai_session_writer_write (writer, G_MAXINT64);

  return g_string_free (oai_session_writer_finish (writer), FALSE);
}

/* Reading */

static const char *
get_text (OaiJsonDoc *doc, OaiJsonNode object, const char *name)
{
  return oai_json_get_string (doc, oai_json_get_member (doc, object, name), NULL);
}

/* Returns 0 if the member is missing. */
static gint64
get_int (OaiJsonDoc *doc, OaiJsonNode object, const char *name)
{
  gint64 value = 0;

  return oai_json_get_int (doc, oai_json_get_member (doc, object, name), &value) ? MAX (value, 0) : 0;
}

static double
get_double (OaiJsonDoc *doc, OaiJsonNode object, const char *name)
{
  double value = 0;

  return oai_json_get_double (doc, oai_json_get_member (doc, object, name), &value) && isfinite (value) ? MAX (value, 0) : 0;
}

static gboolean
get_boolean (OaiJsonDoc *doc, OaiJsonNode object, const char *name)
{
  gboolean value = FALSE;

  return oai_json_get_boolean (doc, oai_json_get_member (doc, object, name), &value) && value;
}

/* Returns -1 if the value is unknown. */
static int
get_enum (OaiJsonDoc *doc, OaiJsonNode object, const char *name, GType type)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (type);
  const char *nick = get_text (doc, object, name);
  GEnumValue *value = nick != NULL ? g_enum_get_value_by_nick (klass, nick) : NULL;

  return value != NULL ? value->value : -1;
}

static gboolean
refuse (GError **error)
{
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The text is not a saved session of this type."));

  return FALSE;
}

static void
read_files (OaiToolCall *call, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonIter iter;
  OaiJsonNode file;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &file))
    {
      const char *content_type = get_text (doc, file, "content-type");
      const char *data = get_text (doc, file, "data");
      g_autoptr(GBytes) bytes = data != NULL ? oai_base64_decode (data, strlen (data), NULL) : NULL;

      if (bytes != NULL && content_type != NULL)
        oai_tool_call_restore_file (call, bytes, content_type, get_text (doc, file, "file-name"));
    }
}

/* A call that was running is cancelled, so that its tool does not run a second time. */
static OaiToolCall *
read_call (OaiJsonDoc *doc, OaiJsonNode node)
{
  const char *id = get_text (doc, node, "id");
  const char *name = get_text (doc, node, "name");
  const char *arguments = get_text (doc, node, "arguments");
  const char *output = get_text (doc, node, "output");
  int state = get_enum (doc, node, "state", OAI_TYPE_TOOL_CALL_STATE);
  OaiToolCall *call;

  if (output != NULL && state >= OAI_TOOL_CALL_STATE_SUCCEEDED)
    {
      call = oai_tool_call_new_ended (id, name, arguments, state, output);
      read_files (call, doc, oai_json_get_member (doc, node, "output-files"));
      return call;
    }

  call = oai_tool_call_new (NULL, id, name, arguments);
  if (state == OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL)
    oai_tool_call_set_waiting (call);
  else if (state != OAI_TOOL_CALL_STATE_NEW)
    oai_tool_call_cancel (call);

  return call;
}

/* Returns NULL if there are none. */
static OaiRecord *
read_options (OaiSession *self, OaiJsonDoc *doc)
{
  OaiJsonNode node = oai_json_get_member (doc, 0, "options");
  g_autofree char *json = oai_json_get_type (doc, node) == OAI_JSON_OBJECT ? oai_json_dup_node (doc, node) : NULL;

  return json != NULL ? oai_record_new_from_json (oai_session_get_hooks (self)->get_request_type (), json, NULL) : NULL;
}

static void
read_times (OaiSessionItem *item, OaiJsonDoc *doc, OaiJsonNode node)
{
  const char *text = get_text (doc, node, "created-at");
  g_autoptr(GDateTime) created_at = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  if (created_at != NULL)
    oai_session_item_set_created_at (item, created_at);
}

/* record: that of the item before, and then that of this one */
static gboolean
read_item (OaiSession *self, OaiJsonDoc *doc, OaiJsonNode node, OaiRecord **record, GError **error)
{
  int kind = get_enum (doc, node, "kind", OAI_TYPE_SESSION_ITEM_KIND);
  int state = get_enum (doc, node, "state", OAI_TYPE_SESSION_ITEM_STATE);
  OaiJsonNode call_node = oai_json_get_member (doc, node, "call");
  g_autoptr(OaiSessionItem) item = NULL;

  if (kind < 0 || state < 0)
    return refuse (error);
  if (oai_json_get_member (doc, node, "record") != OAI_JSON_NONE)
    {
      g_autofree char *json = oai_json_dup_node (doc, oai_json_get_member (doc, node, "record"));

      g_clear_object (record);
      *record = oai_session_get_hooks (self)->parse_record (kind, json);
    }
  if (*record == NULL)
    return refuse (error);

  item = oai_session_item_new (kind, get_text (doc, node, "role"));
  oai_session_item_set_list_images (item, oai_session_get_hooks (self)->list_images);
  oai_session_item_set_text (item, get_text (doc, node, "text"));
  oai_session_item_set_refusal (item, get_boolean (doc, node, "refusal"));
  oai_session_item_set_reply (item, get_text (doc, node, "reply"), get_boolean (doc, node, "stored"));
  if (get_boolean (doc, node, "foreign"))
    oai_session_item_set_foreign (item);
  oai_session_item_set_record (item, *record);
  oai_session_item_set_state (item, state);
  read_times (item, doc, node);
  if (oai_json_get_type (doc, call_node) == OAI_JSON_OBJECT)
    {
      g_autoptr(OaiToolCall) call = read_call (doc, call_node);

      oai_session_item_set_call (item, call);
    }
  g_ptr_array_add (oai_session_get_items (self), g_steal_pointer (&item));

  return TRUE;
}

static gboolean
read_items (OaiSession *self, OaiJsonDoc *doc, GError **error)
{
  g_autoptr(OaiRecord) record = NULL;
  OaiJsonIter iter;
  OaiJsonNode node;

  oai_json_iter_init (&iter, doc, oai_json_get_member (doc, 0, "items"));
  while (oai_json_iter_next (&iter, NULL, &node))
    if (!read_item (self, doc, node, &record, error))
      return FALSE;

  return TRUE;
}

static void
read_settings (OaiSession *self, OaiJsonDoc *doc)
{
  g_autoptr(OaiRecord) options = read_options (self, doc);
  gint64 max_rounds = get_int (doc, 0, "max-rounds");
  gboolean streaming;

  oai_session_set_model (self, get_text (doc, 0, "model"));
  oai_session_set_instructions (self, get_text (doc, 0, "instructions"));
  oai_session_set_options (self, options);
  if (oai_json_get_boolean (doc, oai_json_get_member (doc, 0, "streaming"), &streaming))
    oai_session_set_streaming (self, streaming);
  oai_session_set_coalesce_interval_ms (self, (guint) CLAMP (get_int (doc, 0, "coalesce-interval-ms"), 0, G_MAXUINT));
  if (max_rounds > 0 && max_rounds <= G_MAXUINT)
    oai_session_set_max_rounds (self, (guint) max_rounds);
  oai_session_set_budget (self, get_double (doc, 0, "budget"));
  oai_session_set_server (self, get_text (doc, 0, "server"));
}

static void
read_usage (OaiSession *self, OaiJsonDoc *doc)
{
  OaiJsonNode node = oai_json_get_member (doc, 0, "used");
  OaiSessionUsage usage = {
    .input_tokens = get_int (doc, node, "input-tokens"),
    .cached_tokens = get_int (doc, node, "cached-tokens"),
    .output_tokens = get_int (doc, node, "output-tokens"),
    .reasoning_tokens = get_int (doc, node, "reasoning-tokens"),
    .total_tokens = get_int (doc, node, "total-tokens"),
  };

  oai_session_restore_usage (self, &usage, get_double (doc, node, "cost"));
}

static gboolean
check_type (OaiJsonDoc *doc, GType type, GError **error)
{
  const char *name = get_text (doc, 0, "session");

  if (get_int (doc, 0, "version") != VERSION || name == NULL)
    return refuse (error);
  if (g_str_equal (name, g_type_name (type)))
    return TRUE;
  if (strlen (name) > MAX_TYPE_NAME || !g_str_is_ascii (name))
    return refuse (error);

  /* Translators: both are names of types. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The text is a saved %s, and not an %s."), name, g_type_name (type));

  return FALSE;
}

/**
 * oai_session_restore:
 * @type: type of the session, such as %OAI_TYPE_CHAT_SESSION
 * @client: (nullable): a client; %NULL to set [property@Oai.Session:client] before a message is sent
 * @json: text of [method@Oai.Session.to_json]
 * @error: return location for an error
 *
 * Restores a session of any type. Its tools and prices must be set again. The types have constructors for this, such as
 * oai_chat_session_new_from_json().
 *
 * A tool never runs twice: results are restored, and a call that was running is restored as cancelled. A call that
 * waited for approval still waits, and can be approved or denied. [method@Oai.Session.send_async] without a text continues
 * with such calls, and requests approval again if it is still missing; a new message cancels them.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if the text is not a saved session of this type.
 *
 * Returns: (transfer full): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_session_restore (GType type, OaiClient *client, const char *json, GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);

  return oai_session_restore_take (type, client, g_strdup (json), strlen (json), error);
}

OaiSession *
oai_session_restore_take (GType type, OaiClient *client, char *json, gsize length, GError **error)
{
  g_autoptr(OaiSession) self = NULL;
  g_autoptr(OaiJsonDoc) doc = NULL;

  g_return_val_if_fail (g_type_is_a (type, OAI_TYPE_SESSION) && !G_TYPE_IS_ABSTRACT (type), NULL);
  g_return_val_if_fail (client == NULL || OAI_IS_CLIENT (client), NULL);

  doc = oai_json_doc_new_take (json, length, OAI_JSON_STRICT, error);
  if (doc == NULL)
    return NULL;
  if (!check_type (doc, type, error))
    return NULL;

  self = g_object_new (type, "client", client, NULL);
  read_settings (self, doc);
  read_usage (self, doc);
  if (!read_items (self, doc, error))
    return NULL;

  oai_session_update_title (self);
  oai_session_set_n_saved (self, oai_session_get_n_changes (self));

  return g_steal_pointer (&self);
}
