/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What becomes of a stream: its events, its end, and those who wait for it. */

#include "oai-stream-impl-private.h"

#include <string.h>

#include "oai-call-private.h"
#include "oai-error-map-private.h"
#include "oai-i18n-private.h"
#include "oai-json-surrogates-private.h"
#include "oai-record-private.h"
#include "oai-redact-private.h"
#include "oai-reply-body-private.h"

/* Coalesced text */

static void
drop_flush (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);

  if (priv->flush_source == NULL)
    return;

  g_source_destroy (priv->flush_source);
  g_clear_pointer (&priv->flush_source, g_source_unref);
}

static void
flush (OaiStream *self)
{
  drop_flush (self);
  if (oai_stream_get_vtable (self)->flush != NULL)
    oai_stream_get_vtable (self)->flush (self);
}

static gboolean
flush_cb (gpointer user_data)
{
  g_autoptr(OaiStream) self = g_object_ref (user_data);

  flush (self);

  return G_SOURCE_REMOVE;
}

void
oai_stream_schedule_flush (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);

  if (priv->coalesce == 0)
    {
      flush (self);
      return;
    }
  if (priv->flush_source != NULL)
    return;

  priv->flush_source = g_timeout_source_new (priv->coalesce);
  g_source_set_static_name (priv->flush_source, "[oai] coalesced text");
  g_source_set_callback (priv->flush_source, flush_cb, self, NULL);
  g_source_attach (priv->flush_source, priv->context);
}

/* The end */

static GPtrArray *
take_chunks (OaiStreamPrivate *priv, guint max)
{
  GPtrArray *chunks = g_ptr_array_new_with_free_func (g_object_unref);

  while (chunks->len < max && priv->chunks.length > 0)
    g_ptr_array_add (chunks, g_queue_pop_head (&priv->chunks));

  return chunks;
}

static void
return_pull (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  g_autoptr(GTask) task = g_steal_pointer (&priv->task);

  if (priv->chunks.length > 0)
    g_task_return_pointer (task, take_chunks (priv, priv->wanted), (GDestroyNotify) g_ptr_array_unref);
  else if (priv->error != NULL)
    g_task_return_error (task, g_error_copy (priv->error));
  else
    g_task_return_pointer (task, take_chunks (priv, 0), (GDestroyNotify) g_ptr_array_unref);
}

static void
return_run (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  g_autoptr(GTask) task = g_steal_pointer (&priv->task);
  OaiRecord *result = priv->error == NULL ? oai_stream_dup_result (self) : NULL;

  if (priv->error != NULL)
    g_task_return_error (task, g_error_copy (priv->error));
  else if (result == NULL)
    g_task_return_error (task, oai_error_new_incomplete (priv->call, _("it ended before its first event")));
  else
    g_task_return_pointer (task, result, g_object_unref);
}

void
oai_stream_settle (OaiStream *self, GError *error)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  g_autoptr(OaiStream) held G_GNUC_UNUSED = g_object_ref (self);

  drop_flush (self);
  priv->state = OAI_STREAM_OVER;
  g_clear_error (&priv->error);
  priv->error = error;
  priv->secret = NULL;
  g_clear_pointer (&priv->exchange, oai_exchange_free);
  oai_stream_notify_running (self);

  if (priv->task == NULL)
    return;
  if (priv->pulling)
    return_pull (self);
  else
    return_run (self);
}

static gboolean fold_node (OaiStream *self, const char *event, OaiJsonDoc *doc, OaiJsonNode node, gboolean recorded, GError **error);

/* What came before the end belongs to the result, also where the rest of a character did not
 * come.  What waits behind an event in whose handler the stream is closed does not. */
static void
fold_waiting (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  OaiJoinedEvent *event;

  if (priv->folding)
    return;

  oai_event_joiner_release (&priv->joiner);
  while (priv->state == OAI_STREAM_RUNNING && (event = oai_event_joiner_take (&priv->joiner)) != NULL)
    {
      fold_node (self, event->name, event->doc, 0, event->recorded, NULL);
      oai_joined_event_free (event);
    }
}

void
oai_stream_end (OaiStream *self, GError *error)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  g_autoptr(OaiStream) held G_GNUC_UNUSED = g_object_ref (self);

  fold_waiting (self);
  /* A handler of the last text may close the stream. */
  if (priv->state != OAI_STREAM_OVER)
    flush (self);
  if (priv->state != OAI_STREAM_OVER)
    oai_stream_settle (self, error);
  else
    g_clear_error (&error);
}

/* The call fails too, whether it is still under way or its body has come to its end.
 * Redacts what the error repeats of the server. */
