/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads what the proxy must know from the body of a request while it arrives: JSON and multipart/form-data, in chunks of any
 * size, in constant memory.  A body that another reader could understand differently is refused: invalid JSON and
 * UTF-8, members that are given twice (also with names that are escaped or differ only in case), and parts that do
 * not follow RFC 7578. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  OAI_BODY_JSON,
  OAI_BODY_MULTIPART,
  OAI_BODY_OTHER      /* of another type, or without one: not inspected */
} OaiBodyType;

/* All strings are borrowed from the inspector. */
typedef struct
{
  OaiBodyType type;
  const char *model;        /* nullable; at most 256 bytes of valid UTF-8 without control characters */
  const char *nested_model; /* of "session" or "response", as in requests and events of the Realtime API; nullable */
  const char *event;        /* the member "type": the name of an event of a WebSocket; nullable */
  gboolean stream;          /* a reply as events is requested */
  gboolean include_usage;   /* with its usage */
} OaiBodyInfo;

/* Replaces n_removed bytes at offset with text. */
typedef struct
{
  guint64 offset;
  guint64 n_removed;
  const char *text; /* static */
} OaiBodyEdit;

typedef struct _OaiBodyInspector OaiBodyInspector;

/* content_type: of the request, or NULL.  Error: an invalid boundary or character set (OAI_PROXY_ERROR_UNSUPPORTED). */
OaiBodyInspector *oai_body_inspector_new (const char *content_type, GError **error);
void oai_body_inspector_free (OaiBodyInspector *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiBodyInspector, oai_body_inspector_free)
/* Error: OAI_PROXY_ERROR_BAD_REQUEST, with a message for the client; then the request must be refused. */
gboolean oai_body_inspector_feed (OaiBodyInspector *self, const char *data, gsize size, GError **error);
/* The body is complete.  An empty body is accepted. */
gboolean oai_body_inspector_end (OaiBodyInspector *self, GError **error);
/* Complete after end(); before, what was read so far. */
const OaiBodyInfo *oai_body_inspector_get_info (OaiBodyInspector *self);
/* After end(): the edit with which the body requests the usage of a stream.  FALSE if the body is not a JSON object,
 * does not request a stream, or includes the usage already.  Only chat and text completions have this option. */
gboolean oai_body_inspector_get_usage_edit (OaiBodyInspector *self, OaiBodyEdit *edit);

G_END_DECLS
