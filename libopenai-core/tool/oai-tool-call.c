/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-tool-call-private.h"

#include <string.h>

#include "oai-deadline-private.h"
#include "oai-emit-private.h"
#include "oai-enum-types.h"
#include "oai-error-map-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-object.h"
#include "oai-json-schema-private.h"
#include "oai-json-writer-private.h"
#include "oai-owner-thread-private.h"
#include "oai-schema-validator-private.h"
#include "oai-tool-private.h"

/* What the model gets.  It is not translated, and reveals nothing of the program. */
#define UNKNOWN_TOOL "There is no tool with this name."
#define NOT_JSON "The arguments are not valid JSON. Send one JSON object."
#define NOT_AN_OBJECT "The arguments are not a JSON object. Send one JSON object."
#define FAILED "The tool failed."
#define TIMED_OUT "The tool did not answer in time."
#define FILES_OMITTED "The tool also returned files, which you cannot read."
#define DENIED "The user denied this call."
#define CANCELLED "This call was cancelled."

/**
 * OaiToolCall:
 *
 * One call of a tool by a model, and its answer.
 *
 * The tool reads the arguments with [method@Oai.ToolCall.get_string] and the other getters, and answers
 * with [method@Oai.ToolCall.respond], [method@Oai.ToolCall.fail] or another function of this kind: at
 * once, or later from the main loop. The first answer counts; answers to a call that has ended are
 * ignored. A tool that answers later observes [property@Oai.ToolCall:cancellable], which is cancelled
 * if the call is cancelled or times out.
 *
 * [property@Oai.ToolCall:output] is the text for the model: `{"result": …}` if the tool succeeded, else
 * `{"error": …}`. The message of a [type@GLib.Error] is never sent to the model:
 * [method@Oai.ToolCall.fail] logs it, and the model learns only that the tool failed.
 * [method@Oai.ToolCall.fail_with_message] sends a message for the model.
 *
 * A call belongs to the main context that was the thread's default when it was run, and only the
 * thread that iterates this main context may use it.
 *
 * Since: 1.0
 */

/* One use of run_async(). */
typedef struct
{
  GTask *task; /* has a reference to the call */
  OaiDeadline deadline;
} Run;

typedef struct
{
  GBytes *bytes;
  char *content_type;
  char *filename; /* or NULL */
} File;

struct _OaiToolCall
{
  GObject parent_instance;

  OaiTool *tool;
  OaiRecord *record;
  char *id;
  char *name;
  char *arguments;
  OaiToolCallState state;
  char *output;
  GError *error;
  GCancellable *cancellable;
  double progress;
  char *progress_text;
  GPtrArray *files; /* of File, or NULL */

  OaiJsonDoc *doc;      /* the parsed arguments, or NULL */
  gboolean parsed;
  gboolean approved;
  GPtrArray *runs;         /* of Run, or NULL if it does not run */
  OaiOwnerThread *blocked; /* whose blocking call waits for this one, or NULL */
  gboolean waiting;        /* the tool or the user will answer later */
};

enum
{
  PROP_0,
  PROP_TOOL,
  PROP_RECORD,
  PROP_ID,
  PROP_NAME,
  PROP_ARGUMENTS,
  PROP_STATE,
  PROP_OUTPUT,
  PROP_ERROR,
  PROP_CANCELLABLE,
  PROP_PROGRESS,
  PROP_PROGRESS_TEXT,
  N_PROPS
};

enum
{
  APPROVAL_REQUESTED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OaiToolCall, oai_tool_call, G_TYPE_OBJECT)

static void
oai_tool_call_finalize (GObject *object)
{
  OaiToolCall *self = OAI_TOOL_CALL (object);

  g_clear_object (&self->tool);
  g_clear_object (&self->record);
  g_free (self->id);
  g_free (self->name);
  g_free (self->arguments);
  g_free (self->output);
  g_clear_error (&self->error);
  g_clear_object (&self->cancellable);
  g_free (self->progress_text);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->doc, oai_json_doc_unref);

  G_OBJECT_CLASS (oai_tool_call_parent_class)->finalize (object);
}

