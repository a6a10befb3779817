/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds and opens the shared libraries that contain endpoints. */

#pragma once

#include "oai-module-loader.h"
#include "oai-module.h"

G_BEGIN_DECLS

/* Returns the descriptor of a module, in the form that core knows.  Opens the module if it is not
 * open; it stays open. */
const OaiModuleDescriptor *oai_module_load (const char *name, GError **error);
/* Finds an endpoint by name: the first one of the module of this name, or one of an open module, or
 * one of an installed module, which is then opened.  Returns G_TYPE_INVALID on error. */
GType oai_module_find_endpoint (const char *name, GError **error);

G_END_DECLS
