/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The descriptor that a module exports.  For module authors; not introspected.
 *
 * The descriptor can grow: see oai-operation.h. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

/* Changes only if a module that was built for another version cannot work. */
#define OAI_MODULE_ABI 1

typedef struct
{
  const char *name;            /* for oai_client_get_endpoint(): "fine-tuning" */
  GType (*get_type) (void);    /* a subclass of OaiEndpoint */
} OaiModuleEndpoint;

typedef struct
{
  gsize size;                         /* of this structure */
  gsize endpoint_size;                /* of a row of endpoints */
  guint32 abi;                        /* OAI_MODULE_ABI */
  guint32 flags;                      /* 0 */
  const char *name;                   /* "fine-tuning" */
  const char *version;
  const OaiModuleEndpoint *endpoints; /* the first has the name of the module */
  gsize n_endpoints;
  const char *const *type_names;      /* of all types of the module, which no other module may register; NULL-terminated */
} OaiModuleDescriptor;

#define OAI_MODULE_DESCRIPTOR_SIZES .size = sizeof (OaiModuleDescriptor), .endpoint_size = sizeof (OaiModuleEndpoint), .abi = OAI_MODULE_ABI

/* const OaiModuleDescriptor *oai_module_NAME_get_descriptor (void), with - as _ */
typedef const OaiModuleDescriptor *(*OaiModuleGetDescriptor) (void);

G_END_DECLS