static void
fail_call (OaiStream *self, GError *error)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);

  oai_redact_error (error, priv->secret);
  if (priv->exchange == NULL)
    return;

  if (oai_call_get_state (priv->call) == OAI_CALL_STATE_DONE)
    oai_exchange_fail_reply (priv->exchange, error);
  else
    oai_exchange_finish_early (priv->exchange, g_error_copy (error));
}

/* Takes the error. */
static void
fail (OaiStream *self, GError *error)
{
  fail_call (self, error);
  oai_stream_end (self, error);
}

/* The events are over: what is missing. */
static GError *
find_lack (OaiStream *self, OaiStreamEnd how)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  GError *error = NULL;

  if (priv->reader.truncated)
    error = oai_error_new_incomplete (priv->call, _("it ended within an event"));
  else if (oai_stream_get_vtable (self)->complete != NULL)
    oai_stream_get_vtable (self)->complete (self, how, &error);
  else if (!priv->pulling && priv->newest == NULL)
    error = oai_error_new_incomplete (priv->call, _("it ended before its first event"));

  return error;
}

static void
complete (OaiStream *self, OaiStreamEnd how)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  GError *error = find_lack (self, how);

  if (error != NULL)
    fail_call (self, error);
  else if (priv->exchange != NULL && how == OAI_STREAM_END_DONE)
    oai_exchange_finish_early (priv->exchange, NULL);
  if (error == NULL && oai_call_get_error (priv->call) != NULL)
    error = g_error_copy (oai_call_get_error (priv->call));

  oai_stream_end (self, error);
}

/* Events */

static gboolean
wants_record (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);

  return priv->pulling || oai_stream_get_vtable (self)->dup_result == NULL || oai_stream_wants_chunks (self);
}

/* Whether the name of an event is what tells its records apart. */
static gboolean
has_envelope (GType type)
{
  OaiRecordClass *klass = g_type_class_ref (type);
  const OaiRecordSchema *schema = klass->schema;
  gboolean tagged = schema->n_cases > 0 && strcmp (schema->fields[schema->tag_field].member, "event") == 0;

  g_type_class_unref (klass);

  return tagged;
}

static OaiRecord *
new_chunk (OaiStream *self, const char *event, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  g_autoptr(GString) json = NULL;

  if (!priv->enveloped)
    return oai_record_new_from_node (priv->chunk_type, doc, node, priv->client, priv->call);

  json = g_string_new ("{\"event\":");
  oai_json_write_string (json, event != NULL ? event : "", -1);
  g_string_append (json, ",\"data\":");
  oai_json_write_node (json, doc, node);
  g_string_append_c (json, '}');

  return oai_stream_new_record (self, priv->chunk_type, json->str);
}

static gboolean
fold (OaiStream *self, const char *event, OaiJsonDoc *doc, OaiJsonNode node, gboolean recorded, GError **error)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  GError *found = oai_error_find_in_event (priv->call, event, doc, node, priv->secret);

  if (found != NULL)
    {
      g_propagate_error (error, found);
      return FALSE;
    }

  if (recorded && oai_stream_get_vtable (self)->check != NULL && !oai_stream_get_vtable (self)->check (self, doc, node, error))
    return FALSE;
  if (recorded && oai_json_get_type (doc, node) == OAI_JSON_OBJECT)
    {
      g_set_object (&priv->newest, NULL);
      priv->newest = new_chunk (self, event, doc, node);
      if (priv->pulling)
        g_queue_push_tail (&priv->chunks, g_object_ref (priv->newest));
      oai_stream_emit_chunk (self, priv->newest);
      if (priv->state != OAI_STREAM_RUNNING)
        return TRUE;
    }

  return oai_stream_get_vtable (self)->fold == NULL || oai_stream_get_vtable (self)->fold (self, event, doc, node, error);
}

static gboolean
fold_node (OaiStream *self, const char *event, OaiJsonDoc *doc, OaiJsonNode node, gboolean recorded, GError **error)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  gboolean folded;

  priv->folding = TRUE;
  folded = fold (self, event, doc, node, recorded, error);
  priv->folding = FALSE;

  return folded;
}

/* The next value of the event.  A record keeps its bytes: no more than those of the value,
 * where several follow each other. */
static OaiJsonDoc *
parse_value (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  const OaiSseEvent *event = &priv->event;
  gsize length = 0;

  if (*event->data == '{' && wants_record (self))
    {
      if (priv->several)
        length = oai_event_reader_measure_value (event->data, event->length);
      return oai_json_doc_new_copy (event->data, length > 0 ? length : event->length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL);
    }
  if (!oai_json_doc_parse (priv->doc, event->data, event->length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL))
    return NULL;

  return oai_json_doc_ref (priv->doc);
}

