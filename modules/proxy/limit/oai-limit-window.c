/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sums of what was used in a sliding window of time. */

#include "oai-limit-window-private.h"

#define MINUTE G_GINT64_CONSTANT (60000)
#define DAY G_GINT64_CONSTANT (86400000)

const OaiLimitSpan oai_limit_minute = { MINUTE, 1000 };
const OaiLimitSpan oai_limit_day = { DAY, 15 * MINUTE };

static inline OaiLimitEntry *
get_nth (OaiLimitWindow *self, guint n)
{
  return self->size == 0 ? &self->entry : &self->entries[(self->first + n) % self->size];
}

void
oai_limit_window_clear (OaiLimitWindow *self)
{
  if (self->size != 0)
    g_free (self->entries);
  *self = (OaiLimitWindow) { 0 };
}

/* If the clock was set back, amounts in the future count as used now. */
static void
limit_times (OaiLimitWindow *self, gint64 now)
{
  for (guint i = self->n; i > 0 && get_nth (self, i - 1)->time > now; i--)
    get_nth (self, i - 1)->time = now;
}

static void
remove_old (OaiLimitWindow *self, const OaiLimitSpan *span, gint64 now)
{
  while (self->n > 0 && get_nth (self, 0)->time <= now - span->length)
    {
      self->total -= get_nth (self, 0)->amount;
      self->n--;
      if (self->size != 0)
        self->first = (self->first + 1) % self->size;
    }
  if (self->n == 0)
    oai_limit_window_clear (self);
}

static void
update (OaiLimitWindow *self, const OaiLimitSpan *span, gint64 now)
{
  if (self->n == 0)
    return;

  limit_times (self, now);
  remove_old (self, span, now);
}

static void
grow (OaiLimitWindow *self)
{
  guint size = MAX (4, self->size * 2);
  OaiLimitEntry *entries = g_new (OaiLimitEntry, size);

  for (guint i = 0; i < self->n; i++)
    entries[i] = *get_nth (self, i);
  if (self->size != 0)
    g_free (self->entries);
  self->entries = entries;
  self->size = size;
  self->first = 0;
}

void
oai_limit_window_add (OaiLimitWindow *self, const OaiLimitSpan *span, gint64 now, gint64 amount)
{
  OaiLimitEntry *last;

  update (self, span, now);
  amount = MIN (amount, OAI_LIMIT_MAX_AMOUNT - self->total);
  if (amount <= 0)
    return;

  last = self->n > 0 ? get_nth (self, self->n - 1) : NULL;
  self->total += amount;
  if (last != NULL && last->time / span->slot == now / span->slot)
    {
      last->time = now;
      last->amount += amount;
      return;
    }

  if (self->n == MAX (1, self->size))
    grow (self);
  self->n++;
  *get_nth (self, self->n - 1) = (OaiLimitEntry) { now, amount };
}

gint64
oai_limit_window_get_total (OaiLimitWindow *self, const OaiLimitSpan *span, gint64 now)
{
  update (self, span, now);

  return self->total;
}

gint64
oai_limit_window_get_wait (OaiLimitWindow *self, const OaiLimitSpan *span, gint64 now, gint64 limit)
{
  gint64 total;

  update (self, span, now);
  total = self->total;
  if (total < limit)
    return 0;

  for (guint i = 0; i < self->n; i++)
    {
      total -= get_nth (self, i)->amount;
      if (total < limit)
        return get_nth (self, i)->time + span->length - now;
    }

  return span->length;
}

gint64
oai_limit_window_get_reset (OaiLimitWindow *self, const OaiLimitSpan *span, gint64 now)
{
  update (self, span, now);

  return self->n == 0 ? 0 : get_nth (self, self->n - 1)->time + span->length - now;
}

gint64
oai_limit_window_get_last (const OaiLimitWindow *self)
{
  return self->n == 0 ? G_MININT64 : get_nth ((OaiLimitWindow *) self, self->n - 1)->time;
}

/* Days since 1970 of the first day of a month of the Gregorian calendar. */
static gint64
get_first_day (gint64 year, gint64 month)
{
  gint64 era, year_of_era, day_of_year;

  year -= month <= 2;
  era = year / 400;
  year_of_era = year % 400;
  day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;

  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

gint64
oai_limit_get_month_end (gint64 time)
{
  gint64 days = MAX (time, 0) / DAY;
  /* With months of average length: at most the next month, and never after it. */
  gint64 months = days * 4800 / 146097;

  while (get_first_day (1970 + months / 12, 1 + months % 12) <= days)
    months++;

  return get_first_day (1970 + months / 12, 1 + months % 12) * DAY;
}
