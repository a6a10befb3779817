/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A strict scanner of multipart/form-data (RFC 7578) that is fed with a body in chunks of any size, and reports the short
 * values of the requested names.  Memory is constant.
 *
 * Forms that other readers could split differently are invalid: a preamble or an epilogue, bare CR or LF in headers, folded
 * headers, a boundary within a value, encoded or repeated names of parameters, and names with escapes. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longer values are not reported. */
#define OAI_FORM_SCANNER_MAX_TEXT 256

/* name: its index.  text: with a terminating NUL, or NULL if the value is too long or a file. */
typedef void (*OaiFormScannerFunc) (guint name, const char *text, gsize length, gpointer user_data);

typedef struct _OaiFormScanner OaiFormScanner;

/* boundary: from 1 to 70 characters.  names: borrowed; ends with NULL. */
OaiFormScanner *oai_form_scanner_new (const char *boundary, const char *const *names, OaiFormScannerFunc func, gpointer user_data);
void oai_form_scanner_free (OaiFormScanner *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiFormScanner, oai_form_scanner_free)
/* FALSE if the form is invalid; then the scanner ignores the rest. */
gboolean oai_form_scanner_feed (OaiFormScanner *self, const char *data, gsize size);
/* FALSE if the form is not complete. */
gboolean oai_form_scanner_end (OaiFormScanner *self);

G_END_DECLS
