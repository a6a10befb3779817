/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-completion-stream.h"

#include <string.h>

#include "oai-completions-marshal.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-value-private.h"
#include "oai-stream-private.h"

/* The server's own limit on completions is 128 for each of many prompts. */
#define MAX_INDEX 4096

/**
 * OaiCompletionStream:
 *
 * Completions of a text that stream in.
 *
 * The pieces are folded into one [class@Oai.Completion], the result of
 * [method@Oai.Stream.run_finish]: texts are joined, log probabilities follow each
 * other, and the usage is what the server told last.
 *
 * Stands for
 * [Completions](https://platform.openai.com/docs/api-reference/completions/create).
 *
 * Since: 1.0
 */
struct _OaiCompletionStream
{
  OaiStream parent_instance;

  OaiJsonValue *root;    /* members of the completion but the choices */
  GPtrArray *choices;    /* Choice, in the order of their indices */
  gboolean begun;
  GString *pending;      /* text that is held back */
  guint pending_choice;
};

typedef struct
{
  guint index;
  OaiJsonValue *value;
  OaiJsonValue *text;    /* borrowed from value */
  gboolean finished;
} Choice;

enum
{
  TEXT_DELTA,
  TEXT_DONE,
  FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OaiCompletionStream, oai_completion_stream, OAI_TYPE_STREAM)

static void
choice_free (gpointer data)
{
  Choice *choice = data;

  oai_json_value_free (choice->value);
  g_free (choice);
}

static void
oai_completion_stream_finalize (GObject *object)
{
  OaiCompletionStream *self = OAI_COMPLETION_STREAM (object);

  oai_json_value_free (self->root);
  g_ptr_array_unref (self->choices);
  g_string_free (self->pending, TRUE);

  G_OBJECT_CLASS (oai_completion_stream_parent_class)->finalize (object);
}

/* Choices */

static Choice *
find_choice (OaiCompletionStream *self, guint index)
{
  for (guint i = 0; i < self->choices->len; i++)
    {
      Choice *choice = g_ptr_array_index (self->choices, i);

      if (choice->index == index)
        return choice;
    }

  return NULL;
}

static Choice *
ensure_choice (OaiCompletionStream *self, guint index)
{
  Choice *choice = find_choice (self, index);
  guint place = self->choices->len;

  if (choice != NULL)
    return choice;

  choice = g_new0 (Choice, 1);
  choice->index = index;
  choice->value = oai_json_value_new_object ();
  choice->text = oai_json_value_set_member (choice->value, "text", oai_json_value_new_string ("", 0));
  while (place > 0 && ((Choice *) g_ptr_array_index (self->choices, place - 1))->index > index)
    place--;
  g_ptr_array_insert (self->choices, place, choice);

  return choice;
}

static void
oai_completion_stream_flush (OaiStream *stream)
{
  OaiCompletionStream *self = OAI_COMPLETION_STREAM (stream);
  g_autofree char *text = NULL;

  if (self->pending->len == 0)
    return;

  text = g_strndup (self->pending->str, self->pending->len);
  g_string_truncate (self->pending, 0);
  oai_emit (self, signals[TEXT_DELTA], 0, text, self->pending_choice);
}

static void
add_text (OaiCompletionStream *self, Choice *choice, const char *text, gsize length)
{
  if (length == 0)
    return;

  oai_json_value_append_string (choice->text, text, length);
  if (oai_stream_get_coalesce (OAI_STREAM (self)) == 0 && self->pending->len == 0)
    {
      oai_emit (self, signals[TEXT_DELTA], 0, text, choice->index);
      return;
    }

  if (self->pending_choice != choice->index)
    oai_completion_stream_flush (OAI_STREAM (self));
  self->pending_choice = choice->index;
  g_string_append (self->pending, text);
  oai_stream_schedule_flush (OAI_STREAM (self));
}

