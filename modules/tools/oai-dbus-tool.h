/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools that call methods of D-Bus objects. */

#pragma once

#include "oai-tool.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiTool *oai_tool_new_for_dbus_method (GDBusProxy *proxy, const char *method, GError **error);

G_END_DECLS
