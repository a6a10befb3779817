/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Overwrites credentials that a server repeats in the body of its reply, in chunks of any size.  The size of the body
 * does not change. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _OaiReplyRedactor OaiReplyRedactor;

/* secrets: one on each line, as oai_exchange_get_secret() returns them.  Returns NULL if there are none. */
OaiReplyRedactor *oai_reply_redactor_new (const char *secrets);
void oai_reply_redactor_free (OaiReplyRedactor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiReplyRedactor, oai_reply_redactor_free)

/* How many bytes of earlier calls are still to be passed on.  They are less than a secret. */
gsize oai_reply_redactor_get_n_kept (OaiReplyRedactor *self);
/* data: room for the kept bytes, and then size new bytes.  Returns how many bytes at its beginning can be passed on;
 * the others may be the beginning of a secret, and are kept. */
gsize oai_reply_redactor_take (OaiReplyRedactor *self, char *data, gsize size);
/* The body is complete: returns the kept bytes, which are valid until the next call. */
const char *oai_reply_redactor_end (OaiReplyRedactor *self, gsize *size);

G_END_DECLS
