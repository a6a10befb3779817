/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The prices that servers send with their models. */

#pragma once

#include "oai-models-types.h"
#include "oai-price-table.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gboolean oai_price_table_add_model (OaiPriceTable *self, OaiModel *model);

G_END_DECLS
