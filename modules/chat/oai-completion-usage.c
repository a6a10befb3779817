/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-types.h"

#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"

static gboolean
is_number (OaiJsonType type)
{
  return type == OAI_JSON_INT || type == OAI_JSON_DOUBLE;
}

/* Adds up all numbers, also those that this library does not know, such as costs.  Other values stay
 * as they were first. */
static void
add_counts (OaiJsonValue *sum, OaiJsonDoc *doc, OaiJsonNode object)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      OaiJsonValue *held = oai_json_value_get_member (sum, name);
      OaiJsonType type = oai_json_get_type (doc, value);

      if (held == NULL || oai_json_value_get_type (held) == OAI_JSON_NULL)
        oai_json_value_set_member (sum, name, oai_json_value_new_from_node (doc, value));
      else if (type == OAI_JSON_OBJECT && oai_json_value_get_type (held) == OAI_JSON_OBJECT)
        add_counts (held, doc, value);
      else if (is_number (type) && is_number (oai_json_value_get_type (held)))
        oai_json_value_accumulate (held, doc, value, NULL);
    }
}

static void
add_usage (OaiJsonValue *sum, OaiCompletionUsage *usage)
{
  g_autofree char *json = oai_record_to_json (OAI_RECORD (usage));
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT, NULL);

  if (doc != NULL)
    add_counts (sum, doc, 0);
}

OaiCompletionUsage *
oai_completion_usage_add (OaiCompletionUsage *self, OaiCompletionUsage *other)
{
  g_autoptr(OaiJsonValue) sum = NULL;
  g_autoptr(GString) json = NULL;

  g_return_val_if_fail (OAI_IS_COMPLETION_USAGE (self), NULL);
  g_return_val_if_fail (other == NULL || OAI_IS_COMPLETION_USAGE (other), NULL);

  sum = oai_json_value_new_object ();
  add_usage (sum, self);
  if (other != NULL)
    add_usage (sum, other);
  json = g_string_new (NULL);
  oai_json_write_value (json, sum);

  return OAI_COMPLETION_USAGE (oai_record_new_from_json (OAI_TYPE_COMPLETION_USAGE, json->str, NULL));
}