static void
oai_tool_call_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiToolCall *self = OAI_TOOL_CALL (object);

  switch (prop_id)
    {
    case PROP_TOOL:
      g_value_set_object (value, self->tool);
      break;
    case PROP_RECORD:
      g_value_set_object (value, self->record);
      break;
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_ARGUMENTS:
      g_value_set_string (value, self->arguments);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_OUTPUT:
      g_value_set_string (value, self->output);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_CANCELLABLE:
      g_value_set_object (value, self->cancellable);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    case PROP_PROGRESS_TEXT:
      g_value_set_string (value, self->progress_text);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* A string property contains only valid UTF-8; what was invalid becomes U+FFFD. */
static char *
dup_valid (const GValue *value)
{
  const char *text = g_value_get_string (value);

  return g_utf8_make_valid (text != NULL ? text : "", -1);
}

static void
oai_tool_call_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  OaiToolCall *self = OAI_TOOL_CALL (object);

  switch (prop_id)
    {
    case PROP_TOOL:
      self->tool = g_value_dup_object (value);
      break;
    case PROP_RECORD:
      self->record = g_value_dup_object (value);
      break;
    case PROP_ID:
      self->id = dup_valid (value);
      break;
    case PROP_NAME:
      self->name = dup_valid (value);
      break;
    case PROP_ARGUMENTS:
      self->arguments = dup_valid (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags construct = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * OaiToolCall:tool: (getter get_tool)
   *
   * The tool that is called, or %NULL if the model called a tool that does not exist.
   *
   * Since: 1.0
   */
  properties[PROP_TOOL] = g_param_spec_object ("tool", NULL, NULL, OAI_TYPE_TOOL, construct);
  /**
   * OaiToolCall:record: (getter get_record)
   *
   * The call as the endpoint represents it, such as an [class@Oai.ChatToolCall]; or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_RECORD] = g_param_spec_object ("record", NULL, NULL, OAI_TYPE_RECORD, construct);
  /**
   * OaiToolCall:id: (getter get_id)
   *
   * The identifier of the call, which the result is sent with; may be empty.
   *
   * Since: 1.0
   */
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, construct);
  /**
   * OaiToolCall:name: (getter get_name)
   *
   * The name of the tool, as the model sent it.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, construct);
  /**
   * OaiToolCall:arguments: (getter get_arguments)
   *
   * The arguments, as the model sent them: text that should be a JSON object, or any text for a
   * tool with [property@Oai.Tool:free-form].
   *
   * Since: 1.0
   */
  properties[PROP_ARGUMENTS] = g_param_spec_string ("arguments", NULL, NULL, NULL, construct);
  /**
   * OaiToolCall:state: (getter get_state)
   *
   * The state of the call.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, OAI_TYPE_TOOL_CALL_STATE, OAI_TOOL_CALL_STATE_NEW, readable);
  /**
   * OaiToolCall:output: (getter get_output)
   *
   * The text for the model, or %NULL until the call has ended.
   *
   * Since: 1.0
   */
  properties[PROP_OUTPUT] = g_param_spec_string ("output", NULL, NULL, NULL, readable);
  /**
   * OaiToolCall:error: (getter get_error)
   *
   * Why the call did not succeed, for the program; or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, readable);
  /**
   * OaiToolCall:cancellable: (getter get_cancellable)
   *
   * Is cancelled if the call is cancelled or times out. Pass it to the operations of the tool.
   *
   * Since: 1.0
   */
  properties[PROP_CANCELLABLE] = g_param_spec_object ("cancellable", NULL, NULL, G_TYPE_CANCELLABLE, readable);
  /**
   * OaiToolCall:progress: (getter get_progress)
   *
   * The part of the work that is done, from 0 to 1, or -1 if it is unknown.
   *
   * Since: 1.0
   */
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, -1, 1, -1, readable);
  /**
   * OaiToolCall:progress-text: (getter get_progress_text)
   *
   * What the tool is doing, for the user; or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_PROGRESS_TEXT] = g_param_spec_string ("progress-text", NULL, NULL, NULL, readable);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_tool_call_class_init (OaiToolCallClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_tool_call_finalize;
  object_class->get_property = oai_tool_call_get_property;
  object_class->set_property = oai_tool_call_set_property;
  install_properties (object_class);

  /**
   * OaiToolCall::approval-requested:
   * @self: the call
   *
   * Emitted when the call of a tool with [property@Oai.Tool:needs-approval] waits for approval. The
   * arguments have been checked. A handler calls [method@Oai.ToolCall.approve] or
   * [method@Oai.ToolCall.deny], now or later. If the signal has no handler, the call is denied.
   *
   * Since: 1.0
   */
  signals[APPROVAL_REQUESTED] = g_signal_new ("approval-requested", OAI_TYPE_TOOL_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
oai_tool_call_init (OaiToolCall *self)
{
  self->cancellable = g_cancellable_new ();
  self->progress = -1;
}

/**
 * oai_tool_call_new:
 * @tool: (nullable): the tool, or %NULL if there is no tool with this name
 * @id: (nullable): the identifier of the call
 * @name: (nullable): the name of the tool, as the model sent it
 * @arguments_json: (nullable): the arguments, as the model sent them
 *
 * Creates a call. [method@Oai.ToolCall.run_async] runs it.
 *
 * Returns: (transfer full): the new call
 *
 * Since: 1.0
 */
OaiToolCall *
oai_tool_call_new (OaiTool *tool, const char *id, const char *name, const char *arguments_json)
{
  g_return_val_if_fail (tool == NULL || OAI_IS_TOOL (tool), NULL);

  return g_object_new (OAI_TYPE_TOOL_CALL, "tool", tool, "id", id, "name", name, "arguments", arguments_json, NULL);
}

/**
 * oai_tool_call_new_ended:
 * @id: (nullable): the identifier of the call
 * @name: (nullable): the name of the tool
 * @arguments: (nullable): the arguments
 * @state: a final state
 * @output: the text for the model
 *
 * Creates a call that has ended, for example from a saved conversation. Its tool does not run again.
 *
 * Returns: (transfer full): the new call
 *
 * Since: 1.0
 */
OaiToolCall *
oai_tool_call_new_ended (const char *id, const char *name, const char *arguments, OaiToolCallState state, const char *output)
{
  OaiToolCall *self;

  g_return_val_if_fail (state >= OAI_TOOL_CALL_STATE_SUCCEEDED && state <= OAI_TOOL_CALL_STATE_CANCELLED, NULL);
  g_return_val_if_fail (output != NULL, NULL);

  self = oai_tool_call_new (NULL, id, name, arguments);
  self->state = state;
  self->output = g_utf8_make_valid (output, -1);

  return self;
}

/**
 * oai_tool_call_get_tool:
 * @self: a call
 *
 * Gets the tool that is called.
 *
 * Returns: (nullable) (transfer none): the tool, or %NULL if it does not exist
 *
 * Since: 1.0
 */
OaiTool *
oai_tool_call_get_tool (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  return self->tool;
}

/**
 * oai_tool_call_get_record:
 * @self: a call
 *
 * Gets the call as the endpoint represents it, such as an [class@Oai.ChatToolCall].
 *
 * Returns: (nullable) (transfer none): the record from which the call was created, or %NULL
 *
 * Since: 1.0
 */
OaiRecord *
oai_tool_call_get_record (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  return self->record;
}

/**
 * oai_tool_call_get_id:
 * @self: a call
 *
 * Gets the identifier of the call. Servers may send an empty one, and the same one twice.
 *
 * Returns: the identifier
 *
 * Since: 1.0
 */
const char *
oai_tool_call_get_id (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  return self->id;
}

/**
 * oai_tool_call_get_name:
 * @self: a call
 *
 * Gets the name of the tool, as the model sent it.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
oai_tool_call_get_name (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  return self->name;
}

/**
 * oai_tool_call_get_arguments:
 * @self: a call
 *
 * Gets the arguments, as the model sent them.
 *
 * Returns: the text. If the tool runs, it is a JSON object, or blank or `null` if the model sent no
 *   arguments; for a tool with [property@Oai.Tool:free-form], it is any text
 *
 * Since: 1.0
 */
const char *
oai_tool_call_get_arguments (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  return self->arguments;
}

/**
 * oai_tool_call_get_state:
 * @self: a call
 *
 * Gets the state of the call.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
OaiToolCallState
oai_tool_call_get_state (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), OAI_TOOL_CALL_STATE_NEW);

  return self->state;
}

/**
 * oai_tool_call_has_ended:
 * @self: a call
 *
 * Checks whether the call has ended, and has an output.
 *
 * Returns: %TRUE if the state is final
 *
 * Since: 1.0
 */
gboolean
oai_tool_call_has_ended (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), FALSE);

  return self->state >= OAI_TOOL_CALL_STATE_SUCCEEDED;
}

