/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-price-table.h"

#include <string.h>

/**
 * OaiPriceTable:
 *
 * The prices of models, in any currency. The program gets them from its provider; the library contains none.
 *
 * A price also applies to the dated versions of a model: that of `gpt-4o` to `gpt-4o-2024-08-06`, but not to
 * `gpt-4o-mini`.
 *
 * Since: 1.0
 */

#define TOKENS_PER_PRICE 1e6

typedef struct
{
  double input;
  double cached_input;
  double output;
} Price;

struct _OaiPriceTable
{
  GObject parent_instance;

  GHashTable *prices; /* name of a model → Price */
};

G_DEFINE_FINAL_TYPE (OaiPriceTable, oai_price_table, G_TYPE_OBJECT)

static void
oai_price_table_finalize (GObject *object)
{
  g_hash_table_unref (OAI_PRICE_TABLE (object)->prices);

  G_OBJECT_CLASS (oai_price_table_parent_class)->finalize (object);
}

static void
oai_price_table_class_init (OaiPriceTableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_price_table_finalize;
}

static void
oai_price_table_init (OaiPriceTable *self)
{
  self->prices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/**
 * oai_price_table_new:
 *
 * Creates a table without prices.
 *
 * Returns: (transfer full): a new table
 *
 * Since: 1.0
 */
OaiPriceTable *
oai_price_table_new (void)
{
  return g_object_new (OAI_TYPE_PRICE_TABLE, NULL);
}

/**
 * oai_price_table_set_price:
 * @self: a table
 * @model: name of a model
 * @input: price of 1,000,000 tokens of the input
 * @cached_input: price of 1,000,000 tokens of the input that the server reads from its cache
 * @output: price of 1,000,000 tokens of the output
 *
 * Sets the prices of a model, which replace earlier ones.
 *
 * Since: 1.0
 */
void
oai_price_table_set_price (OaiPriceTable *self, const char *model, double input, double cached_input, double output)
{
  Price *price;

  g_return_if_fail (OAI_IS_PRICE_TABLE (self));
  g_return_if_fail (model != NULL);

  price = g_new (Price, 1);
  price->input = input;
  price->cached_input = cached_input;
  price->output = output;
  g_hash_table_replace (self->prices, g_strdup (model), price);
}

/**
 * oai_price_table_unset_price:
 * @self: a table
 * @model: name of a model
 *
 * Removes the prices that were set for this name.
 *
 * Since: 1.0
 */
void
oai_price_table_unset_price (OaiPriceTable *self, const char *model)
{
  g_return_if_fail (OAI_IS_PRICE_TABLE (self));
  g_return_if_fail (model != NULL);

  g_hash_table_remove (self->prices, model);
}

/* Whether the text ends with the form, in which 0 stands for a digit. */
static gboolean
has_end (const char *text, gsize length, const char *form)
{
  gsize form_length = strlen (form);

  if (length <= form_length)
    return FALSE;

  text += length - form_length;
  for (gsize i = 0; i < form_length; i++)
    if (form[i] == '0' ? !g_ascii_isdigit (text[i]) : text[i] != form[i])
      return FALSE;

  return TRUE;
}

/* Returns the length of the name without the date at its end. */
static gsize
get_base_length (const char *model)
{
  static const char *const dates[] = { "-0000-00-00", "-00000000", "-0000" };
  gsize length = strlen (model);

  for (guint i = 0; i < G_N_ELEMENTS (dates); i++)
    if (has_end (model, length, dates[i]))
      return length - strlen (dates[i]);

  return length;
}

static const Price *
find_price (OaiPriceTable *self, const char *model)
{
  const Price *price = model != NULL ? g_hash_table_lookup (self->prices, model) : NULL;
  g_autofree char *base = NULL;

  if (price != NULL || model == NULL)
    return price;

  base = g_strndup (model, get_base_length (model));

  return g_hash_table_lookup (self->prices, base);
}

/**
 * oai_price_table_has_model:
 * @self: a table
 * @model: (nullable): name of a model
 *
 * Gets whether the table contains the prices of a model.
 *
 * Returns: whether the prices are known
 *
 * Since: 1.0
 */
gboolean
oai_price_table_has_model (OaiPriceTable *self, const char *model)
{
  g_return_val_if_fail (OAI_IS_PRICE_TABLE (self), FALSE);

  return find_price (self, model) != NULL;
}

/**
 * oai_price_table_get_cost:
 * @self: a table
 * @model: (nullable): name of a model
 * @input_tokens: number of tokens of the input, including those from the cache
 * @cached_tokens: number of tokens of the input that were read from the cache
 * @output_tokens: number of tokens of the output
 *
 * Computes the cost of a request.
 *
 * Returns: the cost, in the currency of the prices; -1 if the table does not contain the model
 *
 * Since: 1.0
 */
double
oai_price_table_get_cost (OaiPriceTable *self, const char *model, gint64 input_tokens, gint64 cached_tokens, gint64 output_tokens)
{
  const Price *price;

  g_return_val_if_fail (OAI_IS_PRICE_TABLE (self), -1);

  price = find_price (self, model);
  if (price == NULL)
    return -1;

  input_tokens = MAX (input_tokens, 0);
  cached_tokens = CLAMP (cached_tokens, 0, input_tokens);
  output_tokens = MAX (output_tokens, 0);

  return ((double) (input_tokens - cached_tokens) * price->input + (double) cached_tokens * price->cached_input
          + (double) output_tokens * price->output)
         / TOKENS_PER_PRICE;
}
