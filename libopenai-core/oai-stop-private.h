/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What ends something that is under way: somebody cancels it, or its time is over. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef struct
{
  GCancellable *cancellable; /* for what is under way */
  gboolean expired;          /* it was the time */
  GMainContext *context;
  GSource *cancelled;
  GSource *deadline;
} OaiStop;

/* outer: cancels it from outside, or NULL.  Sources are in the context. */
_OAI_INTERNAL
void oai_stop_init (OaiStop *self, GMainContext *context, GCancellable *outer);
_OAI_INTERNAL
void oai_stop_after (OaiStop *self, gint64 milliseconds);
/* At once, as out of time. */
_OAI_INTERNAL
void oai_stop_expire (OaiStop *self);
/* From now on, nothing ends it any more. */
_OAI_INTERNAL
void oai_stop_disarm (OaiStop *self);
_OAI_INTERNAL
void oai_stop_clear (OaiStop *self);

G_END_DECLS
