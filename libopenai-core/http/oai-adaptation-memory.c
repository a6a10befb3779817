/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-adaptation-memory-private.h"

/* The servers, endpoints and models that are remembered. */
#define MAX_LESSONS 64

typedef struct
{
  char *server;
  char *endpoint;
  char *model; /* or NULL */
  OaiAdaptations adaptations;
} Lesson;

struct _OaiAdaptationMemory
{
  GQueue lessons; /* Lesson, newest first */
};

static void
lesson_free (gpointer data)
{
  Lesson *self = data;

  g_free (self->server);
  g_free (self->endpoint);
  g_free (self->model);
  g_free (self);
}

OaiAdaptationMemory *
oai_adaptation_memory_new (void)
{
  OaiAdaptationMemory *self = g_new0 (OaiAdaptationMemory, 1);

  g_queue_init (&self->lessons);

  return self;
}

void
oai_adaptation_memory_free (OaiAdaptationMemory *self)
{
  g_queue_clear_full (&self->lessons, lesson_free);
  g_free (self);
}

gboolean
oai_adaptation_memory_is_empty (OaiAdaptationMemory *self)
{
  return self->lessons.length == 0;
}

static GList *
find_lesson (OaiAdaptationMemory *self, const char *server, const char *endpoint, const char *model)
{
  for (GList *link = self->lessons.head; link != NULL; link = link->next)
    {
      Lesson *lesson = link->data;

      if (g_strcmp0 (lesson->model, model) == 0 && g_strcmp0 (lesson->endpoint, endpoint) == 0 && g_strcmp0 (lesson->server, server) == 0)
        return link;
    }

  return NULL;
}

OaiAdaptations
oai_adaptation_memory_find (OaiAdaptationMemory *self, const char *server, const char *endpoint, const char *model)
{
  GList *link = find_lesson (self, server, endpoint, model);

  return link != NULL ? ((Lesson *) link->data)->adaptations : 0;
}

void
oai_adaptation_memory_learn (OaiAdaptationMemory *self, const char *server, const char *endpoint, const char *model, OaiAdaptations adaptations)
{
  GList *link = find_lesson (self, server, endpoint, model);
  Lesson *lesson;

  if (link != NULL)
    {
      g_queue_unlink (&self->lessons, link);
      g_queue_push_head_link (&self->lessons, link);
      lesson = link->data;
      lesson->adaptations = oai_adaptations_add (lesson->adaptations, adaptations);
      return;
    }

  lesson = g_new0 (Lesson, 1);
  lesson->server = g_strdup (server);
  lesson->endpoint = g_strdup (endpoint);
  lesson->model = g_strdup (model);
  lesson->adaptations = adaptations;
  g_queue_push_head (&self->lessons, lesson);
  if (self->lessons.length > MAX_LESSONS)
    lesson_free (g_queue_pop_tail (&self->lessons));
}
