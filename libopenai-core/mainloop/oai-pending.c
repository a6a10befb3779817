/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-pending-private.h"

struct _OaiPending
{
  OaiPending **place;
  gpointer owner;
};

OaiPending *
oai_pending_new (OaiPending **place, gpointer owner)
{
  OaiPending *self = g_new0 (OaiPending, 1);

  g_return_val_if_fail (*place == NULL, self);

  self->place = place;
  self->owner = owner;
  *place = self;

  return self;
}

gpointer
oai_pending_claim (OaiPending *self)
{
  gpointer owner = self->owner;

  if (owner != NULL)
    *self->place = NULL;
  g_free (self);

  return owner;
}

gboolean
oai_pending_abandon (OaiPending **place)
{
  if (*place == NULL)
    return FALSE;

  (*place)->owner = NULL;
  *place = NULL;

  return TRUE;
}
