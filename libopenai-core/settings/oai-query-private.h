/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The query of a URL. */

#pragma once

#include <gio/gio.h>

#include "oai-json-types-private.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_ARRAY_BRACKETS, /* a[]=1&a[]=2 */
  OAI_ARRAY_REPEAT,   /* a=1&a=2 */
  OAI_ARRAY_COMMA,    /* a=1,2 */
  OAI_ARRAY_INDICES   /* a[0]=1 */
} OaiArrayFormat;

typedef enum
{
  OAI_NESTED_BRACKETS, /* a[b]=1 */
  OAI_NESTED_DOTS      /* a.b=1 */
} OaiNestedFormat;

/* Encodes a JSON object as a query, without null members. */
char *oai_query_encode (OaiJsonDoc *doc, OaiJsonNode object, OaiArrayFormat arrays, OaiNestedFormat nested);

/* Joins two encoded queries (nullable).  Parameters in over replace all parameters of the same
 * name in under.  NULL if the result is empty. */
char *oai_query_merge (const char *under, const char *over);

G_END_DECLS
