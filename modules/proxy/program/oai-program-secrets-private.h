/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keys that the program receives in files and in its environment. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Keeps the values of variables, and overwrites and unsets them, so that neither children nor /proc have them.  names:
 * ends with NULL; other names may follow with later calls. */
void oai_program_secrets_take_environment (const char *const *names);
/* The value of a variable that was taken; borrowed, NULL if it was not set or is empty. */
const char *oai_program_secrets_get (const char *name);
/* The variables as "NAME=VALUE", each with its NUL.  The caller overwrites the array. */
GByteArray *oai_program_secrets_serialize (void);
/* Adds serialized variables. */
void oai_program_secrets_add (const char *data, gsize length);
void oai_program_secrets_clear (void);

/* The path of a credential of the service manager (LoadCredential=).  Returns NULL with an error if there is none. */
char *oai_program_secrets_find_credential (const char *name, GError **error);
/* Reads the only line of a file that contains a secret.  To be freed by oai_secret_free(). */
char *oai_program_secrets_read_line (const char *path, GError **error);

G_END_DECLS
