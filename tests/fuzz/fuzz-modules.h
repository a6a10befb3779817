/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the modules have: their endpoints, operations and types of records. */

#pragma once

#include "oai-endpoint.h"
#include "oai-operation.h"

G_BEGIN_DECLS

typedef struct
{
  GType endpoint_type;
  const OaiOperation *operation;
} FuzzOperation;

/* FuzzOperation, in an order that is always the same. */
GArray *fuzz_get_operations (void);
/* GType of each record that an operation has, and of all records in those. */
GArray *fuzz_get_record_types (void);
/* An endpoint of a client that is never used. */
OaiEndpoint *fuzz_get_endpoint (GType type);

G_END_DECLS
