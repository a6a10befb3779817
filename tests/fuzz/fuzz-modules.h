/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The endpoints, operations and record types of the modules. */

#pragma once

#include "oai-endpoint.h"
#include "oai-operation.h"

G_BEGIN_DECLS

typedef struct
{
  GType endpoint_type;
  const OaiOperation *operation;
} FuzzOperation;

/* FuzzOperation, in a fixed order. */
GArray *fuzz_get_operations (void);
/* GType of each record of an operation, and of all nested records. */
GArray *fuzz_get_record_types (void);
/* An endpoint of a client that sends no requests. */
OaiEndpoint *fuzz_get_endpoint (GType type);

G_END_DECLS
