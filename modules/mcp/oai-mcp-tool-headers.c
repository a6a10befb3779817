/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-tool-headers-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-mcp-http-private.h"
#include "oai-name-values-private.h"

#define KEYWORD "x-mcp-header"
/* Integers that programs in JavaScript can represent. */
#define MAX_INTEGER G_GINT64_CONSTANT (9007199254740991)

typedef struct
{
  char *name;
  GStrv path; /* members that lead to the argument */
} Header;

struct _OaiMcpToolHeaders
{
  GPtrArray *headers;
  GPtrArray *path; /* while the schema is read */
  const char *problem;
};

static void
header_free (gpointer data)
{
  Header *self = data;

  g_free (self->name);
  g_strfreev (self->path);
  g_free (self);
}

void
oai_mcp_tool_headers_free (OaiMcpToolHeaders *self)
{
  g_ptr_array_unref (self->headers);
  g_ptr_array_unref (self->path);
  g_free (self);
}

static gboolean
has_name (OaiMcpToolHeaders *self, const char *name)
{
  for (guint i = 0; i < self->headers->len; i++)
    {
      Header *header = self->headers->pdata[i];

      if (g_ascii_strcasecmp (header->name, name) == 0)
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_primitive (const char *type)
{
  return g_strcmp0 (type, "string") == 0 || g_strcmp0 (type, "integer") == 0 || g_strcmp0 (type, "boolean") == 0;
}

static GStrv
dup_path (OaiMcpToolHeaders *self)
{
  GPtrArray *copy = g_ptr_array_new ();

  for (guint i = 0; i < self->path->len; i++)
    g_ptr_array_add (copy, g_strdup (self->path->pdata[i]));
  g_ptr_array_add (copy, NULL);

  return (GStrv) g_ptr_array_free (copy, FALSE);
}

static void
add_header (OaiMcpToolHeaders *self, OaiJsonDoc *doc, OaiJsonNode schema, const char *suffix)
{
  g_autofree char *name = suffix != NULL ? g_strconcat ("Mcp-Param-", suffix, NULL) : NULL;
  const char *type = oai_json_get_string (doc, oai_json_get_member (doc, schema, "type"), NULL);
  Header *header;

  if (name == NULL || *suffix == '\0' || !oai_header_name_is_valid (name) || !is_primitive (type) || self->path->len == 0 || has_name (self, name))
    {
      self->problem = KEYWORD;
      return;
    }

  header = g_new (Header, 1);
  *header = (Header) { g_steal_pointer (&name), dup_path (self) };
  g_ptr_array_add (self->headers, header);
}

/* reachable: whether only "properties" lead to the schema. */
static void
read_schema (OaiMcpToolHeaders *self, OaiJsonDoc *doc, OaiJsonNode schema, gboolean reachable)
{
  const char *name;
  OaiJsonNode node;
  OaiJsonIter iter;

  oai_json_iter_init (&iter, doc, schema);
  while (self->problem == NULL && oai_json_iter_next (&iter, &name, &node))
    {
      OaiJsonIter members;
      const char *property;
      OaiJsonNode value;

      if (name != NULL && strcmp (name, KEYWORD) == 0)
        {
          if (reachable)
            add_header (self, doc, schema, oai_json_get_string (doc, node, NULL));
          else
            self->problem = KEYWORD;
        }
      else if (name != NULL && strcmp (name, "properties") == 0)
        {
          oai_json_iter_init_members (&members, doc, node);
          while (self->problem == NULL && oai_json_iter_next (&members, &property, &value))
            {
              g_ptr_array_add (self->path, (gpointer) property);
              read_schema (self, doc, value, reachable);
              g_ptr_array_set_size (self->path, self->path->len - 1);
            }
        }
      else
        read_schema (self, doc, node, FALSE);
    }
}

OaiMcpToolHeaders *
oai_mcp_tool_headers_new (OaiMcpTool *tool, GError **error)
{
  const char *text = oai_mcp_tool_get_input_schema (tool);
  g_autoptr(OaiJsonDoc) doc = NULL;
  g_autoptr(OaiMcpToolHeaders) self = NULL;

  if (text == NULL || strstr (text, KEYWORD) == NULL)
    return NULL;

  doc = oai_json_doc_new_copy (text, -1, OAI_JSON_TOLERANT, error);
  if (doc == NULL)
    return NULL;

  self = g_new0 (OaiMcpToolHeaders, 1);
  self->headers = g_ptr_array_new_with_free_func (header_free);
  self->path = g_ptr_array_new ();
  read_schema (self, doc, 0, TRUE);
  if (self->problem == NULL)
    return g_steal_pointer (&self);

  /* Translators: %s is the name of a member of a JSON schema. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The schema of the tool has an invalid “%s”"), self->problem);

  return NULL;
}

/* NULL if the value is not sent. */
static char *
dup_value (OaiJsonDoc *doc, OaiJsonNode node)
{
  gboolean is_true;
  gint64 number;

  if (oai_json_get_string (doc, node, NULL) != NULL)
    return oai_mcp_http_encode_header (oai_json_get_string (doc, node, NULL));
  if (oai_json_get_boolean (doc, node, &is_true))
    return g_strdup (is_true ? "true" : "false");
  if (oai_json_get_int (doc, node, &number) && number >= -MAX_INTEGER && number <= MAX_INTEGER)
    return g_strdup_printf ("%" G_GINT64_FORMAT, number);

  return NULL;
}

GStrv
oai_mcp_tool_headers_build (OaiMcpToolHeaders *self, OaiJsonDoc *arguments)
{
  GPtrArray *pairs = g_ptr_array_new ();

  for (guint i = 0; i < self->headers->len; i++)
    {
      Header *header = self->headers->pdata[i];
      OaiJsonNode node = 0;
      char *value;

      for (guint j = 0; header->path[j] != NULL; j++)
        node = oai_json_get_member (arguments, node, header->path[j]);
      value = dup_value (arguments, node);
      if (value == NULL)
        continue;
      g_ptr_array_add (pairs, g_strdup (header->name));
      g_ptr_array_add (pairs, value);
    }
  g_ptr_array_add (pairs, NULL);

  return (GStrv) g_ptr_array_free (pairs, FALSE);
}
