/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Adaptations: changes of a request for a server that refuses a member of it.  Each is a bit of a set. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef guint32 OaiAdaptations;

/* The adaptations of a known server, and of those that may be learned; all but safe ones are excluded if only_safe. */
OaiAdaptations oai_adaptations_for_host (const char *host);
OaiAdaptations oai_adaptations_get_allowed (const char *host, gboolean only_safe);

/* Recognizes the adaptations that make a request acceptable, from the text of the error of the server. */
OaiAdaptations oai_adaptations_recognize (const char *error);
/* Returns the set with others added, without those that they make obsolete. */
OaiAdaptations oai_adaptations_add (OaiAdaptations self, OaiAdaptations learned);

/* Returns the changed body, or NULL if nothing changes.  extra: more edits of the body, which are made first, or NULL.
 * made: the adaptations that change the body. */
GBytes *oai_adaptations_apply (OaiAdaptations self, GPtrArray *extra, GBytes *body, OaiAdaptations *made);
/* Appends the names of the adaptations to a list of static strings. */
void oai_adaptations_append_names (OaiAdaptations self, GPtrArray *names);

G_END_DECLS
