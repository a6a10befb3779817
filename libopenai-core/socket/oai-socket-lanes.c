/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-socket-lanes-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"

/* The beginning of most events. */
#define TYPE "{\"type\":\""
#define MAX_NAME 128

static void
turn_unref (gpointer turn)
{
  oai_event_source_unref (turn);
}

static void
lane_free (gpointer lane)
{
  g_queue_free_full (lane, turn_unref);
}

void
oai_socket_lanes_init (OaiSocketLanes *self, const OaiSocketSchema *schema, OaiLaneSendFunc send, OaiLaneUnsentFunc is_unsent, gpointer user_data)
{
  *self = (OaiSocketLanes) { .schema = schema, .send = send, .is_unsent = is_unsent, .user_data = user_data };
  if (schema == NULL)
    return;

  self->quoted_member = g_strdup_printf ("\"%s\"", schema->lane_member);
  self->passed = g_string_new (NULL);
}

static void
clear_lanes (OaiSocketLanes *self)
{
  self->default_lane = NULL;
  g_clear_pointer (&self->lanes, g_hash_table_unref);
}

void
oai_socket_lanes_clear (OaiSocketLanes *self)
{
  clear_lanes (self);
  g_clear_pointer (&self->quoted_member, g_free);
  if (self->passed != NULL)
    g_string_free (g_steal_pointer (&self->passed), TRUE);
}

static GQueue *
find_lane (OaiSocketLanes *self, const char *name)
{
  if (*name == '\0')
    return self->default_lane;

  return self->lanes != NULL ? g_hash_table_lookup (self->lanes, name) : NULL;
}

static GQueue *
ensure_lane (OaiSocketLanes *self, const char *name)
{
  GQueue *lane = find_lane (self, name);

  if (lane != NULL)
    return lane;

  if (self->lanes == NULL)
    self->lanes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, lane_free);
  lane = g_queue_new ();
  g_hash_table_insert (self->lanes, g_strdup (name), lane);
  if (*name == '\0')
    self->default_lane = lane;

  return lane;
}

/* Sends the message of the first turn of a lane.  One that cannot be sent fails, which sends that of
 * the next turn. */
static void
send_first (OaiSocketLanes *self, const char *name)
{
  GQueue *lane = find_lane (self, name);
  OaiSocketTurn *turn = lane != NULL ? g_queue_peek_head (lane) : NULL;
  g_autoptr(OaiEventSource) held G_GNUC_UNUSED = NULL;
  GError *error = NULL;

  if (turn == NULL || turn->handed)
    return;

  held = oai_event_source_ref (&turn->parent);
  turn->handed = TRUE;
  if (self->send (turn, self->user_data, &error))
    return;

  turn->handed = FALSE;
  oai_socket_turn_fail (turn, error);
}

void
oai_socket_lanes_add (OaiSocketLanes *self, OaiSocketTurn *turn)
{
  oai_event_source_ref (&turn->parent);
  g_queue_push_tail (ensure_lane (self, turn->lane), turn);
  send_first (self, turn->lane);
}

void
oai_socket_lanes_adopt (OaiSocketLanes *self, OaiSocketTurn *turn)
{
  oai_event_source_ref (&turn->parent);
  g_queue_push_head (ensure_lane (self, turn->lane), turn);
}

/* Releases the turn. */
static void
remove_turn (OaiSocketLanes *self, OaiSocketTurn *turn)
{
  GQueue *lane = find_lane (self, turn->lane);
  g_autofree char *name = g_strdup (turn->lane);

  if (lane == NULL || !g_queue_remove (lane, turn))
    return;

  if (lane == self->default_lane && lane->length == 0)
    self->default_lane = NULL;
  if (lane->length == 0)
    g_hash_table_remove (self->lanes, name);
  oai_event_source_unref (&turn->parent);
  send_first (self, name);
}

void
oai_socket_lanes_forget (OaiSocketLanes *self, OaiSocketTurn *turn)
{
  turn->ended = TRUE;
  remove_turn (self, turn);
}

