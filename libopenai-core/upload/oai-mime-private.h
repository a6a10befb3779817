/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Media types of images, audio and documents, and data URLs. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

#define OAI_MIME_UNKNOWN "application/octet-stream"

/* The type that the first bytes show, or NULL.  64 bytes are enough. */
_OAI_INTERNAL
const char *oai_mime_sniff (gconstpointer data, gsize length);
/* The type that the extension of a name shows, or OAI_MIME_UNKNOWN.  No file is read. */
char *oai_mime_from_name (const char *filename);
/* The usual extension of a type, or NULL; static. */
const char *oai_mime_get_extension (const char *type);
/* The type that the bytes show, or else the name (nullable). */
_OAI_INTERNAL
char *oai_mime_guess (const char *filename, gconstpointer data, gsize length);
/* Whether a text has the form "type/subtype; parameter=value", without line ends. */
gboolean oai_mime_is_valid (const char *content_type);

/* Builds "data:image/png;base64,…".  content_type: NULL for the type that the bytes show */
_OAI_INTERNAL
char *oai_data_url_build (const char *content_type, GBytes *bytes);
/* content_type (nullable) is the media type with its parameters, never NULL on success. */
_OAI_INTERNAL
GBytes *oai_data_url_parse (const char *url, char **content_type, GError **error);

G_END_DECLS
