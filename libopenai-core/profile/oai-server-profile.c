/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-server-profile-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-request-edit-private.h"

/* The maximum number of edits of a profile. */
#define MAX_EDITS 32

/**
 * OaiServerProfile:
 *
 * What a server refuses in requests.
 *
 * The library has profiles of some servers, and learns from refusals what other servers require; see
 * [property@Oai.Settings:adapt-requests]. A program needs a profile for a server whose refusals the
 * library does not recognize, or to save the first request that is refused:
 *
 * ```c
 * g_autoptr(OaiServerProfile) profile = oai_server_profile_new_from_text ("[My server]\n"
 *                                                                         "adaptations=stream_options;developer\n"
 *                                                                         "drop=seed;messages[].name\n",
 *                                                                         NULL, &error);
 *
 * oai_settings_set_server_profile (settings, profile);
 * ```
 *
 * A profile is a group of a key file (see [struct@GLib.KeyFile]). Its name is that of the group, and its
 * entries are lists whose elements end with a semicolon:
 *
 * - `adaptations`: changes that the library knows: `stream_options`, `max_tokens`,
 *   `max_completion_tokens`, `developer`, `strict`, `parallel_tool_calls`.
 * - `drop`: members that are left out, as `PATH`, or as `PATH:VALUE` to leave out only this JSON value.
 * - `rename`: members that have another name, as `PATH:NAME`.
 * - `replace`: strings that are replaced, as `PATH:OLD:NEW`.
 *
 * A path contains the names of members with dots in between; `[]` after a name stands for each element
 * of an array, as in `tools[].function.strict`.
 *
 * The profile applies to all requests with a JSON body. A profile does not change, and any thread can use it.
 *
 * Since: 1.0
 */
struct _OaiServerProfile
{
  GObject parent_instance;

  char *name;
  OaiAdaptations adaptations;
  GPtrArray *edits;
};

enum
{
  PROP_0,
  PROP_NAME,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (OaiServerProfile, oai_server_profile, G_TYPE_OBJECT)

static void
oai_server_profile_finalize (GObject *object)
{
  OaiServerProfile *self = OAI_SERVER_PROFILE (object);

  g_free (self->name);
  g_ptr_array_unref (self->edits);

  G_OBJECT_CLASS (oai_server_profile_parent_class)->finalize (object);
}

static void
oai_server_profile_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiServerProfile *self = OAI_SERVER_PROFILE (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_server_profile_class_init (OaiServerProfileClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_server_profile_finalize;
  object_class->get_property = oai_server_profile_get_property;

  /**
   * OaiServerProfile:name: (getter get_name)
   *
   * The name of the profile. [property@Oai.Call:adaptations] contains it if the profile has changed the request.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_server_profile_init (OaiServerProfile *self)
{
  self->edits = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_request_edit_free);
}

/* An entry with a misspelled name would have no effect. */
static gboolean
check_keys (GKeyFile *file, const char *group, GError **error)
{
  static const char *const known[] = { "adaptations", "drop", "rename", "replace", NULL };
  g_auto(GStrv) keys = g_key_file_get_keys (file, group, NULL, error);

  if (keys == NULL)
    return FALSE;

  for (guint i = 0; keys[i] != NULL; i++)
    if (!g_strv_contains (known, keys[i]))
      {
        /* Translators: %s is the name of an entry of a key file. */
        g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("A server profile has no entry “%s”"), keys[i]);
        return FALSE;
      }

  return TRUE;
}

static gboolean
read_adaptations (OaiServerProfile *self, GKeyFile *file, GError **error)
{
  g_auto(GStrv) names = g_key_file_get_string_list (file, self->name, "adaptations", NULL, NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      OaiAdaptations found = oai_adaptations_find_named (g_strstrip (names[i]));

      if (found == 0)
        {
          /* Translators: %s is a name. */
          g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("There is no adaptation “%s”"), names[i]);
          return FALSE;
        }
      self->adaptations = oai_adaptations_add (self->adaptations, found);
    }

  return TRUE;
}

/**
 * oai_server_profile_new_from_text:
 * @text: the text of a key file
 * @name: (nullable): the group to read, or %NULL for the first one
 * @error: return location for an error
 *
 * Reads a profile from a group of a key file. The file can contain the profiles of several servers.
 *
 * A profile has at most 32 members in `drop`, `rename` and `replace`. Unknown entries are errors.
 *
 * Returns: (transfer full): a profile, or %NULL with %OAI_ERROR_INVALID_ARGUMENT, or with an error of
 *   [error@GLib.KeyFileError] if the text is not a key file or does not contain the group
 *
 * Since: 1.0
 */
OaiServerProfile *
oai_server_profile_new_from_text (const char *text, const char *name, GError **error)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autoptr(OaiServerProfile) self = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The text is not valid UTF-8"));
      return NULL;
    }
  if (!g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, error))
    return NULL;

  self = g_object_new (OAI_TYPE_SERVER_PROFILE, NULL);
  self->name = name != NULL ? g_strdup (name) : g_key_file_get_start_group (file);
  if (self->name == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The text contains no server profile"));
      return NULL;
    }
  if (!check_keys (file, self->name, error) || !read_adaptations (self, file, error)
      || !oai_request_edits_read (self->edits, file, self->name, MAX_EDITS, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * oai_server_profile_get_name:
 * @self: a profile
 *
 * Gets the name of the profile.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
oai_server_profile_get_name (OaiServerProfile *self)
{
  g_return_val_if_fail (OAI_IS_SERVER_PROFILE (self), NULL);

  return self->name;
}

OaiAdaptations
oai_server_profile_get_adaptations (OaiServerProfile *self)
{
  return self->adaptations;
}

GBytes *
oai_server_profile_edit (OaiServerProfile *self, GBytes *body)
{
  return oai_request_edits_apply (self->edits, body);
}
