/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-module-loader.h"
#include "oai-module.h"

G_BEGIN_DECLS

/* Returns the descriptor of the module of that name, as core knows descriptors.  Opens the
 * module if that has not happened yet; it stays open. */
const OaiModuleDescriptor *oai_module_load (const char *name, GError **error);
/* Finds the endpoint of that name: the first one of the module of the same name, one of an
 * open module, or one of a module that is installed, which is opened then.  Returns
 * G_TYPE_INVALID on error. */
GType oai_module_find_endpoint (const char *name, GError **error);

G_END_DECLS
