/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the description names with “check=”: requests before they are sent. */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

gboolean oai_chat_check_request (OaiRecord *request, GError **error);

G_END_DECLS
