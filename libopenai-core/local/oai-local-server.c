/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-local-server-private.h"

#include "oai-server-profile-private.h"

/**
 * OaiLocalServer:
 *
 * A server on this machine that [func@Oai.find_local_servers_async] has found, such as Ollama or
 * llama.cpp.
 *
 * Its base URL is that of a client:
 *
 * ```c
 * OaiSettings *settings = oai_settings_new_for_base_url (oai_local_server_get_base_url (server), &error);
 * ```
 *
 * The object does not change when the server ends or loads other models. Search again for the
 * current state.
 *
 * Since: 1.0
 */
struct _OaiLocalServer
{
  GObject parent_instance;

  char *name;
  char *base_url;
  char **models;
  OaiServerProfile *profile; /* or NULL */
};

G_DEFINE_FINAL_TYPE (OaiLocalServer, oai_local_server, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_NAME,
  PROP_BASE_URL,
  PROP_MODELS,
  PROP_SERVER_PROFILE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
oai_local_server_finalize (GObject *object)
{
  OaiLocalServer *self = OAI_LOCAL_SERVER (object);

  g_free (self->name);
  g_free (self->base_url);
  g_strfreev (self->models);
  g_clear_object (&self->profile);

  G_OBJECT_CLASS (oai_local_server_parent_class)->finalize (object);
}

static void
oai_local_server_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiLocalServer *self = OAI_LOCAL_SERVER (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_BASE_URL:
      g_value_set_string (value, self->base_url);
      break;
    case PROP_MODELS:
      g_value_set_boxed (value, self->models);
      break;
    case PROP_SERVER_PROFILE:
      g_value_set_object (value, self->profile);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_local_server_class_init (OaiLocalServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_local_server_finalize;
  object_class->get_property = oai_local_server_get_property;

  /**
   * OaiLocalServer:name:
   *
   * The name of the program for people, such as `Ollama` or `llama.cpp`.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * OaiLocalServer:base-url:
   *
   * The base URL for [ctor@Oai.Settings.new_for_base_url], such as `http://127.0.0.1:11434/v1` or
   * `unix:/run/user/1000/llama.sock:/v1`.
   *
   * Since: 1.0
   */
  properties[PROP_BASE_URL] = g_param_spec_string ("base-url", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * OaiLocalServer:models:
   *
   * The names of the models, in the order of the server.
   *
   * Since: 1.0
   */
  properties[PROP_MODELS] = g_param_spec_boxed ("models", NULL, NULL, G_TYPE_STRV, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * OaiLocalServer:server-profile:
   *
   * The profile of this kind of server for [property@Oai.Settings:server-profile], or %NULL if the library has none.
   *
   * Since: 1.0
   */
  properties[PROP_SERVER_PROFILE] = g_param_spec_object ("server-profile", NULL, NULL, OAI_TYPE_SERVER_PROFILE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_local_server_init (OaiLocalServer *self)
{
}

OaiLocalServer *
oai_local_server_new (const char *name, const char *base_url, const char *const *models)
{
  OaiLocalServer *self = g_object_new (OAI_TYPE_LOCAL_SERVER, NULL);

  self->name = g_strdup (name);
  self->base_url = g_strdup (base_url);
  self->models = g_strdupv ((char **) models);
  self->profile = oai_server_profile_new_known (name);

  return self;
}

/**
 * oai_local_server_get_name:
 * @self: a server
 *
 * Gets the name of the program for people, such as `Ollama` or `llama.cpp`. A program that is not
 * known has a general, translated name.
 *
 * The name is derived from the replies of the server. It is not unique, and is no proof of what the
 * server is.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
oai_local_server_get_name (OaiLocalServer *self)
{
  g_return_val_if_fail (OAI_IS_LOCAL_SERVER (self), NULL);

  return self->name;
}

/**
 * oai_local_server_get_base_url:
 * @self: a server
 *
 * Gets the base URL for [ctor@Oai.Settings.new_for_base_url], such as `http://127.0.0.1:11434/v1` or
 * `unix:/run/user/1000/llama.sock:/v1`.
 *
 * Returns: the base URL
 *
 * Since: 1.0
 */
const char *
oai_local_server_get_base_url (OaiLocalServer *self)
{
  g_return_val_if_fail (OAI_IS_LOCAL_SERVER (self), NULL);

  return self->base_url;
}

/**
 * oai_local_server_get_models:
 * @self: a server
 *
 * Gets the names of the models that the server offers, in its order. The list can be empty, for
 * example if no model was downloaded.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
const char *const *
oai_local_server_get_models (OaiLocalServer *self)
{
  g_return_val_if_fail (OAI_IS_LOCAL_SERVER (self), NULL);

  return (const char *const *) self->models;
}

/**
 * oai_local_server_get_server_profile:
 * @self: a server
 *
 * Gets the profile that the library has of this kind of server, such as Ollama. The address of a server on this machine does
 * not show its kind, so the program sets the profile:
 *
 * ```c
 * oai_settings_set_server_profile (settings, oai_local_server_get_server_profile (server));
 * ```
 *
 * Its [property@Oai.ServerProfile:key-requirement] is `NONE` for a server that works without a key.
 *
 * Returns: (nullable) (transfer none): the profile, or %NULL if the library has none
 *
 * Since: 1.0
 */
OaiServerProfile *
oai_local_server_get_server_profile (OaiLocalServer *self)
{
  g_return_val_if_fail (OAI_IS_LOCAL_SERVER (self), NULL);

  return self->profile;
}
