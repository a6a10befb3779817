/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sums of what was used in a sliding window of time.
 *
 * The sum of any interval of the length of the window is never above what oai_limit_window_get_total()
 * returns, so a limit is not exceeded at the boundary of a minute or of a day.  Amounts that were added
 * within one slot of the window are kept as one, at the time of the last of them, which bounds the memory:
 * an amount leaves the window at most one slot late, and never before its time.  Amounts that are further
 * apart than a slot leave it to the millisecond. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sums are bounded so that they are exact in double-precision numbers too. */
#define OAI_LIMIT_MAX_AMOUNT (G_GINT64_CONSTANT (1) << 53)

/* Milliseconds. */
typedef struct
{
  gint64 length;
  gint64 slot;
} OaiLimitSpan;

extern const OaiLimitSpan oai_limit_minute;
extern const OaiLimitSpan oai_limit_day;

typedef struct
{
  gint64 time; /* of the last amount, in milliseconds */
  gint64 amount;
} OaiLimitEntry;

/* Zeros are a valid window without amounts. */
typedef struct
{
  gint64 total;
  union
  {
    OaiLimitEntry entry;    /* if size is 0 */
    OaiLimitEntry *entries; /* a ring */
  };
  guint16 size;
  guint16 first;
  guint16 n;
} OaiLimitWindow;

/* Frees the amounts. */
void oai_limit_window_clear (OaiLimitWindow *self);
/* Adds an amount; negative amounts are ignored. */
void oai_limit_window_add (OaiLimitWindow *self, const OaiLimitSpan *span, gint64 now, gint64 amount);
gint64 oai_limit_window_get_total (OaiLimitWindow *self, const OaiLimitSpan *span, gint64 now);
/* Milliseconds until the sum is below the limit, if nothing is added; 0 if it is. */
gint64 oai_limit_window_get_wait (OaiLimitWindow *self, const OaiLimitSpan *span, gint64 now, gint64 limit);
/* Milliseconds until the sum is 0, if nothing is added. */
gint64 oai_limit_window_get_reset (OaiLimitWindow *self, const OaiLimitSpan *span, gint64 now);

/* The time of the last amount; G_MININT64 without any. */
gint64 oai_limit_window_get_last (const OaiLimitWindow *self);

/* The end of the calendar month in UTC that contains the time.  Both are milliseconds since 1970. */
gint64 oai_limit_get_month_end (gint64 time);

G_END_DECLS
