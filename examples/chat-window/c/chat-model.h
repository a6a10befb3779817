/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What servers say about their models. */

#pragma once

#include <openai-1/openai.h>

G_BEGIN_DECLS

char *chat_model_describe (OaiModel *model);

G_END_DECLS
