/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-moderations-methods-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"
#include "oai-moderation-result-private.h"

/* In characters. */
#define CHUNK_SIZE 1000
#define OVERLAP 100

GStrv
oai_moderation_split_text (const char *text, guint chunk_size, guint overlap)
{
  g_autoptr(GStrvBuilder) builder = NULL;
  g_autofree char *valid = NULL;
  const char *start;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (chunk_size > overlap, NULL);

  builder = g_strv_builder_new ();
  start = valid = g_utf8_make_valid (text, -1);
  for (;;)
    {
      const char *end = start;
      const char *next = start;
      g_autofree char *chunk = NULL;

      for (guint i = 0; i < chunk_size && *end != '\0'; i++)
        {
          end = g_utf8_next_char (end);
          if (i < chunk_size - overlap)
            next = end;
        }
      chunk = g_strndup (start, end - start);
      g_strv_builder_add (builder, chunk);
      if (*end == '\0')
        break;
      start = next;
    }

  return g_strv_builder_end (builder);
}

typedef struct
{
  GStrv chunks;
  guint next;
} Moderating;

static void
moderating_free (gpointer data)
{
  Moderating *self = data;

  g_strfreev (self->chunks);
  g_free (self);
}

static void moderate_next (GTask *task);

/* Takes ownership of task. */
static void
handle_outcome (GTask *task, OaiModerationOutcome outcome)
{
  g_autoptr(GTask) owned = task;
  Moderating *self = g_task_get_task_data (task);

  if (outcome == OAI_MODERATION_NONE)
    g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_PROTOCOL, "%s", _("The reply does not contain whether the text is harmful."));
  else if (outcome == OAI_MODERATION_HARMFUL)
    g_task_return_boolean (task, TRUE);
  else if (self->chunks[self->next] == NULL)
    g_task_return_boolean (task, FALSE);
  else
    moderate_next (g_steal_pointer (&owned));
}

static void
moderated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(OaiModeration) moderation = oai_moderations_endpoint_create_finish (OAI_MODERATIONS_ENDPOINT (source), result, &error);

  oai_method_attach_call (task, result);
  if (moderation == NULL)
    g_task_return_error (task, error);
  else
    handle_outcome (g_steal_pointer (&task), oai_moderation_get_outcome (moderation));
}

/* Takes ownership of task. */
static void
moderate_next (GTask *task)
{
  Moderating *self = g_task_get_task_data (task);
  g_autoptr(OaiModerationRequest) request = oai_moderation_request_new_for_text (self->chunks[self->next++]);

  oai_moderations_endpoint_create_async (g_task_get_source_object (task), request, g_task_get_cancellable (task), moderated_cb, task);
}

void
oai_moderations_endpoint_moderate_text_start (OaiModerationsEndpoint *self, const char *text, GTask *task)
{
  Moderating *moderating = g_new0 (Moderating, 1);

  moderating->chunks = oai_moderation_split_text (text, CHUNK_SIZE, OVERLAP);
  g_task_set_task_data (task, moderating, moderating_free);
  moderate_next (task);
}