/* Each list goes on: of tokens, of what they were likely to be, of where they stand. */
static void
add_logprobs (Choice *choice, OaiJsonDoc *doc, OaiJsonNode logprobs)
{
  OaiJsonValue *held = oai_json_value_get_member (choice->value, "logprobs");
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode list;

  if (oai_json_get_type (doc, logprobs) != OAI_JSON_OBJECT)
    return;
  if (oai_json_value_get_type (held) != OAI_JSON_OBJECT)
    {
      oai_json_value_set_member (choice->value, "logprobs", oai_json_value_new_from_node (doc, logprobs));
      return;
    }

  oai_json_iter_init_members (&iter, doc, logprobs);
  while (oai_json_iter_next (&iter, &name, &list))
    {
      OaiJsonValue *array = oai_json_value_get_member (held, name);
      OaiJsonIter elements;
      OaiJsonNode element;

      if (oai_json_get_type (doc, list) != OAI_JSON_ARRAY)
        continue;
      if (oai_json_value_get_type (array) != OAI_JSON_ARRAY)
        array = oai_json_value_set_member (held, name, oai_json_value_new_array ());
      oai_json_iter_init (&elements, doc, list);
      while (oai_json_iter_next (&elements, NULL, &element))
        oai_json_value_append (array, oai_json_value_new_from_node (doc, element));
    }
}

static void
finish_choice (OaiCompletionStream *self, Choice *choice, const char *reason)
{
  oai_json_value_set_member (choice->value, "finish_reason", oai_json_value_new_string (reason, -1));
  if (choice->finished)
    return;

  choice->finished = TRUE;
  oai_completion_stream_flush (OAI_STREAM (self));
  oai_emit (self, signals[TEXT_DONE], 0, oai_json_value_get_string (choice->text, NULL), choice->index);
  oai_emit (self, signals[FINISHED], 0, reason, choice->index);
}

static gboolean
add_choice (OaiCompletionStream *self, OaiJsonDoc *doc, OaiJsonNode node, guint place, GError **error)
{
  OaiJsonNode index_node = oai_json_get_member (doc, node, "index");
  const char *reason = NULL;
  gint64 index = place;
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;
  Choice *choice;

  if (oai_json_get_type (doc, index_node) > OAI_JSON_NULL && (!oai_json_get_int (doc, index_node, &index) || index < 0 || index > MAX_INDEX))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent a completion with an impossible index"));
      return FALSE;
    }

  choice = ensure_choice (self, index);
  oai_json_iter_init_members (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      gsize length = 0;
      const char *text = oai_json_get_string (doc, value, &length);

      if (strcmp (name, "text") == 0 && text != NULL)
        add_text (self, choice, text, length);
      else if (strcmp (name, "finish_reason") == 0)
        reason = text;
      else if (strcmp (name, "logprobs") == 0)
        add_logprobs (choice, doc, value);
      else if (strcmp (name, "text") != 0 && oai_json_get_type (doc, value) != OAI_JSON_NULL)
        oai_json_value_set_member (choice->value, name, oai_json_value_new_from_node (doc, value));
    }
  if (reason != NULL && *reason != '\0')
    finish_choice (self, choice, reason);

  return TRUE;
}

/* What the stream asks for */

