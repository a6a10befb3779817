/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-writer-private.h"

#include "oai-json-doc-private.h"
#include "oai-json-scan-private.h"
#include "oai-json-tape-private.h"

static void
write_escape (GString *out, guchar c)
{
  static const char names[] = "btn fr";

  switch (c)
    {
    case '"':
      g_string_append_len (out, "\\\"", 2);
      return;
    case '\\':
      g_string_append_len (out, "\\\\", 2);
      return;
    default:
      if (c >= '\b' && c <= '\r' && c != '\v')
        {
          g_string_append_c (out, '\\');
          g_string_append_c (out, names[c - '\b']);
          return;
        }
      g_string_append_printf (out, "\\u%04x", c);
    }
}

void
oai_json_write_string (GString *out, const char *text, gssize length)
{
  const guchar *p = (const guchar *) text, *plain = p;
  const guchar *end = p + (length < 0 ? strlen (text) : (gsize) length);

  g_string_append_c (out, '"');
  while ((p = oai_json_scan_plain (p, end)) < end)
    {
      int sequence = *p < 0x80 ? 0 : oai_json_scan_utf8 (p, end);

      if (sequence > 0)
        {
          p += sequence;
          continue;
        }
      g_string_append_len (out, (const char *) plain, p - plain);
      if (sequence == 0)
        write_escape (out, *p++);
      else
        g_string_append (out, OAI_JSON_REPLACEMENT);
      p -= sequence;
      plain = p;
    }
  g_string_append_len (out, (const char *) plain, p - plain);
  g_string_append_c (out, '"');
}

static void
write_long_string (GString *out, OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autofree char *encoded = NULL;
  gsize length;
  const char *text = oai_json_peek_string (doc, node, &length, &encoded);

  oai_json_write_string (out, text, (gssize) length);
}

static void
write_container (GString *out, OaiJsonDoc *doc, OaiJsonNode node, gboolean object)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;
  gboolean first = TRUE;

  g_string_append_c (out, object ? '{' : '[');
  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      if (!first)
        g_string_append_c (out, ',');
      first = FALSE;
      if (object)
        {
          oai_json_write_string (out, name, doc->cells[value - 1].length);
          g_string_append_c (out, ':');
        }
      oai_json_write_node (out, doc, value);
    }
  g_string_append_c (out, object ? '}' : ']');
}

/* Recursive; the parser limits the depth to OAI_JSON_MAX_OWN_DEPTH. */
void
oai_json_write_node (GString *out, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonCell made;
  const OaiJsonCell *cell = oai_json_doc_get_cell (doc, node, &made);

  switch (cell != NULL ? (OaiJsonType) cell->type : OAI_JSON_INVALID)
    {
    case OAI_JSON_BOOLEAN:
      g_string_append (out, cell->length != 0 ? "true" : "false");
      break;
    case OAI_JSON_INT:
    case OAI_JSON_DOUBLE:
      if ((cell->flags & OAI_JSON_CELL_NOT_FINITE) != 0)
        g_string_append_len (out, "null", 4);
      else
        g_string_append_len (out, oai_json_doc_get_text (doc, cell), cell->length);
      break;
    case OAI_JSON_STRING:
      if (cell->length < OAI_JSON_MIN_FLOATS)
        oai_json_write_string (out, oai_json_doc_get_text (doc, cell), cell->length);
      else
        write_long_string (out, doc, node);
      break;
    case OAI_JSON_ARRAY:
    case OAI_JSON_OBJECT:
      if ((cell->flags & OAI_JSON_CELL_NUMBER_ARRAY) != 0)
        oai_json_write_number_array (out, doc, cell);
      else
        write_container (out, doc, node, cell->type == OAI_JSON_OBJECT);
      break;
    case OAI_JSON_NULL:
    case OAI_JSON_INVALID:
    default:
      g_string_append_len (out, "null", 4);
      break;
    }
}

char *
oai_json_dup_node (OaiJsonDoc *doc, OaiJsonNode node)
{
  GString *out = g_string_new (NULL);

  oai_json_write_node (out, doc, node);

  return g_string_free (out, FALSE);
}

char *
oai_json_dup_text (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonType type = oai_json_get_type (doc, node);

  return type == OAI_JSON_INT || type == OAI_JSON_DOUBLE || type == OAI_JSON_OBJECT ? oai_json_dup_node (doc, node) : NULL;
}
