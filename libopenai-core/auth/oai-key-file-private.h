/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files that contain keys: a JSON object, or lines of NAME=value or NAME: value. */

#pragma once

#include "oai-checked-file-private.h"
#include "oai-credentials-private.h"

G_BEGIN_DECLS

/* Reads a file, even if others own it.  Logs a message if others can read or change it. */
gboolean oai_key_file_read (const char *path, OaiCredentials *credentials, GError **error);
/* Reads the first file of that name that is trusted, in directory and, with search_up, in those
 * above it.  Messages about ignored files are logged unless they are in reported, and added to it.
 * Returns the path. */
char *oai_key_file_search (const char *directory, const char *file_name, gboolean search_up, GPtrArray *reported, OaiCredentials *credentials, GError **error);
/* Returns the message why a file that a search has found is not trusted; NULL if it is. */
char *oai_key_file_dup_distrust (const char *path, const OaiFileStatus *directory, const OaiFileStatus *file, guint32 user);
/* Parses the text of a file, which is overwritten.  The error never quotes it. */
gboolean oai_key_file_parse (char *text, gsize length, OaiCredentials *credentials, GError **error);
/* Parses the text of oai_credentials_to_text(), which is overwritten: a single line without a name is the key. */
gboolean oai_key_file_parse_stored (char *text, OaiCredentials *credentials, GError **error);

G_END_DECLS