/* Skips what was read, and the blanks that follow. */
static inline void
skip (OaiSseEvent *event, gsize length)
{
  event->data += length;
  event->length -= length;
  if (event->length == 0 || *event->data == '{')
    return;

  length = oai_event_reader_count_blanks (event->data, event->length);
  event->data += length;
  event->length -= length;
}

/* FALSE when the stream is over. */
static inline gboolean
handle_doc (OaiStream *self, const char *name, OaiJsonDoc *doc, gboolean recorded)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  GError *error = NULL;

  if (!fold_node (self, name, doc, 0, recorded, &error))
    fail (self, error);
  else if (priv->reader.kind == OAI_BODY_VALUES && oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    fail (self, oai_reply_body_new_no_object_error (priv->call));

  return priv->state == OAI_STREAM_RUNNING;
}

/* The value may belong behind one that waits for the rest of a character.  An error does not
 * wait.  Takes doc. */
static gboolean
join_value (OaiStream *self, const char *name, OaiJsonDoc *doc, gboolean recorded)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  GError *error = oai_error_find_in_event (priv->call, name, doc, 0, priv->secret);

  if (error == NULL)
    {
      oai_event_joiner_add (&priv->joiner, name, doc, recorded);
      return TRUE;
    }

  oai_json_doc_unref (doc);
  fail (self, error);

  return FALSE;
}

static gboolean
handle_value (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  g_autoptr(OaiJsonDoc) doc = parse_value (self);
  gboolean recorded = doc != priv->doc;

  if (doc == NULL)
    {
      fail (self, oai_error_new_for_event (priv->call, priv->event.event, priv->event.data, priv->event.length, priv->secret));
      return FALSE;
    }

  skip (&priv->event, oai_json_doc_get_consumed (doc));
  priv->several = TRUE;
  if (G_LIKELY (priv->joiner.events.length == 0 && oai_json_doc_get_n_halves (doc) == 0) || oai_event_joiner_can_pass (&priv->joiner, doc))
    return handle_doc (self, priv->event.event, doc, recorded);

  return join_value (self, priv->event.event, recorded ? g_steal_pointer (&doc) : oai_json_doc_detach (doc), recorded);
}

/* An event has come, whose values are still to be handled.  FALSE when the stream is over. */
static gboolean
begin_event (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  OaiSseEvent *event = &priv->event;

  priv->several = FALSE;
  skip (event, 0);
  /* Comments that a gateway wrapped into data, and events with none. */
  if (event->length > 0 && *event->data != '{')
    {
      priv->done = oai_event_reader_is_end_marker (event->data, event->length);
      if (priv->done || *event->data == ':')
        event->length = 0;
    }
  if (event->length == 0)
    return TRUE;

  if (oai_stream_wants_events (self))
    {
      g_autofree char *json = g_utf8_make_valid (event->data, event->length);

      oai_stream_emit_event (self, event->event, json);
    }

  return priv->state == OAI_STREAM_RUNNING;
}

static gboolean
has_enough (OaiStreamPrivate *priv)
{
  return priv->pulling && priv->chunks.length >= MAX (priv->wanted, 1);
}

/* Chunks are there.  TRUE when the next one is wanted already. */
static gboolean
hand_out (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);

  if (priv->task != NULL)
    return_pull (self);

  return priv->task != NULL && priv->state == OAI_STREAM_RUNNING;
}

/* The next event that has waited.  FALSE when there is none, or the stream is over. */
static gboolean
handle_joined (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  g_autoptr(OaiJoinedEvent) joined = oai_event_joiner_take (&priv->joiner);

  return joined != NULL && handle_doc (self, joined->name, joined->doc, joined->recorded);
}

/* Handles the next value, or the beginning of an event.  FALSE when there is none, or the
 * stream is over. */
static inline gboolean
handle_next (OaiStream *self, OaiStreamPrivate *priv, GError **error)
{
  if (priv->event.length > 0)
    return handle_value (self);
  if (!priv->done && oai_event_reader_next (&priv->reader, &priv->event, error))
    return begin_event (self);

  return *error == NULL && (priv->done || priv->reader.ended) && oai_event_joiner_release (&priv->joiner);
}

