/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "oai-json-private.h"

G_BEGIN_DECLS

/* Replaces each {parameter} of template by its argument, percent-encoded as one
 * segment; refuses empty ones and dot segments. arguments: in order. */
_OAI_INTERNAL
char *oai_path_expand (const char *template_, const char *const *arguments, GError **error);
/* The same with arguments by name: a JSON object. */
_OAI_INTERNAL
char *oai_path_expand_named (const char *template_, OaiJsonDoc *doc, OaiJsonNode arguments, GError **error);

/* Refuses dot segments in a path that is given as it is. */
_OAI_INTERNAL
gboolean oai_path_check (const char *path, GError **error);

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
_OAI_INTERNAL
char *oai_query_encode (OaiJsonDoc *doc, OaiJsonNode object, OaiArrayFormat arrays, OaiNestedFormat nested);

/* One percent-encoded path segment; refuses an empty one and dot segments. name: of the
 * parameter, for the error. */
_OAI_INTERNAL
char *oai_path_segment (const char *name, const char *text, GError **error);

/* Both queries, encoded or NULL; names in over replace all of that name in under.
 * NULL when nothing is left. */
_OAI_INTERNAL
char *oai_query_merge (const char *under, const char *over);

/* scheme, host and port agree (default ports filled in, hosts compared without case). */
_OAI_INTERNAL
gboolean oai_url_same_origin (GUri *a, GUri *b);

/* Whether a decoded host holds nothing but what host names and addresses have. */
gboolean oai_url_host_is_valid (const char *host);
/* Whether a host is this machine or in its network: a private address, or a name without
 * a dot or below .localhost or .local. */
_OAI_INTERNAL
gboolean oai_url_host_is_local (const char *host);
/* Whether a URL leads to OpenAI itself, in any region; by its host, not by its text. */
_OAI_INTERNAL
gboolean oai_url_is_openai (const char *url);
/* Whether requests can go there: http or https, and a valid host. text: as it was given. */
gboolean oai_url_check_http (GUri *uri, const char *text, GError **error);
/* Sets the error for a text that cannot be parsed, and shows no more of it than a
 * scheme and a host. Returns FALSE. */
gboolean oai_url_refuse_text (GError **error, const char *text);

/* An http or https URL as given, blanks around it and slashes at its end removed;
 * refuses user names, queries and fragments. */
_OAI_INTERNAL
char *oai_base_url_normalize (const char *text, GError **error);

/* Repairs what people paste: bare host and port, trailing slashes,
 * /chat/completions and the like at the end, missing /v1 where the host alone is given. */
_OAI_INTERNAL
char *oai_base_url_repair (const char *text, GError **error);

G_END_DECLS
