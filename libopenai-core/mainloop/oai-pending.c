/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-pending-private.h"

struct _OaiPending
{
  OaiPending **location;
  gpointer owner;
};

OaiPending *
oai_pending_new (OaiPending **location, gpointer owner)
{
  OaiPending *self = g_new0 (OaiPending, 1);

  g_return_val_if_fail (*location == NULL, self);

  self->location = location;
  self->owner = owner;
  *location = self;

  return self;
}

gpointer
oai_pending_claim (OaiPending *self)
{
  gpointer owner = self->owner;

  if (owner != NULL)
    *self->location = NULL;
  g_free (self);

  return owner;
}

gboolean
oai_pending_abandon (OaiPending **location)
{
  if (*location == NULL)
    return FALSE;

  (*location)->owner = NULL;
  *location = NULL;

  return TRUE;
}
