/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-auth-private.h"

G_BEGIN_DECLS

/* Finds the file upward from directory, the root included; NULL where there is none. */
char *oai_auth_file_find (const char *directory, const char *file_name, gboolean search_up);
/* Reads a file; FALSE with an error that tells why it yields no key. */
gboolean oai_auth_file_read (const char *path, OaiCredentials *credentials, GError **error);
/* Parses the text of a file, which is overwritten. The error never repeats it. */
_OAI_INTERNAL
gboolean oai_auth_file_parse (char *text, gsize length, OaiCredentials *credentials, GError **error);

OaiAuth *oai_auth_file_to_auth (const char *path, GError **error);

G_END_DECLS