/**
 * oai_tool_call_get_output:
 * @self: a call
 *
 * Gets the text for the model.
 *
 * Returns: (nullable): the text, or %NULL until the call has ended
 *
 * Since: 1.0
 */
const char *
oai_tool_call_get_output (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  return self->output;
}

/**
 * oai_tool_call_get_error:
 * @self: a call
 *
 * Gets why the call did not succeed: the error of the tool, %G_IO_ERROR_TIMED_OUT,
 * %G_IO_ERROR_CANCELLED, %G_IO_ERROR_PERMISSION_DENIED if the call was denied, %OAI_ERROR_NOT_FOUND
 * if there is no such tool, %OAI_ERROR_INVALID_ARGUMENT if the arguments do not fit, or
 * %OAI_ERROR_FAILED with the message of [method@Oai.ToolCall.fail_with_message].
 *
 * Returns: (nullable) (transfer none): the error, or %NULL
 *
 * Since: 1.0
 */
const GError *
oai_tool_call_get_error (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  return self->error;
}

/**
 * oai_tool_call_get_cancellable:
 * @self: a call
 *
 * Gets the cancellable for the operations of the tool. It is cancelled if the call is cancelled or
 * times out.
 *
 * Returns: (transfer none): the cancellable
 *
 * Since: 1.0
 */
GCancellable *
oai_tool_call_get_cancellable (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  return self->cancellable;
}

/**
 * oai_tool_call_get_progress:
 * @self: a call
 *
 * Gets the part of the work that is done.
 *
 * Returns: a number from 0 to 1, or -1 if it is unknown
 *
 * Since: 1.0
 */
double
oai_tool_call_get_progress (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), -1);

  return self->progress;
}

/**
 * oai_tool_call_get_progress_text:
 * @self: a call
 *
 * Gets what the tool is doing.
 *
 * Returns: (nullable): the text for the user, or %NULL
 *
 * Since: 1.0
 */
const char *
oai_tool_call_get_progress_text (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  return self->progress_text;
}

/**
 * oai_tool_call_report_progress:
 * @self: a call
 * @progress: the part of the work that is done, from 0 to 1; -1 if it is unknown
 * @text: (nullable): what the tool is doing, for the user
 *
 * Sets the progress of a call that runs. The model does not get it.
 *
 * Since: 1.0
 */
void
oai_tool_call_report_progress (OaiToolCall *self, double progress, const char *text)
{
  g_return_if_fail (OAI_IS_TOOL_CALL (self));
  g_return_if_fail (progress >= -1 && progress <= 1);

  if (oai_tool_call_has_ended (self))
    return;

  g_object_freeze_notify (G_OBJECT (self));
  if (self->progress != progress)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
  self->progress = progress;
  if (g_strcmp0 (self->progress_text, text) != 0)
    {
      g_free (self->progress_text);
      self->progress_text = text != NULL ? g_utf8_make_valid (text, -1) : NULL;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS_TEXT]);
    }
  oai_emit_thaw (self);
}

