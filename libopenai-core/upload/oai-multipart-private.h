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
  OAI_MULTIPART_KEEP_PATHS = 1 << 0,  /* file names keep their directories, whatever their keep-path says */
  OAI_MULTIPART_REJECT_NULL = 1 << 1  /* JSON null is an error; otherwise it is left out */
} OaiMultipartFlags;

OaiMultipart *oai_multipart_new (void);
void oai_multipart_free (OaiMultipart *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiMultipart, oai_multipart_free)
void oai_multipart_set_flags (OaiMultipart *self, OaiMultipartFlags flags);

/* A field of the form.  Its name may hold anything. */
void oai_multipart_add_text (OaiMultipart *self, const char *name, const char *value);
/* With a media type of its own, such as application/json; length -1: NUL-terminated. */
void oai_multipart_add_content (OaiMultipart *self, const char *name, const char *content_type, const char *value, gssize length);
void oai_multipart_add_file (OaiMultipart *self, const char *name, OaiInputFile *file);
/* Each member of object as a field: a[b] for nested objects, a[] for each element of
 * a list, numbers as they are written.  Opening the form reports values that cannot be sent. */
void oai_multipart_add_json (OaiMultipart *self, OaiJsonDoc *doc, OaiJsonNode object);

/* With the boundary. */
const char *oai_multipart_get_content_type (OaiMultipart *self);
/* Whether it can be opened once more after it was read. */
gboolean oai_multipart_can_rewind (OaiMultipart *self);

/* Whether it can be opened now: no stream in it that cannot be rewound was read before. */
gboolean oai_multipart_can_open (OaiMultipart *self);
/* Whether reading it may have to wait for a source. */
gboolean oai_multipart_may_block (OaiMultipart *self);

/* Looks up the sizes of files that are elsewhere, without blocking; before open. */
void oai_multipart_prepare_async (OaiMultipart *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean oai_multipart_prepare_finish (GAsyncResult *result, GError **error);
/* The body: pollable, and seekable to its start as long as it is not closed.  HTTP
 * closes it when it is sent: open another one for each attempt.
 * length: -1 when unknown.  A body that cannot be read in whole fails; it is never short. */
GInputStream *oai_multipart_open (OaiMultipart *self, goffset *length, GError **error);

G_END_DECLS
