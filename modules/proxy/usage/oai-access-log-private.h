/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A line of JSON for each request, in ASCII, without queries, bodies and keys.  Lines are written several times a second; if
 * the reader of a pipe is too slow, lines are dropped and counted. */

#pragma once

#include <gio/gio.h>

#include "oai-proxy-report-private.h"

G_BEGIN_DECLS

typedef struct _OaiAccessLog OaiAccessLog;

/* path: of a file, which is created with mode 0640 or appended to; "-": the standard output. */
OaiAccessLog *oai_access_log_new (const char *path, GError **error);
/* Writes all lines. */
void oai_access_log_free (OaiAccessLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiAccessLog, oai_access_log_free)
void oai_access_log_add (OaiAccessLog *self, const OaiProxyReportData *data);
void oai_access_log_flush (OaiAccessLog *self);
/* Opens the file again after it was rotated.  If that fails, the old file is used further. */
gboolean oai_access_log_reopen (OaiAccessLog *self, GError **error);
guint64 oai_access_log_get_n_lost (OaiAccessLog *self);

G_END_DECLS
