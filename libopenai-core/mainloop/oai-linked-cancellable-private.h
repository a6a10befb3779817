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
} OaiLinkedCancellable;

/* outer: cancels it from outside, or NULL.  Sources are in the context. */
_OAI_INTERNAL
void oai_linked_cancellable_init (OaiLinkedCancellable *self, GMainContext *context, GCancellable *outer);
_OAI_INTERNAL
void oai_linked_cancellable_after (OaiLinkedCancellable *self, gint64 milliseconds);
/* At once, as out of time. */
_OAI_INTERNAL
void oai_linked_cancellable_expire (OaiLinkedCancellable *self);
/* From now on, nothing ends it any more. */
_OAI_INTERNAL
void oai_linked_cancellable_disarm (OaiLinkedCancellable *self);
_OAI_INTERNAL
void oai_linked_cancellable_clear (OaiLinkedCancellable *self);

G_END_DECLS
