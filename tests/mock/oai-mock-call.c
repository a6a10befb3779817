/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions for the handlers of all API areas. */

#include "oai-mock-private.h"

const char *
_oai_mock_call_get_query (OaiMockCall *call, const char *name)
{
  return g_hash_table_lookup (call->query, name);
}

OaiMockReply *
_oai_mock_call_not_found (OaiMockCall *call, const char *kind, const char *id)
{
  return _oai_mock_reply_new_error_for (404, "invalid_request_error", NULL, NULL, "No %s found with id '%s'.", kind, id);
}

OaiMockReply *
_oai_mock_call_invalid (OaiMockCall *call, const char *param, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  return _oai_mock_reply_new_error_for (400, "invalid_request_error", NULL, param, "%s", message);
}

static const char *
item_id (GPtrArray *items, guint index)
{
  return oai_mock_get_string (g_ptr_array_index (items, index), "id");
}

/* Finds the position after the item with this id (for `before`, the position of the item); FALSE if there is none. */
static gboolean
find_cursor (GPtrArray *items, const char *id, guint *index)
{
  for (guint i = 0; i < items->len; i++)
    if (g_strcmp0 (item_id (items, i), id) == 0)
      {
        *index = i;
        return TRUE;
      }

  return FALSE;
}

static GPtrArray *
in_order (GPtrArray *items, gboolean newest_first)
{
  GPtrArray *ordered = g_ptr_array_sized_new (items->len);

  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (ordered, g_ptr_array_index (items, newest_first ? items->len - 1 - i : i));

  return ordered;
}

static OaiMockReply *
list_window (OaiMockCall *call, GPtrArray *items, guint start, guint end, gboolean has_more)
{
  JsonArray *data = json_array_new ();
  JsonObject *page;

  for (guint i = start; i < end; i++)
    json_array_add_object_element (data, json_object_ref (g_ptr_array_index (items, i)));

  page = oai_mock_object ("object:s", "list", "data:a", data, "has_more:b", has_more, NULL);
  if (!call->bare_lists)
    oai_mock_object_set (page, "first_id:s", start < end ? item_id (items, start) : NULL, "last_id:s", start < end ? item_id (items, end - 1) : NULL, NULL);

  return _oai_mock_reply_new_object (page);
}

/* Returns one page of @items, which are in order of creation, as the query's limit, order, after and before select. */
OaiMockReply *
_oai_mock_call_list (OaiMockCall *call, GPtrArray *items, gboolean newest_first)
{
  const char *order = _oai_mock_call_get_query (call, "order");
  const char *after = _oai_mock_call_get_query (call, "after");
  const char *before = _oai_mock_call_get_query (call, "before");
  const char *limit_text = _oai_mock_call_get_query (call, "limit");
  guint64 limit = limit_text != NULL ? g_ascii_strtoull (limit_text, NULL, 10) : 20;
  g_autoptr (GPtrArray) ordered = NULL;
  guint start = 0, end;

  if (limit < 1)
    return _oai_mock_call_invalid (call, "limit", "Invalid 'limit': it must be at least 1.");
  if (order != NULL)
    newest_first = g_str_equal (order, "desc");

  ordered = in_order (items, newest_first);
  end = ordered->len;
  if (after != NULL)
    {
      if (!find_cursor (ordered, after, &start))
        return _oai_mock_call_invalid (call, "after", "Invalid 'after': no object with id '%s'.", after);
      start++;
    }
  if (before != NULL && !find_cursor (ordered, before, &end))
    return _oai_mock_call_invalid (call, "before", "Invalid 'before': no object with id '%s'.", before);
  if (end < start)
    end = start;
  if (before != NULL && after == NULL)
    {
      guint from = end - start > limit ? end - limit : start;

      return list_window (call, ordered, from, end, from > start);
    }

  return list_window (call, ordered, start, MIN (end, start + MIN (limit, G_MAXUINT / 2)), end - start > limit);
}

OaiMockReply *
_oai_mock_call_list_collection (OaiMockCall *call, const char *collection)
{
  return _oai_mock_call_list (call, _oai_mock_store_items (call->store, collection), TRUE);
}

OaiMockReply *
_oai_mock_call_retrieve (OaiMockCall *call, const char *collection, const char *kind, const char *id)
{
  JsonObject *object = _oai_mock_store_get (call->store, collection, id);

  return object != NULL ? _oai_mock_reply_new_object (json_object_ref (object)) : _oai_mock_call_not_found (call, kind, id);
}

OaiMockReply *
_oai_mock_call_delete (OaiMockCall *call, const char *collection, const char *kind, const char *object, const char *id)
{
  if (!_oai_mock_store_remove (call->store, collection, id))
    return _oai_mock_call_not_found (call, kind, id);

  return _oai_mock_reply_new_object (oai_mock_object ("id:s", id, "object:s", object, "deleted:b", TRUE, NULL));
}

/* Replaces those of @members that the request contains in the stored object. */
OaiMockReply *
_oai_mock_call_modify (OaiMockCall *call, const char *collection, const char *kind, const char *id, const char *const *members)
{
  JsonObject *object = _oai_mock_store_get (call->store, collection, id);

  if (object == NULL)
    return _oai_mock_call_not_found (call, kind, id);
  oai_mock_copy_members (call->body, object, members);

  return _oai_mock_reply_new_object (json_object_ref (object));
}
