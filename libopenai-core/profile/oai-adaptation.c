/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-adaptation-private.h"

#include <string.h>

#include "oai-request-edit-private.h"
#include "server-profiles.h"

#define MAX_ADAPTATIONS 32
/* The part of an error that is searched. */
#define MAX_ERROR 4096

/* How servers and their libraries say that a request contains a member that they do not know; % is the member. */
static const char *const phrases[] = {
  "extra_forbidden loc body %",
  "% msg extra inputs are not permitted",
  "% msg extra fields not permitted",
  "% extra inputs are not permitted",
  "extra inputs are not permitted field %",
  "unknown parameter %",
  "unknown_parameter %",
  "unsupported parameter %",
  "unsupported_parameter %",
  "unrecognized parameter %",
  "unknown argument %",
  "unsupported argument %",
  "unrecognized argument %",
  "unrecognized request argument supplied %",
  "argument not supported %",
  "unexpected keyword argument %",
  "unknown name %",
  "unknown field %",
  "unrecognized field %",
  "property % is unsupported",
  "property % is not supported",
  "parameter % is unsupported",
  "parameter % is not supported",
  "parameter % not supported",
  "% is unsupported",
  "% is not supported with this model",
  "% is not supported by this model",
  "not allowed % was unexpected",
};

typedef struct
{
  const char *name; /* interned */
  GPtrArray *edits;
  char **errors; /* normalized, with a space at each end */
  const char *opposite;
  gboolean safe;
} Adaptation;

static Adaptation known[MAX_ADAPTATIONS];
static guint n_known;
static GArray *servers;

/* Reading the table */

static void
add_phrases (GPtrArray *errors, const char *member)
{
  for (guint i = 0; i < G_N_ELEMENTS (phrases); i++)
    {
      const char *gap = strchr (phrases[i], '%');

      g_ptr_array_add (errors, g_strdup_printf (" %.*s%s%s ", (int) (gap - phrases[i]), phrases[i], member, gap + 1));
    }
}

static char **
read_errors (GKeyFile *file, const char *group)
{
  g_auto(GStrv) members = g_key_file_get_string_list (file, group, "members", NULL, NULL);
  g_auto(GStrv) texts = g_key_file_get_string_list (file, group, "phrases", NULL, NULL);
  GPtrArray *errors = g_ptr_array_new ();

  for (guint i = 0; members != NULL && members[i] != NULL; i++)
    add_phrases (errors, members[i]);
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    g_ptr_array_add (errors, g_strdup_printf (" %s ", texts[i]));
  g_ptr_array_add (errors, NULL);

  return (char **) g_ptr_array_free (errors, FALSE);
}

static void
read_adaptation (GKeyFile *file, const char *group, const char *name)
{
  Adaptation *read = &known[n_known++];
  g_autofree char *opposite = g_key_file_get_string (file, group, "opposite", NULL);

  read->name = g_intern_string (name);
  read->edits = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_request_edit_free);
  oai_request_edits_read (read->edits, file, group, OAI_REQUEST_EDITS_MAX, NULL);
  read->errors = read_errors (file, group);
  read->opposite = g_intern_string (opposite);
  read->safe = g_key_file_get_boolean (file, group, "safe", NULL);
}

static OaiAdaptations
find_named (const char *name)
{
  for (guint i = 0; i < n_known; i++)
    if (g_strcmp0 (known[i].name, name) == 0)
      return 1u << i;

  return 0;
}

gboolean
oai_key_requirement_read (GKeyFile *file, const char *group, OaiKeyRequirement *requirement)
{
  g_autofree char *text = g_key_file_get_string (file, group, "key", NULL);

  *requirement = OAI_KEY_REQUIREMENT_UNKNOWN;
  if (g_strcmp0 (text, "required") == 0)
    *requirement = OAI_KEY_REQUIREMENT_REQUIRED;
  else if (g_strcmp0 (text, "none") == 0)
    *requirement = OAI_KEY_REQUIREMENT_NONE;
  else
    return text == NULL;

  return TRUE;
}

static void
read_server (GKeyFile *file, const char *group, const char *name)
{
  g_auto(GStrv) names = g_key_file_get_string_list (file, group, "adaptations", NULL, NULL);
  OaiKnownServer read = { .name = g_strdup (name) };

  read.hosts = g_key_file_get_string_list (file, group, "hosts", NULL, NULL);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    read.adaptations |= find_named (names[i]);
  oai_key_requirement_read (file, group, &read.key);
  read.lacks = g_key_file_get_string_list (file, group, "lacks", NULL, NULL);
  read.only_safe = g_key_file_get_boolean (file, group, "only-safe", NULL);
  g_array_append_val (servers, read);
}

/* The table is part of the library, so it has no errors. */
static void
read_table (void)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_auto(GStrv) groups = NULL;

  servers = g_array_new (FALSE, FALSE, sizeof (OaiKnownServer));
  g_key_file_load_from_data (file, server_profiles, strlen (server_profiles), G_KEY_FILE_NONE, NULL);
  groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    if (g_str_has_prefix (groups[i], "adaptation ") && n_known < MAX_ADAPTATIONS)
      read_adaptation (file, groups[i], groups[i] + strlen ("adaptation "));
  for (guint i = 0; groups[i] != NULL; i++)
    if (g_str_has_prefix (groups[i], "server "))
      read_server (file, groups[i], groups[i] + strlen ("server "));
}

