/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What identities used before the program started, in the current month and the last 24 hours. */

#pragma once

#include "oai-counter-store-private.h"

G_BEGIN_DECLS

typedef struct _OaiLimitHistory OaiLimitHistory;

/* now: milliseconds since 1970. */
OaiLimitHistory *oai_limit_history_new (gint64 now);
void oai_limit_history_free (OaiLimitHistory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiLimitHistory, oai_limit_history_free)

/* The time of the first amount that is kept, in milliseconds since 1970, and the time of the call to new(). */
gint64 oai_limit_history_get_begin (OaiLimitHistory *self);
gint64 oai_limit_history_get_end (OaiLimitHistory *self);
/* When all amounts have left their windows. */
gint64 oai_limit_history_get_expiry (OaiLimitHistory *self);

/* Called in the order of time for each identity.  time: milliseconds since 1970.  Amounts of the same quarter of an hour,
 * and those that concern the month only, are added up.  Amounts beyond the maximum of entries are ignored and counted. */
void oai_limit_history_add (OaiLimitHistory *self, const char *identity, gint64 time, const OaiLimitAmounts *amounts);
guint64 oai_limit_history_get_n_ignored (OaiLimitHistory *self);
/* The maximum of entries; 2000000 at first. */
void oai_limit_history_set_max (OaiLimitHistory *self, guint max);

/* Calls a function for what an identity used, in the order of time, if there are kinds in mask for which it was not
 * called before; they are passed to it. */
typedef void (*OaiLimitHistoryFunc) (const char *identity, guint mask, gint64 time, const OaiLimitAmounts *amounts, gpointer user_data);
void oai_limit_history_take (OaiLimitHistory *self, const char *identity, guint mask, OaiLimitHistoryFunc func, gpointer user_data);

G_END_DECLS
