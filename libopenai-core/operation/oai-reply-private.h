/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates the result of an operation from the body of a reply. */

#pragma once

#include "oai-operation.h"
#include "oai-request-private.h"

G_BEGIN_DECLS

/* Converts the body of a reply to the result of the operation: see OaiResultKind.  OaiPagedList
 * creates lists.  Takes ownership of the body. */
gpointer oai_reply_new (OaiClient *client, const OaiOperation *operation, OaiFormat format, OaiCall *call, GBytes *body, const char *secret, GError **error);
GDestroyNotify oai_reply_get_destroy (const OaiOperation *operation);

G_END_DECLS
