/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "openai-json-glib.h"

#include <glib/gi18n-lib.h>

#include "oai-node-reader-private.h"
#include "oai-node-writer-private.h"

static void
bind_catalogue (void)
{
  static gsize bound = 0;

  if (g_once_init_enter (&bound))
    {
      bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
      bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
      g_once_init_leave (&bound, 1);
    }
}

static gboolean
has_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) && json_node_get_object (node) != NULL;
}

/* The JSON text of a node; NULL if JSON cannot express it. */
static char *
to_json (JsonNode *node, GError **error)
{
  g_autoptr(GString) json = g_string_new (NULL);

  bind_catalogue ();
  if (!oai_node_write (json, node, error))
    return NULL;

  return g_string_free (g_steal_pointer (&json), FALSE);
}

/**
 * oai_record_new_from_node:
 * @type: the type of the record, such as `OAI_TYPE_CHAT_MESSAGE`
 * @node: (nullable): a node that contains an object
 * @error: return location for an error
 *
 * Makes a record from a node of json-glib, like [func@Oai.Record.new_from_json].
 *
 * The node is copied; later changes of it do not show in the record. All members are kept,
 * known to the library or not.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if @node is %NULL or contains no object, if a number
 * in it is not finite, if a string is not UTF-8, or if it is nested in more than 512 levels.
 *
 * Returns: (transfer full): the record
 *
 * Since: 1.0
 */
OaiRecord *
oai_record_new_from_node (GType type, JsonNode *node, GError **error)
{
  g_autofree char *json = NULL;

  g_return_val_if_fail (g_type_is_a (type, OAI_TYPE_RECORD), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!has_object (node))
    {
      bind_catalogue ();
      /* Translators: the first %s is the name of a type, the second one what the node contains, in
       * English: “JsonArray”, “String”, “NULL”. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("%s needs a JSON node that contains an object; this one contains %s."), g_type_name (type),
                   node == NULL || JSON_NODE_HOLDS_OBJECT (node) ? "NULL" : json_node_type_name (node));
      return NULL;
    }

  json = to_json (node, error);

  return json != NULL ? oai_record_new_from_json (type, json, error) : NULL;
}

/**
 * oai_record_to_node:
 * @self: a record
 *
 * Gets the record as a node of json-glib, including the members that this library does not
 * know; like [method@Oai.Record.to_json].
 *
 * The node is a copy; changes of it do not change the record. It contains an object, unless
 * the server sent another value for a record that is part of a list.
 *
 * A #JsonNode can express less than JSON:
 *
 * - An integer that does not fit 64 bits becomes a double, which is inexact. A number that is
 *   too large for a double becomes infinite.
 * - Of members with the same name, the last one is kept.
 *
 * Returns: (transfer full): the node
 *
 * Since: 1.0
 */
JsonNode *
oai_record_to_node (OaiRecord *self)
{
  g_autofree char *json = NULL;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  json = oai_record_to_json (self);

  return oai_node_read (json);
}

/**
 * oai_record_dup_member_node:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets a member of any type as a node of json-glib, like [method@Oai.Record.dup_member]. The
 * limits of [func@OaiJsonGlib.record_to_node] apply.
 *
 * Returns: (nullable) (transfer full): the node, or %NULL when the member is absent
 *
 * Since: 1.0
 */
JsonNode *
oai_record_dup_member_node (OaiRecord *self, const char *member)
{
  g_autofree char *json = NULL;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);
  g_return_val_if_fail (member != NULL, NULL);

  json = oai_record_dup_member (self, member);

  return json != NULL ? oai_node_read (json) : NULL;
}

/**
 * oai_record_set_member_node:
 * @self: a record that can be written
 * @member: the name of a member in JSON
 * @node: (nullable): its value, which is copied, or %NULL to remove it
 * @error: return location for an error
 *
 * Sets a member to a node of json-glib, such as the schema of a tool; like
 * [method@Oai.Record.set_member].
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if the record belongs to a reply, or if @node contains
 * a number that is not finite or a string that is not UTF-8, or is nested in more than 512 levels.
 *
 * Returns: %TRUE if the member was set
 *
 * Since: 1.0
 */
gboolean
oai_record_set_member_node (OaiRecord *self, const char *member, JsonNode *node, GError **error)
{
  g_autofree char *json = NULL;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (member != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (node != NULL)
    {
      json = to_json (node, error);
      if (json == NULL)
        return FALSE;
    }

  return oai_record_set_member (self, member, json, error);
}