static gboolean
oai_completion_stream_fold (OaiStream *stream, const char *event, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  OaiCompletionStream *self = OAI_COMPLETION_STREAM (stream);
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;
  guint place = 0;

  if (oai_json_get_type (doc, node) != OAI_JSON_OBJECT)
    return TRUE;

  self->begun = TRUE;
  oai_json_iter_init_members (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    if (strcmp (name, "choices") != 0 && oai_json_get_type (doc, value) != OAI_JSON_NULL)
      oai_json_value_set_member (self->root, name, oai_json_value_new_from_node (doc, value));

  oai_json_iter_init (&iter, doc, oai_json_get_member (doc, node, "choices"));
  while (oai_json_iter_next (&iter, NULL, &value))
    if (!add_choice (self, doc, value, place++, error))
      return FALSE;

  return TRUE;
}

static gboolean
oai_completion_stream_complete (OaiStream *stream, OaiStreamEnd end, GError **error)
{
  OaiCompletionStream *self = OAI_COMPLETION_STREAM (stream);
  gboolean finished = self->choices->len > 0;

  for (guint i = 0; i < self->choices->len; i++)
    finished = finished && ((Choice *) g_ptr_array_index (self->choices, i))->finished;
  if (finished || (self->begun && end == OAI_STREAM_END_DONE))
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The reply broke off: the server ended the stream before the completion was finished"));

  return FALSE;
}

static void
write_choices (OaiCompletionStream *self, GString *out)
{
  for (guint i = 0; i < self->choices->len; i++)
    {
      Choice *choice = g_ptr_array_index (self->choices, i);

      if (i > 0)
        g_string_append_c (out, ',');
      oai_json_write_value (out, choice->value);
    }
}

static OaiRecord *
oai_completion_stream_dup_result (OaiStream *stream)
{
  OaiCompletionStream *self = OAI_COMPLETION_STREAM (stream);
  g_autoptr(GString) out = NULL;

  if (!self->begun)
    return NULL;

  out = g_string_new (NULL);
  oai_json_write_value (out, self->root);
  g_string_truncate (out, out->len - 1);
  if (out->len > 1)
    g_string_append_c (out, ',');
  g_string_append (out, "\"choices\":[");
  write_choices (self, out);
  g_string_append (out, "]}");

  return oai_stream_new_record (stream, OAI_TYPE_COMPLETION, out->str);
}

static const OaiStreamVTable stream_vtable = {
  .fold = oai_completion_stream_fold,
  .flush = oai_completion_stream_flush,
  .complete = oai_completion_stream_complete,
  .dup_result = oai_completion_stream_dup_result,
};

static guint
install_text_signal (OaiCompletionStreamClass *klass, const char *name)
{
  guint id = g_signal_new (name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                           _oai_completions_marshal_VOID__STRING_UINT,
                           G_TYPE_NONE, 2, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_UINT);

  g_signal_set_va_marshaller (id, G_TYPE_FROM_CLASS (klass), _oai_completions_marshal_VOID__STRING_UINTv);

  return id;
}

static void
oai_completion_stream_class_init (OaiCompletionStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_completion_stream_finalize;
  OAI_STREAM_CLASS (klass)->vtable = &stream_vtable;

  /**
   * OaiCompletionStream::text-delta:
   * @self: the stream
   * @text: what is new
   * @choice: which of the completions; 0 unless several were asked for
   *
   * Text of a completion has arrived. Text may be held back for a while to come
   * at once: see [property@Oai.Stream:coalesce].
   *
   * Since: 1.0
   */
  signals[TEXT_DELTA] = install_text_signal (klass, "text-delta");
  /**
   * OaiCompletionStream::text-done:
   * @self: the stream
   * @text: the whole text
   * @choice: which of the completions
   *
   * The text of a completion is whole.
   *
   * Since: 1.0
   */
  signals[TEXT_DONE] = install_text_signal (klass, "text-done");
  /**
   * OaiCompletionStream::finished:
   * @self: the stream
   * @reason: why, such as `stop` or `length`
   * @choice: which of the completions
   *
   * A completion is whole. The usage may still be to come.
   *
   * Since: 1.0
   */
  signals[FINISHED] = install_text_signal (klass, "finished");
}

static void
oai_completion_stream_init (OaiCompletionStream *self)
{
  self->root = oai_json_value_new_object ();
  self->choices = g_ptr_array_new_with_free_func (choice_free);
  self->pending = g_string_new (NULL);
}

/**
 * oai_completion_stream_get_text:
 * @self: a stream
 * @choice: which of the completions; 0 unless several were asked for
 *
 * Gets the text of a completion as far as it has arrived.
 *
 * Returns: (nullable) (transfer none): the text, or %NULL when there is no such completion; until the next chunk
 *
 * Since: 1.0
 */
const char *
oai_completion_stream_get_text (OaiCompletionStream *self, guint choice)
{
  Choice *found;

  g_return_val_if_fail (OAI_IS_COMPLETION_STREAM (self), NULL);

  found = find_choice (self, choice);

  return found != NULL ? oai_json_value_get_string (found->text, NULL) : NULL;
}

/**
 * oai_completion_stream_dup_completion:
 * @self: a stream
 *
 * Gets the completions as far as they have arrived.
 *
 * Returns: (nullable) (transfer full): the completions, or %NULL when nothing has arrived
 *
 * Since: 1.0
 */
OaiCompletion *
oai_completion_stream_dup_completion (OaiCompletionStream *self)
{
  OaiRecord *result;

  g_return_val_if_fail (OAI_IS_COMPLETION_STREAM (self), NULL);

  result = oai_completion_stream_dup_result (OAI_STREAM (self));

  return result != NULL ? OAI_COMPLETION (result) : NULL;
}
