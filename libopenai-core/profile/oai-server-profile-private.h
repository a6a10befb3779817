/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiServerProfile for the files that send requests. */

#pragma once

#include "oai-adaptation-private.h"
#include "oai-server-profile.h"

G_BEGIN_DECLS

/* The profile of the library for the server of a name, or NULL. */
OaiServerProfile *oai_server_profile_new_known (const char *name);
/* Whether one of the patterns, which may be NULL, matches an operation. */
gboolean oai_server_profile_matches (char **patterns, const char *operation);
OaiAdaptations oai_server_profile_get_adaptations (OaiServerProfile *self);
/* Returns the body with the separate edits of the profile, or NULL if they change nothing. */
GBytes *oai_server_profile_edit (OaiServerProfile *self, GBytes *body);

G_END_DECLS
