/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-module.h"

G_BEGIN_DECLS

/* The descriptor of the module of that name, opened where that has not happened
 * yet.  It stays for good. */
_OAI_INTERNAL
const OaiModuleDescriptor *oai_module_load (const char *name, GError **error);

G_END_DECLS
