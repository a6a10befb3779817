/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-tool-settings-private.h"

enum
{
  DESCRIPTION,
  NEEDS_APPROVAL,
  PARALLEL,
  STRICT,
  TIMEOUT_MS,
  N_SETTINGS
};

static const char *const names[N_SETTINGS] = {
  [DESCRIPTION] = "description",
  [NEEDS_APPROVAL] = "needs-approval",
  [PARALLEL] = "parallel",
  [STRICT] = "strict",
  [TIMEOUT_MS] = "timeout-ms",
};

struct _OaiToolSettings
{
  GValue values[N_SETTINGS];
  gboolean changed[N_SETTINGS];
  gboolean was_guarded; /* needs-approval was set from other settings, so that it is also kept if the source had set it */
};

OaiToolSettings *
oai_tool_settings_new (OaiTool *tool)
{
  OaiToolSettings *self = g_new0 (OaiToolSettings, 1);

  for (guint i = 0; i < N_SETTINGS; i++)
    g_object_get_property (G_OBJECT (tool), names[i], &self->values[i]);

  return self;
}

void
oai_tool_settings_free (OaiToolSettings *self)
{
  for (guint i = 0; i < N_SETTINGS; i++)
    g_value_unset (&self->values[i]);
  g_free (self);
}

void
oai_tool_settings_set_needs_approval (OaiToolSettings *self, OaiTool *tool, gboolean needs_approval)
{
  self->was_guarded = FALSE;
  g_value_set_boolean (&self->values[NEEDS_APPROVAL], needs_approval);
  oai_tool_set_needs_approval (tool, needs_approval);
}

/* Permission to run without approval is not kept: it was given for another tool. */
static gboolean
is_kept (guint setting, const GValue *value)
{
  return setting != NEEDS_APPROVAL || g_value_get_boolean (value);
}

gboolean
oai_tool_settings_read (OaiToolSettings *self, OaiTool *tool)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < N_SETTINGS; i++)
    {
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (tool), names[i]);
      g_auto(GValue) value = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (tool), names[i], &value);
      self->changed[i] = is_kept (i, &value)
                         && ((i == NEEDS_APPROVAL && self->was_guarded) || g_param_values_cmp (pspec, &value, &self->values[i]) != 0);
      if (!self->changed[i])
        continue;
      g_value_copy (&value, &self->values[i]);
      changed = TRUE;
    }

  return changed;
}

void
oai_tool_settings_apply (OaiToolSettings *self, OaiTool *tool, OaiToolSettings *initial)
{
  initial->was_guarded = self->changed[NEEDS_APPROVAL];
  for (guint i = 0; i < N_SETTINGS; i++)
    if (self->changed[i])
      g_object_set_property (G_OBJECT (tool), names[i], &self->values[i]);
}