void
oai_socket_lanes_leave (OaiSocketLanes *self, OaiSocketTurn *turn)
{
  if (turn->ended || !turn->handed || self->is_unsent (turn, TRUE, self->user_data))
    remove_turn (self, turn);
}

/* Routing */

static gboolean
is_listed (const char *const *names, const char *name)
{
  return name != NULL && names != NULL && g_strv_contains (names, name);
}

gboolean
oai_socket_lanes_is_apart (OaiSocketLanes *self, const char *name)
{
  return self->schema != NULL && is_listed (self->schema->apart, name);
}

/* Returns the turn that is being answered, or NULL. */
static OaiSocketTurn *
get_current (GQueue *lane)
{
  OaiSocketTurn *turn = lane != NULL ? g_queue_peek_head (lane) : NULL;

  return turn != NULL && turn->handed ? turn : NULL;
}

/* Returns the turn whose message was sent first, of the lane if there is only one.  Of several lanes, only
 * if the server has named none: then it knows no lanes, and answers one request after the other. */
static OaiSocketTurn *
find_oldest_turn (OaiSocketLanes *self)
{
  GHashTableIter iter;
  gpointer lane;
  OaiSocketTurn *oldest = NULL;

  if (self->lanes == NULL || (self->names_lanes && g_hash_table_size (self->lanes) != 1))
    return NULL;

  g_hash_table_iter_init (&iter, self->lanes);
  while (g_hash_table_iter_next (&iter, NULL, &lane))
    {
      OaiSocketTurn *turn = get_current (lane);

      if (turn != NULL && (oldest == NULL || turn->id < oldest->id))
        oldest = turn;
    }

  return oldest;
}

/* Some servers do not return the name of the lane. */
static OaiSocketTurn *
find_turn (OaiSocketLanes *self, const char *lane)
{
  OaiSocketTurn *turn = get_current (find_lane (self, lane != NULL ? lane : ""));

  return turn == NULL && lane == NULL ? find_oldest_turn (self) : turn;
}

/* Copies the type of an event.  Returns FALSE if the text does not begin with it. */
static gboolean
copy_name (const char *data, gsize length, char *name)
{
  const char *begin = data + strlen (TYPE);
  const char *end = length > strlen (TYPE) && memcmp (data, TYPE, strlen (TYPE)) == 0 ? memchr (begin, '"', length - strlen (TYPE)) : NULL;

  if (end == NULL || end - begin >= MAX_NAME || memchr (begin, '\\', end - begin) != NULL)
    return FALSE;

  memcpy (name, begin, end - begin);
  name[end - begin] = '\0';

  return TRUE;
}

/* Returns whether the text begins with the type of an event that is neither the first nor the last one
 * of a reply.  Most events have the type of the previous one. */
static gboolean
begins_within_reply (OaiSocketLanes *self, const char *data, gsize length)
{
  char name[MAX_NAME];

  if (self->passed->len > 0 && length > self->passed->len && memcmp (data, self->passed->str, self->passed->len) == 0)
    return TRUE;
  if (!copy_name (data, length, name) || strcmp (name, "error") == 0 || is_listed (self->schema->ends, name) || oai_socket_lanes_is_apart (self, name))
    return FALSE;

  g_string_printf (self->passed, TYPE "%s\"", name);

  return TRUE;
}

gboolean
oai_socket_lanes_pass (OaiSocketLanes *self, const char *data, gsize length)
{
  OaiSocketTurn *turn = self->lanes != NULL ? find_turn (self, NULL) : NULL;

  if (turn == NULL || !begins_within_reply (self, data, length) || strstr (data, self->quoted_member) != NULL)
    return FALSE;

  oai_socket_turn_push (turn, data, length, FALSE, FALSE);

  return TRUE;
}

gboolean
oai_socket_lanes_is_unrequested (OaiSocketLanes *self, const char *name, const char *lane)
{
  return self->schema != NULL && self->schema->unrequested != NULL && g_strcmp0 (name, self->schema->first) == 0
         && find_turn (self, lane) == NULL;
}

