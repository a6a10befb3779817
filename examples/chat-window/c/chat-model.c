/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chat-model.h"

#include <glib/gi18n.h>

/* Adds the strings of a list that the user should see. */
static void
add_shown (GPtrArray *facts, const char *const *strings, const char *const *shown)
{
  for (gsize i = 0; strings[i] != NULL; i++)
    if (g_strv_contains (shown, strings[i]))
      g_ptr_array_add (facts, g_strdup (strings[i]));
}

/* Returns the name of a model, and what the server says about it, as markup. */
char *
chat_model_describe (OaiModel *model)
{
  static const char *const kinds[] = { "image", "audio", "video", "file", NULL };
  static const char *const features[] = { "tools", "reasoning", NULL };
  g_auto(GStrv) inputs = oai_model_dup_input_modalities (model);
  g_auto(GStrv) supported = oai_model_dup_features (model);
  g_autoptr(GPtrArray) facts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *context = g_strdup_printf ("%'" G_GINT64_FORMAT, oai_model_get_context_length (model));
  g_autofree char *joined = NULL;

  if (oai_model_get_context_length (model) > 0)
    g_ptr_array_add (facts, g_strdup_printf (_("%s tokens"), context));
  add_shown (facts, (const char *const *) inputs, kinds);
  add_shown (facts, (const char *const *) supported, features);
  if (facts->len == 0)
    g_ptr_array_add (facts, g_strdup (oai_model_get_owned_by (model) != NULL ? oai_model_get_owned_by (model) : ""));
  g_ptr_array_add (facts, NULL);
  joined = g_strjoinv (", ", (char **) facts->pdata);

  return g_markup_printf_escaped ("%s\n<small><span alpha='60%%'>%s</span></small>", oai_model_get_id (model), joined);
}
