/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends a request and collects the body of its reply in memory. */

#pragma once

#include "oai-exchange-private.h"

G_BEGIN_DECLS

/* Called once, with the body or an error; takes both. */
typedef void (*OaiReplyFunc) (OaiExchange *exchange, GBytes *body, GError *error, gpointer user_data);

/* Takes the request.  The call of the exchange is attached to call_task. */
void oai_reply_collect (OaiClient *client, OaiRequest *request, GCancellable *cancellable, GTask *call_task, OaiReplyFunc func, gpointer user_data);

G_END_DECLS
