/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiCallOptions for the files that create requests. */

#pragma once

#include "oai-call-options.h"
#include "oai-name-values-private.h"

G_BEGIN_DECLS

/* In the order in which they were set.  The value is NULL for a header that is removed. */
void oai_call_options_foreach_header (OaiCallOptions *self, OaiNameValueFunc func, gpointer user_data);
void oai_call_options_foreach_query (OaiCallOptions *self, OaiNameValueFunc func, gpointer user_data);
/* The value is JSON text. */
void oai_call_options_foreach_body_member (OaiCallOptions *self, OaiNameValueFunc func, gpointer user_data);

G_END_DECLS