/* Returns the turn that an event belongs to, or NULL. */
static OaiSocketTurn *
find_turn_for_event (OaiSocketLanes *self, const char *name, const char *lane)
{
  if (self->lanes == NULL || g_hash_table_size (self->lanes) == 0 || oai_socket_lanes_is_apart (self, name))
    return NULL;

  return find_turn (self, lane);
}

static gboolean
is_error (const char *name)
{
  return g_strcmp0 (name, "error") == 0;
}

static gboolean
is_end (OaiSocketLanes *self, const char *name)
{
  return is_error (name) || is_listed (self->schema->ends, name);
}

char *
oai_socket_lanes_dup_ending (OaiSocketLanes *self, const char *name, const char *lane)
{
  OaiSocketTurn *turn = find_turn_for_event (self, name, lane);

  return turn != NULL && is_end (self, name) ? g_strdup (turn->lane) : NULL;
}

void
oai_socket_lanes_route (OaiSocketLanes *self, const char *name, const char *lane, const char *data, gsize length)
{
  OaiSocketTurn *turn = find_turn_for_event (self, name, lane);
  g_autoptr(OaiEventSource) held G_GNUC_UNUSED = NULL;

  self->names_lanes = self->names_lanes || lane != NULL;
  if (turn == NULL)
    return;

  held = oai_event_source_ref (&turn->parent);
  oai_socket_turn_push (turn, data, length, is_end (self, name), is_error (name));
  if (turn->ended)
    remove_turn (self, turn);
}

/* All turns */

static GPtrArray *
list_turns (OaiSocketLanes *self)
{
  GPtrArray *turns = g_ptr_array_new_with_free_func (turn_unref);
  GHashTableIter iter;
  gpointer lane;

  if (self->lanes == NULL)
    return turns;

  g_hash_table_iter_init (&iter, self->lanes);
  while (g_hash_table_iter_next (&iter, NULL, &lane))
    for (GList *link = ((GQueue *) lane)->head; link != NULL; link = link->next)
      g_ptr_array_add (turns, oai_event_source_ref (link->data));

  return turns;
}

/* cause: why the connection could not be opened, or why it ended; nullable.  If connecting was
 * cancelled, the stream was not. */
static void
fail_turn (OaiSocketLanes *self, OaiSocketTurn *turn, gboolean unsent, const GError *cause)
{
  const char *reason = cause != NULL ? cause->message : _("The WebSocket connection was closed");
  gboolean has_code = cause != NULL && !g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  turn->ended = TRUE;
  remove_turn (self, turn);
  if (unsent)
    oai_socket_turn_fail (turn, g_error_new (has_code ? cause->domain : OAI_ERROR, has_code ? cause->code : OAI_ERROR_CONNECTION,
                                             _("%s. The request was not sent"), reason));
  else
    oai_socket_turn_fail (turn, g_error_new (OAI_ERROR, OAI_ERROR_CONNECTION,
                                             _("%s. The request was sent, so the server may have processed it"), reason));
}

void
oai_socket_lanes_fail (OaiSocketLanes *self, gboolean keep, const GError *cause)
{
  g_autoptr(GPtrArray) turns = list_turns (self);

  /* Without lanes, no other message is sent. */
  if (!keep)
    clear_lanes (self);
  for (guint i = 0; i < turns->len; i++)
    {
      OaiSocketTurn *turn = g_ptr_array_index (turns, i);
      gboolean unsent = !turn->handed || self->is_unsent (turn, !keep, self->user_data);

      if (!keep || !unsent)
        fail_turn (self, turn, unsent, cause);
    }
}

void
oai_socket_lanes_set_secret (OaiSocketLanes *self, const char *secret)
{
  g_autoptr(GPtrArray) turns = list_turns (self);

  for (guint i = 0; i < turns->len; i++)
    oai_socket_turn_set_secret (g_ptr_array_index (turns, i), secret);
}

guint
oai_socket_lanes_count (OaiSocketLanes *self)
{
  g_autoptr(GPtrArray) turns = list_turns (self);

  return turns->len;
}
