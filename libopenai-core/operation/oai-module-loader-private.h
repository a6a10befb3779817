/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-module.h"

G_BEGIN_DECLS

/* The descriptor of the module of that name, opened where that has not happened
 * yet.  It stays for good. */
_OAI_INTERNAL
const OaiModuleDescriptor *oai_module_load (const char *name, GError **error);
/* The first endpoint of the module of that name, which is opened where that has not
 * happened yet, or a further endpoint of a module that is open; 0 on error. */
GType oai_module_find_endpoint (const char *name, GError **error);

G_END_DECLS