/* Files */

static void
file_free (gpointer data)
{
  File *self = data;

  g_bytes_unref (self->bytes);
  g_free (self->content_type);
  g_free (self->filename);
  g_free (self);
}

void
oai_tool_call_restore_file (OaiToolCall *self, GBytes *bytes, const char *content_type, const char *filename)
{
  File *file = g_new (File, 1);

  *file = (File) { g_bytes_ref (bytes), g_strdup (content_type), g_strdup (filename) };
  if (self->files == NULL)
    self->files = g_ptr_array_new_with_free_func (file_free);
  g_ptr_array_add (self->files, file);
}

/**
 * oai_tool_call_add_file:
 * @self: a call
 * @bytes: the content of the file
 * @content_type: the type of the content, such as `image/png`
 * @filename: (nullable): the name of the file for the model, or %NULL
 *
 * Adds a file to the output, before the call is answered. The model gets the files of a call that succeeds.
 *
 * The Responses API sends images (PNG, JPEG, WebP and GIF) as images, and others as files: OpenAI's models read PDF
 * documents and texts. In other APIs the output of a tool is text, and the model is only informed that there are files.
 *
 * Since: 1.0
 */
void
oai_tool_call_add_file (OaiToolCall *self, GBytes *bytes, const char *content_type, const char *filename)
{
  g_return_if_fail (OAI_IS_TOOL_CALL (self));
  g_return_if_fail (bytes != NULL);
  g_return_if_fail (content_type != NULL);

  if (!oai_tool_call_has_ended (self))
    oai_tool_call_restore_file (self, bytes, content_type, filename);
}

/**
 * oai_tool_call_get_n_files:
 * @self: a call
 *
 * Gets the number of files that the tool has added to the output.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
oai_tool_call_get_n_files (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), 0);

  return self->files != NULL ? self->files->len : 0;
}

/**
 * oai_tool_call_get_file:
 * @self: a call
 * @index: the index of a file
 * @content_type: (out) (optional) (transfer none): return location for the type of the content
 * @filename: (out) (optional) (nullable) (transfer none): return location for the name, or %NULL
 *
 * Gets a file that the tool has added to the output.
 *
 * Returns: (transfer none): the content
 *
 * Since: 1.0
 */
GBytes *
oai_tool_call_get_file (OaiToolCall *self, guint index, const char **content_type, const char **filename)
{
  File *file;

  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);
  g_return_val_if_fail (index < oai_tool_call_get_n_files (self), NULL);

  file = self->files->pdata[index];
  if (content_type != NULL)
    *content_type = file->content_type;
  if (filename != NULL)
    *filename = file->filename;

  return file->bytes;
}

/**
 * oai_tool_call_dup_text_output:
 * @self: a call
 *
 * Gets the output for an API in which outputs of tools are texts: that of [property@Oai.ToolCall:output], and if the call
 * has succeeded with files, a sentence for the model that reports them.
 *
 * Returns: (transfer full): the text, empty until the call has ended
 *
 * Since: 1.0
 */
char *
oai_tool_call_dup_text_output (OaiToolCall *self)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  if (self->output == NULL)
    return g_strdup ("");
  if (self->state != OAI_TOOL_CALL_STATE_SUCCEEDED || oai_tool_call_get_n_files (self) == 0)
    return g_strdup (self->output);

  return g_strconcat (self->output, "\n" FILES_OMITTED, NULL);
}

/* Arguments */

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0';
}

/* A model that has no arguments to send sends an object, nothing or null. */
static OaiJsonDoc *
parse_arguments (const char *text)
{
  OaiJsonDoc *doc = oai_json_doc_new_copy (is_blank (text) ? "{}" : text, -1, OAI_JSON_STRICT, NULL);

  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_NULL)
    return doc;

  oai_json_doc_unref (doc);

  return oai_json_doc_new_copy ("{}", -1, OAI_JSON_STRICT, NULL);
}

/* Borrowed; NULL if the arguments are not JSON. */
static OaiJsonDoc *
get_doc (OaiToolCall *self)
{
  if (!self->parsed)
    self->doc = parse_arguments (self->arguments);
  self->parsed = TRUE;

  return self->doc;
}

/* Returns OAI_JSON_NONE also for null. */
static OaiJsonNode
find_argument (OaiToolCall *self, const char *name)
{
  OaiJsonDoc *doc = get_doc (self);
  OaiJsonNode node;

  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    return OAI_JSON_NONE;
  node = oai_json_get_member (doc, 0, name);

  return oai_json_get_type (doc, node) != OAI_JSON_NULL ? node : OAI_JSON_NONE;
}

/**
 * oai_tool_call_has_argument:
 * @self: a call
 * @name: the name of a parameter
 *
 * Checks whether the model sent an argument. With [property@Oai.Tool:strict], a model sends null for
 * an optional argument that it omits, so null counts as omitted.
 *
 * Returns: %TRUE if there is such an argument, and it is not null
 *
 * Since: 1.0
 */
gboolean
oai_tool_call_has_argument (OaiToolCall *self, const char *name)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  return find_argument (self, name) != OAI_JSON_NONE;
}

/**
 * oai_tool_call_get_string:
 * @self: a call
 * @name: the name of a parameter
 *
 * Gets an argument that is a string.
 *
 * Returns: (nullable): the string, or %NULL if the argument was omitted or has another type
 *
 * Since: 1.0
 */
