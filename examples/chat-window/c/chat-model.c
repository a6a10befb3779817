/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The members that describe a model differ between servers. */

#include "chat-model.h"

#include <glib/gi18n.h>
#include <math.h>

static gint64
get_inner_int (OaiRecord *record, const char *name, const char *inner)
{
  g_autofree char *json = oai_record_dup_member (record, name);
  g_autoptr(OaiRecord) member = json != NULL ? oai_record_new_from_json (OAI_TYPE_RECORD, json, NULL) : NULL;

  return member != NULL ? oai_record_get_int_member (member, inner) : 0;
}

/* Adds those of the strings that a list contains. */
static void
add_listed (GPtrArray *facts, const char *json, const char *const *strings)
{
  for (gsize i = 0; json != NULL && *json == '[' && strings[i] != NULL; i++)
    {
      g_autofree char *quoted = g_strdup_printf ("\"%s\"", strings[i]);

      if (strstr (json, quoted) != NULL)
        g_ptr_array_add (facts, g_strdup (strings[i]));
    }
}

static void
add_context (GPtrArray *facts, OaiRecord *record)
{
  gint64 context = oai_record_get_int_member (record, "context_length");

  if (context <= 0)
    context = oai_record_get_int_member (record, "max_model_len");
  if (context <= 0)
    context = get_inner_int (record, "meta", "n_ctx_train");
  if (context > 0)
    {
      g_autofree char *number = g_strdup_printf ("%'" G_GINT64_FORMAT, context);

      g_ptr_array_add (facts, g_strdup_printf (_("%s tokens"), number));
    }
}

/* Returns the name of a model, and what the server says about it, as markup. */
char *
chat_model_describe (OaiModel *model)
{
  static const char *const kinds[] = { "image", "audio", "video", "file", NULL };
  static const char *const features[] = { "tools", "reasoning", NULL };
  OaiRecord *record = OAI_RECORD (model);
  g_autofree char *json = oai_record_dup_member (record, "architecture");
  g_autoptr(OaiRecord) architecture = json != NULL ? oai_record_new_from_json (OAI_TYPE_RECORD, json, NULL) : NULL;
  g_autofree char *inputs = architecture != NULL ? oai_record_dup_member (architecture, "input_modalities") : NULL;
  g_autofree char *parameters = oai_record_dup_member (record, "supported_parameters");
  g_autoptr(GPtrArray) facts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *joined = NULL;

  add_context (facts, record);
  add_listed (facts, inputs, kinds);
  add_listed (facts, parameters, features);
  if (facts->len == 0)
    g_ptr_array_add (facts, g_strdup (oai_model_get_owned_by (model) != NULL ? oai_model_get_owned_by (model) : ""));
  g_ptr_array_add (facts, NULL);
  joined = g_strjoinv (", ", (char **) facts->pdata);

  return g_markup_printf_escaped ("%s\n<small><span alpha='60%%'>%s</span></small>", oai_model_get_id (model), joined);
}

/* Servers send the price of a token as a string or as a number. */
static double
get_price (OaiRecord *pricing, const char *name)
{
  const char *text = oai_record_get_string_member (pricing, name);

  return text != NULL ? g_ascii_strtod (text, NULL) * 1e6 : 0;
}

/* Some servers send the price of a token. */
void
chat_model_add_price (OaiModel *model, OaiPriceTable *prices)
{
  g_autofree char *json = oai_record_dup_member (OAI_RECORD (model), "pricing");
  g_autoptr(OaiRecord) pricing = json != NULL ? oai_record_new_from_json (OAI_TYPE_RECORD, json, NULL) : NULL;
  double input, cached, output;

  if (pricing == NULL)
    return;

  input = get_price (pricing, "prompt");
  cached = get_price (pricing, "input_cache_read");
  output = get_price (pricing, "completion");
  if (isfinite (input) && isfinite (cached) && isfinite (output) && input >= 0 && cached >= 0 && output >= 0 && input + cached + output > 0)
    oai_price_table_set_price (prices, oai_model_get_id (model), input, cached > 0 ? cached : input, output);
}