static void
load (void)
{
  static gsize loaded;

  if (g_once_init_enter (&loaded))
    {
      read_table ();
      g_once_init_leave (&loaded, 1);
    }
}

/* Servers */

/* length: without a dot at the end, which a complete name may have. */
static gboolean
matches (const char *listed, const char *host, gsize length)
{
  gsize listed_length = strlen (listed);

  if (length < listed_length || (length > listed_length && *listed != '.'))
    return FALSE;

  return g_ascii_strncasecmp (host + length - listed_length, listed, listed_length) == 0;
}

static gboolean
has_host (const OaiKnownServer *server, const char *host)
{
  gsize length = strlen (host);

  if (length > 0 && host[length - 1] == '.')
    length--;
  for (guint i = 0; server->hosts != NULL && server->hosts[i] != NULL; i++)
    if (matches (server->hosts[i], host, length))
      return TRUE;

  return FALSE;
}

const OaiKnownServer *
oai_known_server_find (const char *name)
{
  load ();
  for (guint i = 0; i < servers->len; i++)
    if (g_strcmp0 (g_array_index (servers, OaiKnownServer, i).name, name) == 0)
      return &g_array_index (servers, OaiKnownServer, i);

  return NULL;
}

const OaiKnownServer *
oai_known_server_find_host (const char *host)
{
  load ();
  for (guint i = 0; host != NULL && i < servers->len; i++)
    {
      const OaiKnownServer *server = &g_array_index (servers, OaiKnownServer, i);

      if (has_host (server, host))
        return server;
    }

  return NULL;
}

OaiAdaptations
oai_adaptations_find_named (const char *name)
{
  load ();

  return find_named (name);
}

OaiAdaptations
oai_adaptations_for_host (const char *host)
{
  const OaiKnownServer *server = oai_known_server_find_host (host);

  return server != NULL ? server->adaptations : 0;
}

OaiAdaptations
oai_adaptations_get_allowed (const char *host, gboolean only_safe)
{
  const OaiKnownServer *server = oai_known_server_find_host (host);
  OaiAdaptations allowed = 0;

  only_safe = only_safe || (server != NULL && server->only_safe);
  for (guint i = 0; i < n_known; i++)
    if (known[i].safe || !only_safe)
      allowed |= 1u << i;

  return allowed;
}

/* Errors */

/* Lower case, with a space in place of all characters but letters, digits and underscores, and at each end. */
static char *
normalize (const char *text)
{
  GString *plain = g_string_new (" ");

  for (gsize i = 0; i < MAX_ERROR && text[i] != '\0'; i++)
    if (g_ascii_isalnum (text[i]) || text[i] == '_')
      g_string_append_c (plain, g_ascii_tolower (text[i]));
    else if (plain->str[plain->len - 1] != ' ')
      g_string_append_c (plain, ' ');
  if (plain->str[plain->len - 1] != ' ')
    g_string_append_c (plain, ' ');

  return g_string_free (plain, FALSE);
}

static gboolean
is_recognized (const Adaptation *adaptation, const char *plain)
{
  for (guint i = 0; adaptation->errors[i] != NULL; i++)
    if (strstr (plain, adaptation->errors[i]) != NULL)
      return TRUE;

  return FALSE;
}

OaiAdaptations
oai_adaptations_recognize (const char *error)
{
  g_autofree char *plain = normalize (error);
  OaiAdaptations recognized = 0;

  load ();
  for (guint i = 0; i < n_known; i++)
    if (is_recognized (&known[i], plain))
      recognized |= 1u << i;

  return recognized;
}

OaiAdaptations
oai_adaptations_add (OaiAdaptations self, OaiAdaptations learned)
{
  for (guint i = 0; i < n_known; i++)
    if ((learned & (1u << i)) != 0 && known[i].opposite != NULL)
      self &= ~find_named (known[i].opposite);

  return self | learned;
}

/* Requests */

GBytes *
oai_adaptations_apply (OaiAdaptations self, GBytes *body, OaiAdaptations *made)
{
  GBytes *changed = NULL;

  *made = 0;
  load ();
  for (guint i = 0; i < n_known; i++)
    {
      GBytes *edited = (self & (1u << i)) != 0 ? oai_request_edits_apply (known[i].edits, changed != NULL ? changed : body) : NULL;

      if (edited == NULL)
        continue;

      g_clear_pointer (&changed, g_bytes_unref);
      changed = edited;
      *made |= 1u << i;
    }

  return changed;
}

void
oai_adaptations_append_names (OaiAdaptations self, GPtrArray *names)
{
  for (guint i = 0; i < n_known; i++)
    if ((self & (1u << i)) != 0)
      g_ptr_array_add (names, (gpointer) known[i].name);
}
