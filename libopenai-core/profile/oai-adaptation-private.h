/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Adaptations: changes of a request for a server that refuses a member of it.  Each is a bit of a set. */

#pragma once

#include <glib.h>

#include "oai-key-requirement.h"

G_BEGIN_DECLS

typedef guint32 OaiAdaptations;

/* A server that the library knows. */
typedef struct
{
  char *name;
  char **hosts; /* or NULL */
  OaiAdaptations adaptations;
  OaiKeyRequirement key;
  char **lacks; /* patterns of operations, or NULL */
  gboolean only_safe;
} OaiKnownServer;

/* Return NULL for a server that is not known. */
const OaiKnownServer *oai_known_server_find (const char *name);
const OaiKnownServer *oai_known_server_find_host (const char *host);
/* Reads the entry "key"; returns FALSE if it has another value. */
gboolean oai_key_requirement_read (GKeyFile *file, const char *group, OaiKeyRequirement *requirement);

/* The adaptation of a name, or 0. */
OaiAdaptations oai_adaptations_find_named (const char *name);
/* Those that a known server needs. */
OaiAdaptations oai_adaptations_for_host (const char *host);
/* Those that may be made after a refusal.  only_safe: not those that may change the meaning of a request. */
OaiAdaptations oai_adaptations_get_allowed (const char *host, gboolean only_safe);

/* Recognizes the adaptations that make a request acceptable, from the text of the error of the server. */
OaiAdaptations oai_adaptations_recognize (const char *error);
/* Returns the set with others added, without those that they make obsolete. */
OaiAdaptations oai_adaptations_add (OaiAdaptations self, OaiAdaptations learned);

/* Returns the changed body, or NULL if nothing changes.  made: the adaptations that change the body. */
GBytes *oai_adaptations_apply (OaiAdaptations self, GBytes *body, OaiAdaptations *made);
/* Appends the names of the adaptations, which are static strings. */
void oai_adaptations_append_names (OaiAdaptations self, GPtrArray *names);

G_END_DECLS
