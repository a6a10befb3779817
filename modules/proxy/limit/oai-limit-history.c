/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What identities used before the program started. */

#include "oai-limit-history-private.h"

#include "oai-json-hash-private.h"
#include "oai-limit-window-private.h"

#define MAX_ENTRIES 2000000

typedef struct
{
  gint64 time;
  OaiLimitAmounts amounts;
} Entry;

typedef struct
{
  GArray *entries;
  guint taken; /* kinds, as bits */
} Usage;

struct _OaiLimitHistory
{
  GHashTable *identities; /* name → Usage */
  gint64 now;
  gint64 day_begin;
  gint64 month_begin;
  guint n_entries;
  guint max;
  guint64 n_ignored;
};

static void
usage_free (gpointer data)
{
  Usage *usage = data;

  g_array_unref (usage->entries);
  g_free (usage);
}

/* The month that contains a time begins where the one before it ends. */
static gint64
get_month_begin (gint64 time)
{
  gint64 end = oai_limit_get_month_end (time);
  gint64 begin = time - 32 * oai_limit_day.length;

  while (oai_limit_get_month_end (begin) < end)
    begin = oai_limit_get_month_end (begin);

  return begin;
}

OaiLimitHistory *
oai_limit_history_new (gint64 now)
{
  OaiLimitHistory *self = g_new0 (OaiLimitHistory, 1);

  self->identities = g_hash_table_new_full (oai_json_hash_name, g_str_equal, g_free, usage_free);
  self->now = now;
  self->day_begin = now - oai_limit_day.length;
  self->month_begin = get_month_begin (now);
  self->max = MAX_ENTRIES;

  return self;
}

void
oai_limit_history_free (OaiLimitHistory *self)
{
  g_hash_table_unref (self->identities);
  g_free (self);
}

gint64
oai_limit_history_get_begin (OaiLimitHistory *self)
{
  return MIN (self->day_begin, self->month_begin);
}

gint64
oai_limit_history_get_end (OaiLimitHistory *self)
{
  return self->now;
}

gint64
oai_limit_history_get_expiry (OaiLimitHistory *self)
{
  return MAX (self->now + oai_limit_day.length, oai_limit_get_month_end (self->now));
}

guint64
oai_limit_history_get_n_ignored (OaiLimitHistory *self)
{
  return self->n_ignored;
}

void
oai_limit_history_set_max (OaiLimitHistory *self, guint max)
{
  self->max = max;
}

/* Amounts with the same number leave the windows together.  Months begin with a slot of the day. */
static gint64
get_slot (OaiLimitHistory *self, gint64 time)
{
  return time < self->day_begin ? -1 : time / oai_limit_day.slot;
}

static void
add_amounts (OaiLimitAmounts *self, const OaiLimitAmounts *other)
{
  self->requests = MIN (self->requests + CLAMP (other->requests, 0, OAI_LIMIT_MAX_AMOUNT), OAI_LIMIT_MAX_AMOUNT);
  self->tokens = MIN (self->tokens + CLAMP (other->tokens, 0, OAI_LIMIT_MAX_AMOUNT), OAI_LIMIT_MAX_AMOUNT);
  self->cost = MIN (self->cost + CLAMP (other->cost, 0, OAI_LIMIT_MAX_AMOUNT), OAI_LIMIT_MAX_AMOUNT);
}

static Usage *
ensure_usage (OaiLimitHistory *self, const char *identity)
{
  Usage *usage = g_hash_table_lookup (self->identities, identity);

  if (usage == NULL)
    {
      usage = g_new0 (Usage, 1);
      usage->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
      g_hash_table_insert (self->identities, g_strdup (identity), usage);
    }

  return usage;
}

void
oai_limit_history_add (OaiLimitHistory *self, const char *identity, gint64 time, const OaiLimitAmounts *amounts)
{
  Usage *usage;
  Entry *last;
  Entry entry = { time, { 0 } };

  if (time < oai_limit_history_get_begin (self))
    return;

  usage = g_hash_table_lookup (self->identities, identity);
  last = usage != NULL ? &g_array_index (usage->entries, Entry, usage->entries->len - 1) : NULL;
  if (last != NULL && get_slot (self, MAX (time, last->time)) == get_slot (self, last->time))
    {
      last->time = MAX (time, last->time);
      add_amounts (&last->amounts, amounts);
      return;
    }
  if (self->n_entries >= self->max)
    {
      self->n_ignored++;
      return;
    }

  usage = ensure_usage (self, identity);
  add_amounts (&entry.amounts, amounts);
  g_array_append_val (usage->entries, entry);
  self->n_entries++;
}

void
oai_limit_history_take (OaiLimitHistory *self, const char *identity, guint mask, OaiLimitHistoryFunc func, gpointer user_data)
{
  Usage *usage = g_hash_table_lookup (self->identities, identity);

  if (usage == NULL || (mask & ~usage->taken) == 0)
    return;

  mask &= ~usage->taken;
  usage->taken |= mask;
  for (guint i = 0; i < usage->entries->len; i++)
    {
      Entry *entry = &g_array_index (usage->entries, Entry, i);

      func (identity, mask, entry->time, &entry->amounts, user_data);
    }
}
