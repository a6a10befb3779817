/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Media types of images, audio and documents, and their data URLs. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

#define OAI_MIME_UNKNOWN "application/octet-stream"

/* From the first bytes; NULL if they are not recognized.  64 bytes are enough. */
_OAI_INTERNAL
const char *oai_mime_sniff (gconstpointer data, gsize length);
/* From the extension of a name; OAI_MIME_UNKNOWN if it is unknown.  No file is read. */
char *oai_mime_from_name (const char *filename);
/* The usual end of a name, or NULL; static. */
const char *oai_mime_get_extension (const char *type);
/* From the bytes if they are recognized, otherwise from the name (nullable). */
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
