/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "static-modules.h"

#include "oai-error.h"

#define DECLARE(name) extern const OaiModuleDescriptor *oai_module_##name##_get_descriptor (void);

DECLARE (assistants)
DECLARE (audio)
DECLARE (chat)
DECLARE (completions)
DECLARE (conversations)
DECLARE (embeddings)
DECLARE (files)
DECLARE (fine_tuning)
DECLARE (images)
DECLARE (models)
DECLARE (moderations)
DECLARE (responses)
DECLARE (threads)

const OaiModuleGetDescriptor static_modules[] = {
  oai_module_assistants_get_descriptor, oai_module_audio_get_descriptor, oai_module_chat_get_descriptor, oai_module_completions_get_descriptor,
  oai_module_conversations_get_descriptor, oai_module_embeddings_get_descriptor, oai_module_files_get_descriptor,
  oai_module_fine_tuning_get_descriptor, oai_module_images_get_descriptor, oai_module_models_get_descriptor,
  oai_module_moderations_get_descriptor, oai_module_responses_get_descriptor, oai_module_threads_get_descriptor, NULL,
};

const OaiModuleDescriptor *
static_modules_find (const char *name, GError **error)
{
  for (guint i = 0; static_modules[i] != NULL; i++)
    if (g_str_equal (static_modules[i] ()->name, name))
      return static_modules[i] ();

  g_set_error (error, OAI_ERROR, OAI_ERROR_MODULE, "no module %s is linked", name);

  return NULL;
}

OaiEndpoint *
static_modules_get_endpoint (OaiClient *client, const char *name, GError **error)
{
  const OaiModuleDescriptor *descriptor = static_modules_find (name, error);

  return descriptor != NULL ? g_object_new (descriptor->endpoints[0].get_type (), "client", client, NULL) : NULL;
}