const char *
oai_tool_call_get_string (OaiToolCall *self, const char *name)
{
  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return oai_json_get_string (get_doc (self), find_argument (self, name), NULL);
}

/**
 * oai_tool_call_get_int:
 * @self: a call
 * @name: the name of a parameter
 *
 * Gets an argument that is an integer.
 *
 * Returns: the number; 0 if the argument was omitted, is no integer, or does not fit 64 bits
 *
 * Since: 1.0
 */
gint64
oai_tool_call_get_int (OaiToolCall *self, const char *name)
{
  gint64 value = 0;

  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), 0);
  g_return_val_if_fail (name != NULL, 0);

  return oai_json_get_int (get_doc (self), find_argument (self, name), &value) ? value : 0;
}

/**
 * oai_tool_call_get_double:
 * @self: a call
 * @name: the name of a parameter
 *
 * Gets an argument that is a number.
 *
 * Returns: the number, which may be infinite; 0 if the argument was omitted or has another type
 *
 * Since: 1.0
 */
double
oai_tool_call_get_double (OaiToolCall *self, const char *name)
{
  double value = 0;

  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), 0);
  g_return_val_if_fail (name != NULL, 0);

  return oai_json_get_double (get_doc (self), find_argument (self, name), &value) ? value : 0;
}

/**
 * oai_tool_call_get_boolean:
 * @self: a call
 * @name: the name of a parameter
 *
 * Gets an argument that is a boolean.
 *
 * Returns: the value; %FALSE if the argument was omitted or has another type
 *
 * Since: 1.0
 */
gboolean
oai_tool_call_get_boolean (OaiToolCall *self, const char *name)
{
  gboolean value = FALSE;

  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  return oai_json_get_boolean (get_doc (self), find_argument (self, name), &value) && value;
}

/**
 * oai_tool_call_dup_argument:
 * @self: a call
 * @name: the name of a parameter
 *
 * Gets an argument of any type as JSON text.
 *
 * Returns: (nullable) (transfer full): the JSON text, or %NULL if the argument was omitted or is null
 *
 * Since: 1.0
 */
char *
oai_tool_call_dup_argument (OaiToolCall *self, const char *name)
{
  OaiJsonNode node;

  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  node = find_argument (self, name);

  return node != OAI_JSON_NONE ? oai_json_dup_node (self->doc, node) : NULL;
}

char *
oai_tool_call_dup_arguments_json (OaiToolCall *self)
{
  OaiJsonDoc *doc = get_doc (self);

  return doc != NULL ? oai_json_dup_node (doc, 0) : g_strdup (self->arguments);
}

static gboolean
is_line_end (gunichar c)
{
  return c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* Whether the character changes the order in which others are shown. */
static gboolean
reorders (gunichar c)
{
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Appends a text whose further lines are indented, so that none of them looks like another argument. */
static void
append_lines (GString *out, const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      if (c == '\r' && text[1] == '\n')
        continue;
      if (is_line_end (c))
        g_string_append (out, "\n  ");
      else if (reorders (c))
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_unichar (out, c);
    }
}

/**
 * oai_tool_call_dup_arguments_text:
 * @self: a call
 *
 * Gets the arguments in a form that users can read, for example to approve the call: a line `name: value` for each
 * argument. Values that are no strings are JSON text. Further lines of a value are indented by two blanks, so that a value
 * cannot look like another argument. Characters that change the direction of text are written as in JSON, such as `\u202e`.
 *
 * Returns: (transfer full): the text; the arguments as they are if they are not a JSON object; empty if there are none
 *
 * Since: 1.0
 */
char *
oai_tool_call_dup_arguments_text (OaiToolCall *self)
{
  g_autoptr(GString) lines = g_string_new (NULL);
  OaiJsonDoc *doc;
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;

  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  doc = get_doc (self);
  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    return g_strdup (self->arguments);

  oai_json_iter_init_members (&iter, doc, 0);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      const char *text = oai_json_get_string (doc, value, NULL);
      g_autofree char *json = text == NULL ? oai_json_dup_node (doc, value) : NULL;

      if (lines->len > 0)
        g_string_append_c (lines, '\n');
      append_lines (lines, name);
      g_string_append (lines, ": ");
      append_lines (lines, text != NULL ? text : json);
    }

  return g_string_free (g_steal_pointer (&lines), FALSE);
}

/**
 * oai_tool_call_dup_arguments_object:
 * @self: a call
 * @type: a type of objects, whose properties are the parameters
 * @error: return location for an error
 *
 * Creates an object from the arguments; see [func@Oai.json_to_object]. A tool whose parameters are
 * the schema of a type, see [ctor@Oai.JsonSchema.new_for_type], gets all its arguments at once.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if an argument does not fit its property.
 *
 * Returns: (nullable) (transfer full): the new object, or %NULL on error
 *
 * Since: 1.0
 */
GObject *
oai_tool_call_dup_arguments_object (OaiToolCall *self, GType type, GError **error)
{
  g_autofree char *json = NULL;

  g_return_val_if_fail (OAI_IS_TOOL_CALL (self), NULL);

  json = oai_tool_call_dup_arguments_json (self);

  return oai_json_to_object (type, json, error);
}