/* Handles what has arrived.  TRUE when more should be read. */
static gboolean
handle_events (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  GError *error = NULL;
  gboolean more = TRUE;

  while (more && !has_enough (priv))
    {
      if (G_UNLIKELY (priv->joiner.events.length > 0) && handle_joined (self))
        continue;
      more = priv->state == OAI_STREAM_RUNNING && handle_next (self, priv, &error);
    }

  if (error != NULL)
    fail (self, error);
  else if (priv->state != OAI_STREAM_RUNNING)
    return FALSE;
  else if (!more && (priv->done || priv->reader.ended))
    complete (self, priv->done || priv->whole ? OAI_STREAM_END_DONE : OAI_STREAM_END_EOF);
  else
    return priv->pulling && priv->chunks.length > 0 ? hand_out (self) : TRUE;

  return FALSE;
}

void
oai_stream_add_event (OaiStream *self, const char *event, const char *json)
{
  g_autoptr(GString) text = g_string_new (NULL);

  /* JSON that was written here has no line ends. */
  if (event != NULL)
    g_string_append_printf (text, "event: %s\n", event);
  g_string_append_printf (text, "data: %s\n\n", json);
  oai_event_reader_add_events (&oai_stream_get_private (self)->reader, text->str, text->len);
}

/* One value, which is a whole reply or claims to be one. */
static gboolean
split_reply (OaiStream *self, OaiJsonDoc *doc, GError **error)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  GError *found = oai_error_find_in_event (priv->call, NULL, doc, 0, priv->secret);
  g_autoptr(GString) json = NULL;

  if (found != NULL)
    {
      g_propagate_error (error, found);
      return FALSE;
    }
  if (!oai_reply_body_check (priv->call, doc, priv->secret, error))
    return FALSE;

  priv->whole = TRUE;
  if (oai_stream_get_vtable (self)->split_reply != NULL)
    return oai_stream_get_vtable (self)->split_reply (self, doc, 0, error);

  json = g_string_new (NULL);
  oai_json_write_node (json, doc, 0);
  oai_stream_add_event (self, NULL, json->str);

  return TRUE;
}

/* A reply that is JSON, or the text of the result: it becomes events.  FALSE: the stream failed. */
static gboolean
handle_whole (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  GBytes *body = oai_event_reader_take_whole (&priv->reader);
  GError *error = NULL;
  gsize used;
  g_autoptr(OaiJsonDoc) doc = oai_reply_body_parse_first (priv->call, priv->text_member, priv->format, g_bytes_ref (body), &used, &error);
  gsize length;
  g_autofree char *data = g_bytes_unref_to_data (body, &length);

  if (doc != NULL && (oai_reply_body_is_chunk (doc) || !oai_event_reader_is_end (data + used, length - used)))
    {
      oai_event_reader_take_values (&priv->reader, g_steal_pointer (&data), length);
      return TRUE;
    }
  if (doc != NULL && split_reply (self, doc, &error))
    return TRUE;

  fail (self, error);

  return FALSE;
}

/* The sink of the exchange */

static void
head_cb (OaiExchange *exchange, gpointer user_data)
{
  OaiStreamPrivate *priv = oai_stream_get_private (user_data);
  const char *type = oai_call_get_header (oai_exchange_get_call (exchange), "content-type");

  priv->secret = oai_exchange_get_secret (exchange);
  oai_event_reader_set_type (&priv->reader, type);
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  return oai_event_reader_reserve (&oai_stream_get_private (user_data)->reader, size);
}

/* Neither events nor JSON, where nothing else can be meant: a page of a proxy, say,
 * or sound.  It is not waited for. */
static void
end_foreign (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  GError *error = oai_reply_body_new_foreign_error (priv->call);

  oai_redact_error (error, priv->secret);
  if (priv->exchange != NULL)
    oai_exchange_finish_early (priv->exchange, g_error_copy (error));
  oai_stream_end (self, error);
}

static gboolean
commit_cb (gsize size, gpointer user_data)
{
  g_autoptr(OaiStream) self = g_object_ref (user_data);
  OaiStreamPrivate *priv = oai_stream_get_private (self);

  oai_event_reader_commit (&priv->reader, size);
  if (priv->reader.kind == OAI_BODY_OTHER && priv->text_member == NULL)
    {
      end_foreign (self);
      return FALSE;
    }
  if (priv->max_whole > 0 && priv->reader.whole.length > priv->max_whole)
    {
      fail (self, oai_error_new_too_large (priv->max_whole));
      return FALSE;
    }

  return handle_events (self);
}

static void
done_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  g_autoptr(OaiStream) self = g_object_ref (user_data);
  OaiStreamPrivate *priv = oai_stream_get_private (self);

  if (error != NULL)
    {
      oai_stream_end (self, error);
      return;
    }

  oai_event_reader_end (&priv->reader);
  if (!oai_event_reader_is_whole (&priv->reader) || handle_whole (self))
    handle_events (self);
}

