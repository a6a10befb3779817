/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a module exports.  For module authors; not introspected. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_MODULE_ABI 1

typedef struct
{
  guint abi;                                    /* OAI_MODULE_ABI */
  const char *name;                             /* "fine-tuning" */
  const char *version;
  GType (*const *endpoint_types) (void);        /* NULL-terminated; the first answers to the module's name */
} OaiModuleDescriptor;

/* const OaiModuleDescriptor *oai_module_NAME_get_descriptor (void), with - as _ */
typedef const OaiModuleDescriptor *(*OaiModuleGetDescriptor) (void);

G_END_DECLS
