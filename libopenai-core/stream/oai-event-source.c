/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-event-source-private.h"

void
oai_event_source_unref (OaiEventSource *self)
{
  if (--self->ref_count > 0)
    return;

  self->klass->free (self);
  g_clear_object (&self->call);
  g_clear_pointer (&self->request_body, g_bytes_unref);
  g_free (self);
}

void
oai_event_source_drop (OaiEventSource *self)
{
  self->listener = NULL;
  oai_event_source_unref (self);
}
