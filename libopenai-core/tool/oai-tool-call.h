/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One call of a tool by a model. */

#pragma once

#include "oai-record.h"
#include "oai-tool.h"

G_BEGIN_DECLS

/**
 * OaiToolCallState:
 * @OAI_TOOL_CALL_STATE_NEW: not run yet
 * @OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL: waiting for [method@Oai.ToolCall.approve] or
 *   [method@Oai.ToolCall.deny]
 * @OAI_TOOL_CALL_STATE_RUNNING: the tool runs
 * @OAI_TOOL_CALL_STATE_SUCCEEDED: the tool has returned a result
 * @OAI_TOOL_CALL_STATE_FAILED: the tool failed or timed out, does not exist, or the arguments were invalid
 * @OAI_TOOL_CALL_STATE_DENIED: the program denied the call
 * @OAI_TOOL_CALL_STATE_CANCELLED: the call was cancelled
 *
 * The state of a call. The last four are final.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_TOOL_CALL_STATE_NEW,
  OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL,
  OAI_TOOL_CALL_STATE_RUNNING,
  OAI_TOOL_CALL_STATE_SUCCEEDED,
  OAI_TOOL_CALL_STATE_FAILED,
  OAI_TOOL_CALL_STATE_DENIED,
  OAI_TOOL_CALL_STATE_CANCELLED
} OaiToolCallState;

#define OAI_TYPE_TOOL_CALL (oai_tool_call_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiToolCall, oai_tool_call, OAI, TOOL_CALL, GObject)

OAI_AVAILABLE_IN_1_0
OaiToolCall *oai_tool_call_new (OaiTool *tool, const char *id, const char *name, const char *arguments_json);
OAI_AVAILABLE_IN_1_0
OaiToolCall *oai_tool_call_new_ended (const char *id, const char *name, const char *arguments, OaiToolCallState state, const char *output);

OAI_AVAILABLE_IN_1_0
OaiTool *oai_tool_call_get_tool (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_tool_call_get_record (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_tool_call_get_id (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_tool_call_get_name (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_tool_call_get_arguments (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
OaiToolCallState oai_tool_call_get_state (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_tool_call_has_ended (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_tool_call_get_output (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
const GError *oai_tool_call_get_error (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
GCancellable *oai_tool_call_get_cancellable (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
double oai_tool_call_get_progress (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_tool_call_get_progress_text (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
void oai_tool_call_report_progress (OaiToolCall *self, double progress, const char *text);

/* Files of the output */
OAI_AVAILABLE_IN_1_0
void oai_tool_call_add_file (OaiToolCall *self, GBytes *bytes, const char *content_type, const char *filename);
OAI_AVAILABLE_IN_1_0
guint oai_tool_call_get_n_files (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
GBytes *oai_tool_call_get_file (OaiToolCall *self, guint index, const char **content_type, const char **filename);
OAI_AVAILABLE_IN_1_0
char *oai_tool_call_dup_text_output (OaiToolCall *self);

/* Arguments */
OAI_AVAILABLE_IN_1_0
gboolean oai_tool_call_has_argument (OaiToolCall *self, const char *name);
OAI_AVAILABLE_IN_1_0
const char *oai_tool_call_get_string (OaiToolCall *self, const char *name);
OAI_AVAILABLE_IN_1_0
gint64 oai_tool_call_get_int (OaiToolCall *self, const char *name);
OAI_AVAILABLE_IN_1_0
double oai_tool_call_get_double (OaiToolCall *self, const char *name);
OAI_AVAILABLE_IN_1_0
gboolean oai_tool_call_get_boolean (OaiToolCall *self, const char *name);
OAI_AVAILABLE_IN_1_0
char *oai_tool_call_dup_argument (OaiToolCall *self, const char *name);
OAI_AVAILABLE_IN_1_0
char *oai_tool_call_dup_arguments_text (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
GObject *oai_tool_call_dup_arguments_object (OaiToolCall *self, GType type, GError **error);

/* Answers.  The first one counts. */
OAI_AVAILABLE_IN_1_0
void oai_tool_call_respond (OaiToolCall *self, const char *text);
OAI_AVAILABLE_IN_1_0
void oai_tool_call_respond_json (OaiToolCall *self, const char *json);
OAI_AVAILABLE_IN_1_0
void oai_tool_call_respond_variant (OaiToolCall *self, GVariant *variant);
OAI_AVAILABLE_IN_1_0
void oai_tool_call_respond_output (OaiToolCall *self, const char *output);
OAI_AVAILABLE_IN_1_0
void oai_tool_call_fail (OaiToolCall *self, const GError *error);
OAI_AVAILABLE_IN_1_0
void oai_tool_call_fail_with_message (OaiToolCall *self, const char *message);

OAI_AVAILABLE_IN_1_0
void oai_tool_call_approve (OaiToolCall *self);
OAI_AVAILABLE_IN_1_0
void oai_tool_call_deny (OaiToolCall *self, const char *reason);
OAI_AVAILABLE_IN_1_0
void oai_tool_call_cancel (OaiToolCall *self);

OAI_AVAILABLE_IN_1_0
void oai_tool_call_run_async (OaiToolCall *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_tool_call_run_finish (OaiToolCall *self, GAsyncResult *result, GError **error);

G_END_DECLS
