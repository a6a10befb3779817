/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Media types of images, sound and documents, and data URLs of them. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

#define OAI_MIME_UNKNOWN "application/octet-stream"

/* By the first bytes; NULL when they tell nothing.  64 bytes are enough. */
_OAI_INTERNAL
const char *oai_mime_sniff (gconstpointer data, gsize length);
/* By the end of a name; OAI_MIME_UNKNOWN when it tells nothing.  No file is looked at. */
char *oai_mime_from_name (const char *filename);
/* The usual end of a name, or NULL; static. */
const char *oai_mime_get_extension (const char *type);
/* By the bytes if they tell, else by the name (nullable). */
_OAI_INTERNAL
char *oai_mime_guess (const char *filename, gconstpointer data, gsize length);
/* TRUE for "type/subtype; parameter=value": nothing that could end a header line. */
gboolean oai_mime_is_valid (const char *content_type);

/* "data:image/png;base64,…"; content_type NULL: by the bytes. */
_OAI_INTERNAL
char *oai_data_url_build (const char *content_type, GBytes *bytes);
/* content_type (nullable) is the media type with its parameters, never NULL on success. */
_OAI_INTERNAL
GBytes *oai_data_url_parse (const char *url, char **content_type, GError **error);

G_END_DECLS
