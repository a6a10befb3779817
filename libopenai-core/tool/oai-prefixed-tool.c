/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-prefixed-tool-private.h"

#include "oai-tool-private.h"

struct _OaiPrefixedTool
{
  OaiTool parent_instance;

  OaiTool *tool;
};

G_DEFINE_FINAL_TYPE (OaiPrefixedTool, oai_prefixed_tool, OAI_TYPE_TOOL)

static void
oai_prefixed_tool_call (OaiTool *tool, OaiToolCall *call)
{
  oai_tool_invoke (OAI_PREFIXED_TOOL (tool)->tool, call);
}

static void
oai_prefixed_tool_finalize (GObject *object)
{
  OaiPrefixedTool *self = OAI_PREFIXED_TOOL (object);

  g_clear_object (&self->tool);

  G_OBJECT_CLASS (oai_prefixed_tool_parent_class)->finalize (object);
}

static void
oai_prefixed_tool_class_init (OaiPrefixedToolClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_prefixed_tool_finalize;
  OAI_TOOL_CLASS (klass)->call = oai_prefixed_tool_call;
}

static void
oai_prefixed_tool_init (OaiPrefixedTool *self)
{
}

OaiTool *
oai_prefixed_tool_new (OaiTool *tool, const char *name)
{
  static const char *const followed[] = { "description", "parameters", "strict", "free-form", "needs-approval", "parallel", "timeout-ms" };
  OaiPrefixedTool *self = g_object_new (OAI_TYPE_PREFIXED_TOOL, "name", name, NULL);

  self->tool = g_object_ref (tool);
  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    g_object_bind_property (tool, followed[i], self, followed[i], G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);

  return OAI_TOOL (self);
}
