/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A map from numbers to pointers that several threads read and add to at the same time, without
 * a lock.  Entries may only be removed, and the map cleared, while no other thread uses it. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _OaiAtomicMapEntry OaiAtomicMapEntry;

/* Empty when all its bytes are 0. */
typedef struct
{
  OaiAtomicMapEntry *root;
} OaiAtomicMap;

G_GNUC_INTERNAL
gpointer oai_atomic_map_lookup (OaiAtomicMap *self, guint32 key);
/* Takes value, which is not NULL.  Returns the value of the key, which may be one that another
 * thread has added before. */
G_GNUC_INTERNAL
gpointer oai_atomic_map_add (OaiAtomicMap *self, guint32 key, gpointer value, GDestroyNotify destroy);
G_GNUC_INTERNAL
void oai_atomic_map_remove (OaiAtomicMap *self, guint32 key, GDestroyNotify destroy);
G_GNUC_INTERNAL
void oai_atomic_map_clear (OaiAtomicMap *self, GDestroyNotify destroy);

G_END_DECLS