/* Waiting */

static void
begin_wait (OaiToolCall *self)
{
  if (self->blocked == NULL || self->waiting || oai_tool_call_has_ended (self))
    return;

  self->waiting = TRUE;
  oai_owner_thread_begin_wait (self->blocked);
}

static void
end_wait (OaiToolCall *self)
{
  if (!self->waiting)
    return;

  self->waiting = FALSE;
  oai_owner_thread_end_wait (self->blocked);
}

/* End */

static void
run_free (gpointer data)
{
  Run *self = data;

  oai_deadline_clear (&self->deadline);
  g_object_unref (self->task);
  g_free (self);
}

/* Completes the task of a call that has ended. */
static void
return_result (OaiToolCall *self, GTask *task)
{
  if (self->state == OAI_TOOL_CALL_STATE_CANCELLED)
    g_task_return_error (task, oai_error_new_cancelled ());
  else
    g_task_return_boolean (task, TRUE);
}

/* Returns the text for the model: an object with one member. */
static char *
new_output (const char *member, const char *json)
{
  return g_strdup_printf ("{\"%s\":%s}", member, json);
}

static char *
new_text_output (const char *member, const char *text)
{
  GString *json = g_string_new (NULL);
  char *output;

  oai_json_write_string (json, text, -1);
  output = new_output (member, json->str);
  g_string_free (json, TRUE);

  return output;
}

/* Takes the output and the error.  The call must not have ended. */
static void
end (OaiToolCall *self, OaiToolCallState state, char *output, GError *error)
{
  g_autoptr(OaiToolCall) held G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr(GPtrArray) runs = g_steal_pointer (&self->runs);

  end_wait (self);
  g_clear_pointer (&self->blocked, oai_owner_thread_unref);
  for (guint i = 0; runs != NULL && i < runs->len; i++)
    oai_deadline_clear (&((Run *) g_ptr_array_index (runs, i))->deadline);
  g_object_freeze_notify (G_OBJECT (self));
  self->state = state;
  self->output = output;
  self->error = error;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OUTPUT]);
  if (error != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  oai_emit_thaw (self);

  for (guint i = 0; runs != NULL && i < runs->len; i++)
    return_result (self, ((Run *) g_ptr_array_index (runs, i))->task);
}

/* Ends the call with {"error": message}.  Takes the error. */
static void
end_with_error (OaiToolCall *self, OaiToolCallState state, const char *message, GError *error)
{
  end (self, state, new_text_output ("error", message), error);
}

/* Takes the error.  The cancellable is cancelled last, since its handlers may answer the call. */
static void
stop (OaiToolCall *self, OaiToolCallState state, const char *message, GError *error)
{
  g_autoptr(GCancellable) cancellable = g_object_ref (self->cancellable);

  end_with_error (self, state, message, error);
  g_cancellable_cancel (cancellable);
}

/* Whether an answer counts. */
static gboolean
is_open (OaiToolCall *self)
{
  if (!oai_tool_call_has_ended (self))
    return TRUE;

  g_debug ("%s: an answer to a call that has ended was ignored", self->name);

  return FALSE;
}

/**
 * oai_tool_call_respond:
 * @self: a call
 * @text: (nullable): the result, or %NULL for “success”
 *
 * Answers the call: the tool succeeded. The model gets `{"result": "…"}` with the text. The call is
 * not run if it was answered before.
 *
 * Since: 1.0
 */
void
oai_tool_call_respond (OaiToolCall *self, const char *text)
{
  g_return_if_fail (OAI_IS_TOOL_CALL (self));

  if (is_open (self))
    end (self, OAI_TOOL_CALL_STATE_SUCCEEDED, new_text_output ("result", text != NULL ? text : "success"), NULL);
}

/**
 * oai_tool_call_respond_json:
 * @self: a call
 * @json: the result as JSON text: an object, an array, a number, a string in quotes or another value
 *
 * Answers the call: the tool succeeded. The model gets `{"result": …}` with the value. If the text
 * is not valid JSON, the call fails.
 *
 * Since: 1.0
 */
void
oai_tool_call_respond_json (OaiToolCall *self, const char *json)
{
  g_autoptr(OaiJsonDoc) doc = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *result = NULL;

  g_return_if_fail (OAI_IS_TOOL_CALL (self));
  g_return_if_fail (json != NULL);

  if (!is_open (self))
    return;

  doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, &error);
  if (doc == NULL)
    {
      oai_tool_call_fail (self, error);
      return;
    }
  result = oai_json_dup_node (doc, 0);
  end (self, OAI_TOOL_CALL_STATE_SUCCEEDED, new_output ("result", result), NULL);
}

/**
 * oai_tool_call_respond_variant:
 * @self: a call
 * @variant: (transfer none): the result, which is taken if it is floating
 *
 * Answers the call: the tool succeeded. The model gets `{"result": …}` with the value as
 * [func@Oai.json_from_variant] writes it.
 *
 * Since: 1.0
 */
void
oai_tool_call_respond_variant (OaiToolCall *self, GVariant *variant)
{
  g_autoptr(GVariant) held = NULL;
  g_autofree char *json = NULL;

  g_return_if_fail (OAI_IS_TOOL_CALL (self));
  g_return_if_fail (variant != NULL);

  held = g_variant_ref_sink (variant);
  json = oai_json_from_variant (held);
  oai_tool_call_respond_json (self, json);
}

