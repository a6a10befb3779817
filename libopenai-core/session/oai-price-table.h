/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The prices of models, from which sessions compute their cost. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_PRICE_TABLE (oai_price_table_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiPriceTable, oai_price_table, OAI, PRICE_TABLE, GObject)

OAI_AVAILABLE_IN_1_0
OaiPriceTable *oai_price_table_new (void);
OAI_AVAILABLE_IN_1_0
void oai_price_table_set_price (OaiPriceTable *self, const char *model, double input, double cached_input, double output);
OAI_AVAILABLE_IN_1_0
void oai_price_table_unset_price (OaiPriceTable *self, const char *model);
OAI_AVAILABLE_IN_1_0
gboolean oai_price_table_has_model (OaiPriceTable *self, const char *model);
OAI_AVAILABLE_IN_1_0
double oai_price_table_get_cost (OaiPriceTable *self, const char *model, gint64 input_tokens, gint64 cached_tokens, gint64 output_tokens);

G_END_DECLS
