/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Changes of the events that the service sends, which imitate other servers. */

#include "oai-mock-private.h"

struct _OaiMockEdit {
  char *pattern;
  char *path; /* NULL to remove the event */
  JsonNode *value; /* NULL to remove the member */
};

OaiMockEdit *
_oai_mock_edit_new (const char *pattern, const char *path, const char *json)
{
  OaiMockEdit *self = g_new0 (OaiMockEdit, 1);

  self->pattern = g_strdup (pattern);
  self->path = g_strdup (path);
  self->value = json != NULL ? json_from_string (json, NULL) : NULL;

  return self;
}

void
_oai_mock_edit_free (OaiMockEdit *self)
{
  g_free (self->pattern);
  g_free (self->path);
  g_clear_pointer (&self->value, json_node_unref);
  g_free (self);
}

static void
change (OaiMockEdit *self, JsonObject *object)
{
  g_auto (GStrv) steps = g_strsplit (self->path, ".", -1);
  guint last = g_strv_length (steps) - 1;

  for (guint i = 0; i < last && object != NULL; i++)
    object = oai_mock_get_object (object, steps[i]);
  if (object == NULL || !json_object_has_member (object, steps[last]))
    return;
  if (self->value != NULL)
    json_object_set_member (object, steps[last], json_node_copy (self->value));
  else
    json_object_remove_member (object, steps[last]);
}

/* Takes the JSON of an event, and returns the changed one, or NULL if the event is removed. */
char *
_oai_mock_reply_edit (OaiMockReply *self, char *text)
{
  g_autoptr (JsonNode) node = self->edits->len > 0 ? json_from_string (text, NULL) : NULL;
  g_autofree char *former = text;
  JsonObject *event = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *type = event != NULL ? oai_mock_get_string (event, "type") : NULL;

  if (type == NULL)
    return g_steal_pointer (&former);
  for (guint i = 0; i < self->edits->len; i++)
    {
      OaiMockEdit *edit = g_ptr_array_index (self->edits, i);

      if (!g_pattern_match_simple (edit->pattern, type))
        continue;
      if (edit->path == NULL)
        return NULL;
      change (edit, event);
    }

  return oai_mock_node_to_text (node);
}
