/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <sys/stat.h>

#include "oai-auth-private.h"

G_BEGIN_DECLS

/* Reads the first file of that name that is trusted, upward from directory, the root
 * included. Messages about files that are ignored are logged unless they are in reported,
 * and added to it. */
OaiAuth *oai_auth_file_search (const char *directory, const char *file_name, gboolean search_up, GPtrArray *reported, GError **error);
/* Why a file that a search found is not trusted, for people; NULL when it is. */
_OAI_INTERNAL
char *oai_auth_file_dup_distrust (const char *path, const struct stat *directory, const struct stat *file, uid_t user);
/* Parses the text of a file, which is overwritten. The error never repeats it. */
_OAI_INTERNAL
gboolean oai_auth_file_parse (char *text, gsize length, OaiCredentials *credentials, GError **error);

G_END_DECLS
