/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The settings are members of a record without a type, which is saved as JSON. */

#include "chat-settings.h"

#include <openai-1/openai.h>

struct _ChatSettings
{
  GObject parent_instance;

  char *path;
  OaiRecord *values;
};

G_DEFINE_FINAL_TYPE (ChatSettings, chat_settings, G_TYPE_OBJECT)

static void
chat_settings_finalize (GObject *object)
{
  ChatSettings *self = CHAT_SETTINGS (object);

  g_clear_pointer (&self->path, g_free);
  g_clear_object (&self->values);

  G_OBJECT_CLASS (chat_settings_parent_class)->finalize (object);
}

static void
chat_settings_class_init (ChatSettingsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chat_settings_finalize;
}

static void
chat_settings_init (ChatSettings *self)
{
}

ChatSettings *
chat_settings_new (const char *path)
{
  ChatSettings *self = g_object_new (CHAT_TYPE_SETTINGS, NULL);
  g_autofree char *json = NULL;

  self->path = g_strdup (path);
  if (g_file_get_contents (path, &json, NULL, NULL))
    self->values = oai_record_new_from_json (OAI_TYPE_RECORD, json, NULL);
  if (self->values == NULL)
    self->values = oai_record_new_from_json (OAI_TYPE_RECORD, "{}", NULL);
  /* The key of the environment is not that of this address. */
  if (!chat_settings_is_saved (self))
    oai_record_set_member (self->values, "base-url", NULL, NULL);

  return self;
}

gboolean
chat_settings_is_saved (ChatSettings *self)
{
  return oai_record_get_boolean_member (self->values, "saved");
}

/* Returns the setting.  Until a server is saved, the variable of the environment replaces it. */
static const char *
get_value (ChatSettings *self, const char *name, const char *variable, const char *otherwise)
{
  const char *value = chat_settings_is_saved (self) ? NULL : g_getenv (variable);

  if (value == NULL || *value == '\0')
    value = oai_record_get_string_member (self->values, name);
  return value != NULL && *value != '\0' ? value : otherwise;
}

static void
set_value (ChatSettings *self, const char *name, const char *value)
{
  g_autofree char *directory = g_path_get_dirname (self->path);
  g_autoptr(GString) member = g_string_new ("\"");
  g_autofree char *json = NULL;
  g_autoptr(GError) error = NULL;

  for (const char *end = value; *end != '\0'; end++)
    {
      if (*end == '"' || *end == '\\')
        g_string_append_c (member, '\\');
      if ((guchar) *end >= ' ')
        g_string_append_c (member, *end);
    }
  g_string_append_c (member, '"');
  oai_record_set_member (self->values, name, member->str, NULL);

  json = oai_record_to_json (self->values);
  if (g_mkdir_with_parents (directory, 0700) != 0 || !g_file_set_contents (self->path, json, -1, &error))
    g_warning ("The settings cannot be saved: %s", error != NULL ? error->message : directory);
}

const char *
chat_settings_get_base_url (ChatSettings *self)
{
  return get_value (self, "base-url", "OPENAI_BASE_URL", "https://api.openai.com/v1");
}

void
chat_settings_set_base_url (ChatSettings *self, const char *base_url)
{
  /* The key of the environment is not that of this server. */
  oai_record_set_member (self->values, "saved", "true", NULL);
  set_value (self, "base-url", base_url);
}

const char *
chat_settings_get_model (ChatSettings *self)
{
  return get_value (self, "model", "OPENAI_MODEL", "gpt-4o-mini");
}

void
chat_settings_set_model (ChatSettings *self, const char *model)
{
  if (g_strcmp0 (oai_record_get_string_member (self->values, "model"), model) != 0)
    set_value (self, "model", model);
}
