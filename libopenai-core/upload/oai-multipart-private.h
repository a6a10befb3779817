/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bodies of multipart/form-data: a builder, and the streams that it opens. */

#pragma once

#include "oai-input-file.h"
#include "oai-json-types-private.h"

G_BEGIN_DECLS

typedef struct _OaiMultipart OaiMultipart;

typedef enum
{
  OAI_MULTIPART_NONE = 0,
  OAI_MULTIPART_KEEP_PATHS = 1 << 0,  /* file names keep their directories, independent of keep-path */
  OAI_MULTIPART_REJECT_NULL = 1 << 1  /* JSON null is an error; otherwise it is omitted */
} OaiMultipartFlags;

OaiMultipart *oai_multipart_new (void);
void oai_multipart_free (OaiMultipart *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiMultipart, oai_multipart_free)
void oai_multipart_set_flags (OaiMultipart *self, OaiMultipartFlags flags);

/* Adds a field.  Its name may contain any characters. */
void oai_multipart_add_text (OaiMultipart *self, const char *name, const char *value);
/* The same with a media type, such as application/json.  length: -1 if value is NUL-terminated */
void oai_multipart_add_content (OaiMultipart *self, const char *name, const char *content_type, const char *value, gssize length);
void oai_multipart_add_file (OaiMultipart *self, const char *name, OaiInputFile *file);
/* Adds each member of an object as a field: a[b] for nested objects, a[] for each element of a
 * list.  Values that cannot be sent are reported by oai_multipart_open(). */
void oai_multipart_add_json (OaiMultipart *self, OaiJsonDoc *doc, OaiJsonNode object);

/* Includes the boundary. */
const char *oai_multipart_get_content_type (OaiMultipart *self);
/* Whether it can be opened again after it was read. */
gboolean oai_multipart_can_rewind (OaiMultipart *self);

/* Whether it can be opened now: it contains no stream that was read and cannot be rewound. */
gboolean oai_multipart_can_open (OaiMultipart *self);

/* Reads the sizes of remote files without blocking, before oai_multipart_open(). */
void oai_multipart_prepare_async (OaiMultipart *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean oai_multipart_prepare_finish (GAsyncResult *result, GError **error);
/* Opens the body, which can be polled, and rewound as long as it is not closed.  libsoup closes
 * it after sending, so each attempt opens another one.  length: -1 if it is unknown.  If a part
 * cannot be read, reading fails; the body is never truncated. */
GInputStream *oai_multipart_open (OaiMultipart *self, goffset *length, GError **error);

G_END_DECLS
