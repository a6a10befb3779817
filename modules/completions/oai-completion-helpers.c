/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-completion-helpers.h"

/* The one with the index 0, wherever it stands. */
static OaiCompletionChoice *
get_first (OaiCompletion *self)
{
  GPtrArray *choices = oai_completion_get_choices (self);

  for (guint i = 0; choices != NULL && i < choices->len; i++)
    {
      OaiCompletionChoice *choice = g_ptr_array_index (choices, i);

      if (oai_completion_choice_get_index (choice) == 0)
        return choice;
    }

  return choices != NULL && choices->len > 0 ? g_ptr_array_index (choices, 0) : NULL;
}

/**
 * oai_completion_get_text:
 * @self: the completions of a request
 *
 * Gets the text of the first completion: the only one unless several were asked for.
 *
 * Returns: (nullable) (transfer none): the text, or %NULL when there is none
 *
 * Since: 1.0
 */
const char *
oai_completion_get_text (OaiCompletion *self)
{
  OaiCompletionChoice *choice;

  g_return_val_if_fail (OAI_IS_COMPLETION (self), NULL);

  choice = get_first (self);

  return choice != NULL ? oai_completion_choice_get_text (choice) : NULL;
}

/**
 * oai_completion_get_finish_reason:
 * @self: the completions of a request
 *
 * Gets why the first completion ended, such as %OAI_COMPLETION_FINISH_REASON_STOP.
 *
 * Returns: (nullable) (transfer none): the reason, or %NULL when it did not end or the server does not tell
 *
 * Since: 1.0
 */
const char *
oai_completion_get_finish_reason (OaiCompletion *self)
{
  OaiCompletionChoice *choice;

  g_return_val_if_fail (OAI_IS_COMPLETION (self), NULL);

  choice = get_first (self);

  return choice != NULL ? oai_completion_choice_get_finish_reason (choice) : NULL;
}
