/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A function of the program that a model can call. */

#pragma once

#include "oai-json-schema.h"

G_BEGIN_DECLS

#define OAI_TYPE_TOOL (oai_tool_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (OaiTool, oai_tool, OAI, TOOL, GObject)

/**
 * OaiToolClass:
 * @call: runs the tool, and answers @call now or later with one of the functions of
 *   [class@Oai.ToolCall]; the default calls the function of [ctor@Oai.Tool.new]. The arguments have
 *   been checked, and the user has approved the call if that was necessary. @call is held until it
 *   ends; take a reference to use it after that
 *
 * The class of tools.
 *
 * Since: 1.0
 */
struct _OaiToolClass
{
  GObjectClass parent_class;

  void (*call) (OaiTool *self, OaiToolCall *call);

  /*< private >*/
  gpointer padding[8];
};

/**
 * OaiToolFunc:
 * @call: the call
 * @user_data: the data of the function
 *
 * Runs a tool. Read the arguments from @call, and answer it with [method@Oai.ToolCall.respond],
 * [method@Oai.ToolCall.fail] or another function of this kind: now, or later from the main loop. To
 * answer later, keep a reference to @call, and stop the work if [property@Oai.ToolCall:cancellable]
 * is cancelled.
 *
 * Since: 1.0
 */
typedef void (*OaiToolFunc) (OaiToolCall *call, gpointer user_data);

OAI_AVAILABLE_IN_1_0
OaiTool *oai_tool_new (const char *name, const char *description, OaiJsonSchema *parameters, OaiToolFunc func, gpointer user_data, GDestroyNotify notify);

OAI_AVAILABLE_IN_1_0
const char *oai_tool_get_name (OaiTool *self);
OAI_AVAILABLE_IN_1_0
const char *oai_tool_get_description (OaiTool *self);
OAI_AVAILABLE_IN_1_0
void oai_tool_set_description (OaiTool *self, const char *description);
OAI_AVAILABLE_IN_1_0
OaiJsonSchema *oai_tool_get_parameters (OaiTool *self);
OAI_AVAILABLE_IN_1_0
void oai_tool_set_parameters (OaiTool *self, OaiJsonSchema *parameters);
OAI_AVAILABLE_IN_1_0
OaiJsonSchema *oai_tool_dup_sent_parameters (OaiTool *self, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_tool_get_strict (OaiTool *self);
OAI_AVAILABLE_IN_1_0
void oai_tool_set_strict (OaiTool *self, gboolean strict);
OAI_AVAILABLE_IN_1_0
gboolean oai_tool_get_free_form (OaiTool *self);
OAI_AVAILABLE_IN_1_0
void oai_tool_set_free_form (OaiTool *self, gboolean free_form);
OAI_AVAILABLE_IN_1_0
gboolean oai_tool_get_needs_approval (OaiTool *self);
OAI_AVAILABLE_IN_1_0
void oai_tool_set_needs_approval (OaiTool *self, gboolean needs_approval);
OAI_AVAILABLE_IN_1_0
gboolean oai_tool_get_parallel (OaiTool *self);
OAI_AVAILABLE_IN_1_0
void oai_tool_set_parallel (OaiTool *self, gboolean parallel);
OAI_AVAILABLE_IN_1_0
guint oai_tool_get_timeout_ms (OaiTool *self);
OAI_AVAILABLE_IN_1_0
void oai_tool_set_timeout_ms (OaiTool *self, guint timeout_ms);

G_END_DECLS
