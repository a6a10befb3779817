/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a client has learned of servers: the adaptations that each of the newest models needs at an endpoint. */

#pragma once

#include "oai-adaptation-private.h"

G_BEGIN_DECLS

typedef struct _OaiAdaptationMemory OaiAdaptationMemory;

OaiAdaptationMemory *oai_adaptation_memory_new (void);
void oai_adaptation_memory_free (OaiAdaptationMemory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiAdaptationMemory, oai_adaptation_memory_free)

gboolean oai_adaptation_memory_is_empty (OaiAdaptationMemory *self);
/* server: a URL; endpoint: the name or the path of an operation; model: nullable. */
OaiAdaptations oai_adaptation_memory_find (OaiAdaptationMemory *self, const char *server, const char *endpoint, const char *model);
/* Adds to what was learned. */
void oai_adaptation_memory_learn (OaiAdaptationMemory *self, const char *server, const char *endpoint, const char *model, OaiAdaptations adaptations);

G_END_DECLS