/**
 * oai_tool_call_respond_output:
 * @self: a call
 * @output: the text for the model
 *
 * Answers the call: the tool succeeded. The model gets exactly this text.
 *
 * Since: 1.0
 */
void
oai_tool_call_respond_output (OaiToolCall *self, const char *output)
{
  g_return_if_fail (OAI_IS_TOOL_CALL (self));
  g_return_if_fail (output != NULL);

  if (is_open (self))
    end (self, OAI_TOOL_CALL_STATE_SUCCEEDED, g_utf8_make_valid (output, -1), NULL);
}

/**
 * oai_tool_call_fail:
 * @self: a call
 * @error: the error
 *
 * Answers the call: the tool failed. The error is logged, and available as
 * [property@Oai.ToolCall:error]; the model gets none of it, only `{"error": "The tool failed."}`.
 *
 * Since: 1.0
 */
void
oai_tool_call_fail (OaiToolCall *self, const GError *error)
{
  g_return_if_fail (OAI_IS_TOOL_CALL (self));
  g_return_if_fail (error != NULL);

  if (!is_open (self))
    return;

  g_message ("%s: %s", self->tool != NULL ? oai_tool_get_name (self->tool) : "OaiToolCall", error->message);
  end_with_error (self, OAI_TOOL_CALL_STATE_FAILED, FAILED, g_error_copy (error));
}

/**
 * oai_tool_call_fail_with_message:
 * @self: a call
 * @message: what went wrong and what to do about it, for the model
 *
 * Answers the call: the tool failed. The model gets `{"error": "…"}` with the message. Do not pass
 * the message of a [type@GLib.Error], which can contain addresses, paths or keys.
 *
 * Since: 1.0
 */
void
oai_tool_call_fail_with_message (OaiToolCall *self, const char *message)
{
  g_return_if_fail (OAI_IS_TOOL_CALL (self));
  g_return_if_fail (message != NULL);

  if (is_open (self))
    end_with_error (self, OAI_TOOL_CALL_STATE_FAILED, message, g_error_new_literal (OAI_ERROR, OAI_ERROR_FAILED, message));
}

/* Approval */

static void
set_state (OaiToolCall *self, OaiToolCallState state)
{
  self->state = state;
  oai_emit_notify (self, properties[PROP_STATE]);
}

static void
run_tool (OaiToolCall *self)
{
  set_state (self, OAI_TOOL_CALL_STATE_RUNNING);
  if (self->state != OAI_TOOL_CALL_STATE_RUNNING)
    return;

  oai_deadline_start (&((Run *) g_ptr_array_index (self->runs, 0))->deadline, oai_tool_get_timeout_ms (self->tool), 0);
  oai_tool_invoke (self->tool, self);
}

static void
request_approval (OaiToolCall *self)
{
  set_state (self, OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL);
  if (self->state != OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL)
    return;

  if (g_signal_has_handler_pending (self, signals[APPROVAL_REQUESTED], 0, FALSE))
    {
      oai_emit (self, signals[APPROVAL_REQUESTED], 0);
      return;
    }

  g_message ("A call of the tool “%s” is denied, since it needs approval, and approval-requested has no handler", oai_tool_get_name (self->tool));
  oai_tool_call_deny (self, NULL);
}

void
oai_tool_call_set_waiting (OaiToolCall *self)
{
  set_state (self, OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL);
}

void
oai_tool_call_set_tool (OaiToolCall *self, OaiTool *tool)
{
  if (g_set_object (&self->tool, tool))
    oai_emit_notify (self, properties[PROP_TOOL]);
}

/**
 * oai_tool_call_approve:
 * @self: a call
 *
 * Approves a call that waits for approval, and runs its tool. If the call was restored with a session, its tool runs when
 * the session continues. Does nothing in other states.
 *
 * Since: 1.0
 */
void
oai_tool_call_approve (OaiToolCall *self)
{
  g_autoptr(OaiToolCall) held G_GNUC_UNUSED = NULL;

  g_return_if_fail (OAI_IS_TOOL_CALL (self));

  if (self->state != OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL)
    return;

  self->approved = TRUE;
  if (self->runs == NULL)
    return;

  held = g_object_ref (self);
  end_wait (self);
  run_tool (self);
  begin_wait (self);
}

/**
 * oai_tool_call_deny:
 * @self: a call
 * @reason: (nullable): the reason, for the model
 *
 * Denies a call that has not run. The model gets `{"error": "…"}` with the reason. Does nothing if the
 * tool runs or the call has ended.
 *
 * Since: 1.0
 */
void
oai_tool_call_deny (OaiToolCall *self, const char *reason)
{
  g_autofree char *message = NULL;

  g_return_if_fail (OAI_IS_TOOL_CALL (self));

  if (self->state >= OAI_TOOL_CALL_STATE_RUNNING)
    return;

  message = reason != NULL ? g_strdup_printf (DENIED " Reason: %s", reason) : g_strdup (DENIED);
  end_with_error (self, OAI_TOOL_CALL_STATE_DENIED, message,
                  g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _("The call of the tool was denied")));
}

/**
 * oai_tool_call_cancel:
 * @self: a call
 *
 * Cancels the call, and [property@Oai.ToolCall:cancellable]. An answer that the tool gives afterwards
 * is ignored. Does nothing if the call has ended.
 *
 * Since: 1.0
 */
