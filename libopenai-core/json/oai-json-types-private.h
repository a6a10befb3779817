/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The types that all files of this folder share. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef struct _OaiJsonDoc OaiJsonDoc;
typedef guint32 OaiJsonNode; /* index of a value in a document; the root is 0 */

#define OAI_JSON_NONE G_MAXUINT32

typedef enum
{
  OAI_JSON_INVALID, /* type of OAI_JSON_NONE */
  OAI_JSON_NULL,
  OAI_JSON_BOOLEAN,
  OAI_JSON_INT,
  OAI_JSON_DOUBLE,
  OAI_JSON_STRING,
  OAI_JSON_ARRAY,
  OAI_JSON_OBJECT
} OaiJsonType;

typedef enum
{
  OAI_JSON_STRICT = 0,
  OAI_JSON_TOLERANT = 1 << 0, /* for text from servers: accepts NaN, Infinity, invalid UTF-8, raw control characters, a BOM */
  OAI_JSON_PREFIX = 1 << 1,   /* stop after the first value; oai_json_doc_get_consumed returns its end */
  OAI_JSON_OWN = 1 << 2,      /* for text that this library wrote: 2048 levels of nesting */
  OAI_JSON_SIMILAR = 1 << 3,  /* for a document that is parsed repeatedly, from texts that begin alike; faster */
  OAI_JSON_LONE_SURROGATES = 1 << 4 /* accepts escapes of half a surrogate pair in strings, as U+FFFD; TOLERANT includes it */
} OaiJsonFlags;

G_END_DECLS
