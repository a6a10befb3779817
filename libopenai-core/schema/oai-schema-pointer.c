/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-schema-pointer-private.h"

#include <string.h>

#include "oai-json-doc-private.h"

/* Replaces ~1 by a slash and ~0 by a tilde; FALSE if there is another tilde. */
static gboolean
unescape_token (char *token)
{
  char *out = token;

  for (const char *at = token; *at != '\0'; at++)
    {
      if (*at == '~' && at[1] != '0' && at[1] != '1')
        return FALSE;
      *out++ = *at != '~' ? *at : *++at == '1' ? '/' : '~';
    }
  *out = '\0';

  return TRUE;
}

char **
oai_schema_pointer_split (const char *reference)
{
  g_autofree char *pointer = NULL;
  g_auto (GStrv) tokens = NULL;

  if (reference[0] != '#')
    return NULL;
  /* The URL fragment is decoded before it is split. */
  pointer = g_uri_unescape_string (reference + 1, NULL);
  if (pointer == NULL || (pointer[0] != '\0' && pointer[0] != '/'))
    return NULL;

  tokens = g_strsplit (pointer[0] == '/' ? pointer + 1 : "", "/", -1);
  if (pointer[0] == '/' && tokens[0] == NULL)
    {
      g_strfreev (tokens);
      tokens = g_new0 (char *, 2);
      tokens[0] = g_strdup ("");
    }
  for (guint i = 0; tokens[i] != NULL; i++)
    if (!unescape_token (tokens[i]))
      return NULL;

  return g_steal_pointer (&tokens);
}

gboolean
oai_schema_pointer_get_index (const char *token, guint *index)
{
  guint64 number;

  if (token[0] == '0' && token[1] != '\0')
    return FALSE;
  if (!g_ascii_string_to_unsigned (token, 10, 0, G_MAXINT, &number, NULL))
    return FALSE;
  *index = (guint) number;

  return TRUE;
}

OaiJsonNode
oai_schema_pointer_find (OaiJsonDoc *doc, const char *reference)
{
  g_auto (GStrv) tokens = oai_schema_pointer_split (reference);
  OaiJsonNode node = 0;
  guint index;

  if (tokens == NULL)
    return OAI_JSON_NONE;

  for (guint i = 0; tokens[i] != NULL && node != OAI_JSON_NONE; i++)
    {
      if (oai_json_get_type (doc, node) != OAI_JSON_ARRAY)
        node = oai_json_get_member (doc, node, tokens[i]);
      else
        node = oai_schema_pointer_get_index (tokens[i], &index) ? oai_json_get_element (doc, node, index) : OAI_JSON_NONE;
    }

  return node;
}