void
oai_tool_call_cancel (OaiToolCall *self)
{
  g_return_if_fail (OAI_IS_TOOL_CALL (self));

  if (!oai_tool_call_has_ended (self))
    stop (self, OAI_TOOL_CALL_STATE_CANCELLED, CANCELLED, oai_error_new_cancelled ());
}

/* Run */

static void
stopped_cb (gboolean timed_out, gpointer user_data)
{
  OaiToolCall *self = user_data;

  if (timed_out)
    stop (self, OAI_TOOL_CALL_STATE_FAILED, TIMED_OUT, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The tool did not answer in time")));
  else
    oai_tool_call_cancel (self);
}

/* Ends the call because of its arguments.  The model gets the message. */
static void
reject (OaiToolCall *self, const char *message)
{
  g_debug ("%s: the arguments were rejected", oai_tool_get_name (self->tool));
  end_with_error (self, OAI_TOOL_CALL_STATE_FAILED, message, g_error_new_literal (OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, message));
}

/* A schema that cannot be made strict is checked as it is. */
static gboolean
check_schema (OaiToolCall *self)
{
  g_autoptr(OaiJsonSchema) schema = oai_tool_dup_sent_parameters (self->tool, NULL);
  g_autoptr(GError) error = NULL;

  if (schema == NULL)
    g_set_object (&schema, oai_tool_get_parameters (self->tool));
  if (schema == NULL || oai_schema_validate (oai_json_schema_get_doc (schema), self->doc, &error))
    return TRUE;

  reject (self, error->message);

  return FALSE;
}

/* Ends the call if the arguments do not fit. */
static gboolean
check_arguments (OaiToolCall *self)
{
  if (oai_tool_get_free_form (self->tool))
    return TRUE;

  if (get_doc (self) == NULL)
    reject (self, NOT_JSON);
  else if (oai_json_get_type (self->doc, 0) != OAI_JSON_OBJECT)
    reject (self, NOT_AN_OBJECT);
  else
    return check_schema (self);

  return FALSE;
}

void
oai_tool_call_end_unknown (OaiToolCall *self, const char *names)
{
  g_autofree char *message = *names != '\0' ? g_strdup_printf (UNKNOWN_TOOL " The tools are: %s", names) : g_strdup (UNKNOWN_TOOL);

  end_with_error (self, OAI_TOOL_CALL_STATE_FAILED, message,
                  g_error_new_literal (OAI_ERROR, OAI_ERROR_NOT_FOUND, _("The model called a tool that does not exist")));
}

static void
start (OaiToolCall *self)
{
  if (self->tool == NULL)
    oai_tool_call_end_unknown (self, "");
  else if (!check_arguments (self))
    return;
  else if (oai_tool_get_needs_approval (self->tool) && !self->approved)
    request_approval (self);
  else
    run_tool (self);
}

/* Starts the call unless it runs already.  The first run has the time limit of the tool. */
static void
run (OaiToolCall *self, GTask *task)
{
  Run *run = g_new0 (Run, 1);
  gboolean first = self->runs == NULL;

  run->task = g_object_ref (task);
  oai_deadline_init (&run->deadline, g_task_get_context (task), stopped_cb, self);
  oai_deadline_set_cancellable (&run->deadline, g_task_get_cancellable (task));
  if (first)
    self->runs = g_ptr_array_new_with_free_func (run_free);
  g_ptr_array_add (self->runs, run);
  if (self->blocked == NULL && oai_owner_thread_is_calling ())
    self->blocked = oai_owner_thread_ref_current ();

  if (first)
    start (self);
  begin_wait (self);
}

/**
 * oai_tool_call_run_async:
 * @self: a call
 * @cancellable: (nullable): a cancellable, which cancels the call
 * @callback: (scope async) (nullable): called when the call has ended
 * @user_data: data for @callback
 *
 * Runs the call: checks the arguments, waits for the approval of the program if the tool needs it,
 * runs the tool, and waits for its answer, at most [property@Oai.Tool:timeout-ms].
 *
 * A tool that does not exist, arguments that do not fit, a denial, a failure and a time-out are
 * outputs for the model, and no errors. Fails only with %G_IO_ERROR_CANCELLED if the call was
 * cancelled. A call runs at most once: if it runs already, this function waits for its end; if it
 * has ended already, its output does not change.
 *
 * The tool may run before this function returns.
 *
 * Since: 1.0
 */
void
oai_tool_call_run_async (OaiToolCall *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (OAI_IS_TOOL_CALL (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_tool_call_run_async);
  g_task_set_check_cancellable (task, FALSE);

  if (g_cancellable_is_cancelled (cancellable))
    oai_tool_call_cancel (self);
  if (oai_tool_call_has_ended (self))
    return_result (self, task);
  else
    run (self, task);
}

/**
 * oai_tool_call_run_finish:
 * @self: a call
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.ToolCall.run_async]. [property@Oai.ToolCall:output] then has the text for the
 * model, also if the call was cancelled.
 *
 * Returns: %TRUE if the call has an output, which can be that of a failure; %FALSE if it was cancelled
 *
 * Since: 1.0
 */
gboolean
oai_tool_call_run_finish (OaiToolCall *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
