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

/* A JSON object as an encoded query; absent and null members are left out. */
char *oai_query_encode (OaiJsonDoc *doc, OaiJsonNode object, OaiArrayFormat arrays, OaiNestedFormat nested);

/* Both queries, encoded or NULL; names in over replace all of that name in under.
 * NULL when nothing is left. */
char *oai_query_merge (const char *under, const char *over);

G_END_DECLS