static const OaiExchangeSink stream_sink = { head_cb, reserve_cb, commit_cb, done_cb };

static void
start (OaiStream *self, GCancellable *cancellable)
{
  g_autoptr(OaiStream) held G_GNUC_UNUSED = g_object_ref (self);
  OaiStreamPrivate *priv = oai_stream_get_private (self);

  priv->state = OAI_STREAM_RUNNING;
  priv->context = g_main_context_ref_thread_default ();
  oai_stream_set_place (self);
  priv->max_whole = oai_settings_get_max_reply_size (oai_client_get_settings (priv->client));
  oai_event_reader_init (&priv->reader, oai_settings_get_max_event_size (oai_client_get_settings (priv->client)));
  priv->doc = oai_json_doc_new ();
  priv->enveloped = has_envelope (priv->chunk_type);
  priv->exchange = oai_exchange_new (priv->client, g_steal_pointer (&priv->request), TRUE, &stream_sink, self);
  priv->call = g_object_ref (oai_exchange_get_call (priv->exchange));
  oai_call_attach (priv->call, priv->task);
  oai_stream_notify_call (self);
  if (priv->state == OAI_STREAM_RUNNING)
    oai_stream_notify_running (self);
  oai_stream_catch_up_close (self);
  if (priv->state == OAI_STREAM_RUNNING)
    oai_exchange_start (priv->exchange, cancellable);
}

OaiRecord *
oai_stream_fold_body (GType type, OaiClient *client, OaiCall *call, GType chunk_type, GBytes *body, const char *secret, GError **error)
{
  g_autoptr(OaiStream) self = oai_stream_new (type, client, NULL, chunk_type, NULL);
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  g_autoptr(GBytes) owned = body;
  gsize length;
  const char *data = g_bytes_get_data (owned, &length);

  priv->state = OAI_STREAM_RUNNING;
  priv->call = g_object_ref (call);
  priv->secret = secret;
  oai_event_reader_init (&priv->reader, 0);
  priv->doc = oai_json_doc_new ();
  if (oai_event_reader_is_json (data, length))
    {
      char *values = g_bytes_unref_to_data (g_steal_pointer (&owned), &length);

      oai_event_reader_take_values (&priv->reader, values, length);
    }
  else
    {
      oai_event_reader_add_events (&priv->reader, data, length);
    }
  oai_event_reader_end (&priv->reader);
  handle_events (self);

  if (priv->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&priv->error));
      return NULL;
    }

  return oai_stream_dup_result (self);
}

/* Gives the task to the stream, or ends it where the stream cannot take it. */
static gboolean
accept_task (OaiStream *self, GTask *task, gboolean pulling)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  g_autoptr(GMainContext) here = g_main_context_ref_thread_default ();

  if (priv->state == OAI_STREAM_NEW)
    oai_stream_catch_up_close (self);
  if (priv->task != NULL || (!pulling && priv->state != OAI_STREAM_NEW))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, _("The stream is in use already"));
      return FALSE;
    }
  if (priv->context != NULL && priv->context != here && priv->state == OAI_STREAM_RUNNING)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The stream was started in another main context"));
      return FALSE;
    }

  priv->task = g_object_ref (task);
  priv->pulling = pulling;
  if (priv->call != NULL)
    oai_call_attach (priv->call, task);

  return TRUE;
}

void
oai_stream_push (OaiStream *self, GTask *task)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);

  if (!accept_task (self, task, FALSE))
    return;

  if (priv->request == NULL)
    oai_stream_end (self, g_steal_pointer (&priv->error));
  else
    start (self, g_task_get_cancellable (task));
}

void
oai_stream_pull (OaiStream *self, GTask *task, guint max)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (!accept_task (self, task, TRUE))
    return;

  priv->wanted = max;
  if (priv->state == OAI_STREAM_NEW && priv->request == NULL)
    {
      oai_stream_end (self, g_steal_pointer (&priv->error));
    }
  else if (priv->state == OAI_STREAM_NEW)
    {
      start (self, cancellable);
    }
  else if (priv->state == OAI_STREAM_OVER)
    {
      return_pull (self);
    }
  else if (g_cancellable_is_cancelled (cancellable))
    {
      oai_stream_close (self);
    }
  else
    {
      oai_exchange_set_cancellable (priv->exchange, cancellable);
      if (handle_events (self) && priv->exchange != NULL)
        oai_exchange_resume (priv->exchange);
    }
}
