/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-server-profile-private.h"

#include <string.h>

#include "oai-enum-types.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-request-edit-private.h"

/* The maximum number of edits of a profile. */
#define MAX_EDITS 32
/* The maximum number of operations that a server does not have. */
#define MAX_LACKS 32
/* The maximum number of asterisks of such an entry, which multiply the time of a comparison. */
#define MAX_ASTERISKS 3

/**
 * OaiServerProfile:
 *
 * What a server refuses in requests, and whether it requires a key.
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
 * - `key`: `required` or `none`. With `required`, a call without a key fails with %OAI_ERROR_AUTHENTICATION
 *   and is not sent, unless the program sets a header or a parameter of the query with credentials. `none` has no effect
 *   on calls; [property@Oai.ServerProfile:key-requirement] is for dialogs of programs.
 * - `lacks`: operations that the server does not have, such as `embeddings.create` or `audio.*`. Their calls
 *   fail with %OAI_ERROR_NOT_FOUND and are not sent. [property@Oai.Call:operation] is the name of an operation.
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
  OaiKeyRequirement key;
  char **lacks; /* or NULL */
};

enum
{
  PROP_0,
  PROP_NAME,
  PROP_KEY_REQUIREMENT,
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
  g_strfreev (self->lacks);

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
    case PROP_KEY_REQUIREMENT:
      g_value_set_enum (value, self->key);
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

  /**
   * OaiServerProfile:key-requirement: (getter get_key_requirement)
   *
   * Whether the server requires a key.
   *
   * Since: 1.0
   */
  properties[PROP_KEY_REQUIREMENT] = g_param_spec_enum ("key-requirement", NULL, NULL, OAI_TYPE_KEY_REQUIREMENT, OAI_KEY_REQUIREMENT_UNKNOWN,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
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
  static const char *const known[] = { "adaptations", "drop", "rename", "replace", "key", "lacks", NULL };
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

static gboolean
has_many_asterisks (char **patterns)
{
  for (guint i = 0; patterns != NULL && patterns[i] != NULL; i++)
    {
      guint n = 0;

      for (const char *c = patterns[i]; *c != '\0'; c++)
        if (*c == '*' && ++n > MAX_ASTERISKS)
          return TRUE;
    }

  return FALSE;
}

static gboolean
read_requirements (OaiServerProfile *self, GKeyFile *file, GError **error)
{
  gsize n = 0;

  if (!oai_key_requirement_read (file, self->name, &self->key))
    {
      /* Translators: do not translate key, required and none. */
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The entry “key” is neither “required” nor “none”"));
      return FALSE;
    }

  self->lacks = g_key_file_get_string_list (file, self->name, "lacks", &n, NULL);
  if (n <= MAX_LACKS && !has_many_asterisks (self->lacks))
    return TRUE;

  /* Translators: do not translate lacks. */
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The entry “lacks” contains too many operations or asterisks"));
  return FALSE;
}

static OaiServerProfile *
new_known (const OaiKnownServer *known)
{
  OaiServerProfile *self;

  if (known == NULL)
    return NULL;

  self = g_object_new (OAI_TYPE_SERVER_PROFILE, NULL);
  self->name = g_strdup (known->name);
  self->adaptations = known->adaptations;
  self->key = known->key;
  self->lacks = g_strdupv (known->lacks);

  return self;
}

OaiServerProfile *
oai_server_profile_new_known (const char *name)
{
  return new_known (oai_known_server_find (name));
}

/**
 * oai_server_profile_find_for_base_url:
 * @base_url: a base URL, such as `https://api.mistral.ai/v1`
 *
 * Gets the profile that the library has of a server, by the host of its base URL. It is used if
 * [property@Oai.Settings:server-profile] is not set; a program needs it only to know in advance whether the server
 * requires a key. For servers on this machine, see [method@Oai.LocalServer.get_server_profile].
 *
 * Returns: (nullable) (transfer full): a new profile, or %NULL if the library has none, or for a UNIX socket
 *
 * Since: 1.0
 */
OaiServerProfile *
oai_server_profile_find_for_base_url (const char *base_url)
{
  g_autoptr(GUri) uri = NULL;

  g_return_val_if_fail (base_url != NULL, NULL);

  uri = g_uri_parse (base_url, G_URI_FLAGS_HAS_PASSWORD, NULL);

  return uri != NULL ? new_known (oai_known_server_find_host (g_uri_get_host (uri))) : NULL;
}

/**
 * oai_server_profile_new_from_text:
 * @text: the text of a key file
 * @name: (nullable): the group to read, or %NULL for the first one
 * @error: return location for an error
 *
 * Reads a profile from a group of a key file. The file can contain the profiles of several servers.
 *
 * A profile has at most 32 members in `drop`, `rename` and `replace`, and 32 operations in `lacks`, each with at most 3
 * asterisks. Unknown entries are errors.
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
  if (!check_keys (file, self->name, error) || !read_adaptations (self, file, error) || !read_requirements (self, file, error)
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

/**
 * oai_server_profile_get_key_requirement:
 * @self: a profile
 *
 * Gets whether the server requires a key.
 *
 * Returns: the requirement
 *
 * Since: 1.0
 */
OaiKeyRequirement
oai_server_profile_get_key_requirement (OaiServerProfile *self)
{
  g_return_val_if_fail (OAI_IS_SERVER_PROFILE (self), OAI_KEY_REQUIREMENT_UNKNOWN);

  return self->key;
}

gboolean
oai_server_profile_matches (char **patterns, const char *operation)
{
  for (guint i = 0; patterns != NULL && patterns[i] != NULL; i++)
    if (g_pattern_match_simple (patterns[i], operation))
      return TRUE;

  return FALSE;
}

/**
 * oai_server_profile_has_operation:
 * @self: a profile
 * @operation: the name of an operation, such as `chat.create`
 *
 * Gets whether the server may have an operation.
 *
 * Returns: %FALSE if the profile contains that the server does not have it
 *
 * Since: 1.0
 */
gboolean
oai_server_profile_has_operation (OaiServerProfile *self, const char *operation)
{
  g_return_val_if_fail (OAI_IS_SERVER_PROFILE (self), FALSE);
  g_return_val_if_fail (operation != NULL, FALSE);

  return !oai_server_profile_matches (self->lacks, operation);
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
