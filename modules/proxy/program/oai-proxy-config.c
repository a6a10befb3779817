/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-config-private.h"

#include <math.h>
#include <string.h>

#include "oai-i18n-private.h"

#define MAX_SIZE (1024 * 1024)

typedef enum
{
  BOOLEAN,  /* gboolean */
  UINT,     /* guint */
  UINT64,   /* guint64 */
  DOLLARS,  /* double */
  DURATION, /* guint, milliseconds */
  SIZE,     /* guint64, bytes */
  MODE,     /* guint, octal */
  TEXT,     /* char * */
  PATH,     /* char *, absolute */
  LIST,     /* char ** */
  CHOICE    /* char *, one of choices */
} Type;

typedef struct
{
  const char *name;
  Type type;
  gsize offset;
  gint64 min;
  gint64 max;
  const char *choices; /* separated by spaces */
} Key;

/* Groups with a name have a structure each, which begins with its name and its line. */
typedef struct
{
  const char *kind;
  const Key *keys; /* ends with a key without a name; NULL if keys are free */
  gsize size;      /* of the structure of a group with a name; 0 for groups without a name */
  gsize offset;    /* in OaiProxyConfig: of the array, or of the line */
} Kind;

typedef struct
{
  const char *name;
  guint line;
} Named;

#define PROXY(member) offsetof (OaiProxyConfig, member)
#define LISTEN(member) offsetof (OaiConfigListen, member)
#define UPSTREAM(member) offsetof (OaiConfigUpstream, member)
#define IDENTITY(member) offsetof (OaiConfigIdentity, member)
#define LIMITS(member) offsetof (OaiConfigLimits, member)
#define MAX_DURATION (7 * 24 * 60 * 60 * G_GINT64_CONSTANT (1000))

static const Key proxy_keys[] = {
  { "prefix", TEXT, PROXY (prefix), 0, 0, NULL },
  { "allow-anonymous", BOOLEAN, PROXY (allow_anonymous), 0, 0, NULL },
  { "workers", UINT, PROXY (workers), 1, 256, NULL },
  { "shutdown-timeout", DURATION, PROXY (shutdown_timeout_ms), 0, MAX_DURATION, NULL },
  { "max-connections", UINT, PROXY (max_connections), 0, 1000000, NULL },
  { "max-connections-per-address", UINT, PROXY (max_connections_per_address), 0, 1000000, NULL },
  { "handshake-timeout", DURATION, PROXY (handshake_timeout_ms), 100, MAX_DURATION, NULL },
  { "head-timeout", DURATION, PROXY (head_timeout_ms), 100, MAX_DURATION, NULL },
  { "idle-timeout", DURATION, PROXY (idle_timeout_ms), 100, MAX_DURATION, NULL },
  { "body-timeout", DURATION, PROXY (body_timeout_ms), 100, MAX_DURATION, NULL },
  { "write-timeout", DURATION, PROXY (write_timeout_ms), 100, MAX_DURATION, NULL },
  { "max-requests", UINT, PROXY (max_requests), 0, G_MAXUINT, NULL },
  { "max-body-size", SIZE, PROXY (max_body_size), 0, G_MAXINT64, NULL },
  { "spool-directory", PATH, PROXY (spool_directory), 0, 0, NULL },
  { NULL }
};

static const Key listen_keys[] = {
  { "address", TEXT, LISTEN (address), 0, 0, NULL },
  { "unix", PATH, LISTEN (unix_path), 0, 0, NULL },
  { "systemd", TEXT, LISTEN (systemd), 0, 0, NULL },
  { "mode", MODE, LISTEN (mode), 0, 0777, NULL },
  { "tls", BOOLEAN, LISTEN (tls), 0, 0, NULL },
  { NULL }
};

static const Key tls_keys[] = {
  { "certificate", PATH, PROXY (certificate), 0, 0, NULL },
  { "key", PATH, PROXY (key), 0, 0, NULL },
  { "client-ca", PATH, PROXY (client_ca), 0, 0, NULL },
  { "client-certificates", CHOICE, PROXY (client_certificates), 0, 0, "optional required" },
  { NULL }
};

static const Key upstream_keys[] = {
  { "base-url", TEXT, UPSTREAM (base_url), 0, 0, NULL },
  { "azure-endpoint", TEXT, UPSTREAM (azure_endpoint), 0, 0, NULL },
  { "deployment", TEXT, UPSTREAM (deployment), 0, 0, NULL },
  { "api-version", TEXT, UPSTREAM (api_version), 0, 0, NULL },
  { "active-directory", BOOLEAN, UPSTREAM (active_directory), 0, 0, NULL },
  { "key-file", PATH, UPSTREAM (key_file), 0, 0, NULL },
  { "key-credential", TEXT, UPSTREAM (key_credential), 0, 0, NULL },
  { "key-environment", TEXT, UPSTREAM (key_environment), 0, 0, NULL },
  { "no-key", BOOLEAN, UPSTREAM (no_key), 0, 0, NULL },
  { "organization", TEXT, UPSTREAM (organization), 0, 0, NULL },
  { "project", TEXT, UPSTREAM (project), 0, 0, NULL },
  { "models", LIST, UPSTREAM (models), 0, 0, NULL },
  { "priority", UINT, UPSTREAM (priority), 0, 1000, NULL },
  { "weight", UINT, UPSTREAM (weight), 0, 1000, NULL },
  { "max-concurrent", UINT, UPSTREAM (max_concurrent), 0, 1000000, NULL },
  { "connect-timeout", DURATION, UPSTREAM (connect_timeout_ms), 100, MAX_DURATION, NULL },
  { "idle-timeout", DURATION, UPSTREAM (idle_timeout_ms), 0, MAX_DURATION, NULL },
  { "timeout", DURATION, UPSTREAM (timeout_ms), 0, MAX_DURATION, NULL },
  { "allow-insecure-http", BOOLEAN, UPSTREAM (allow_insecure_http), 0, 0, NULL },
  { NULL }
};

static const Key identity_keys[] = {
  { "type", CHOICE, IDENTITY (type), 0, 0, "tokens issuer command openid certificates peers" },
  { "file", PATH, IDENTITY (file), 0, 0, NULL },
  { "file-credential", TEXT, IDENTITY (file_credential), 0, 0, NULL },
  { "command", LIST, IDENTITY (command), 0, 0, NULL },
  { "timeout", DURATION, IDENTITY (timeout_ms), 10, MAX_DURATION, NULL },
  { "max-processes", UINT, IDENTITY (max_processes), 1, 10000, NULL },
  { "cache", DURATION, IDENTITY (cache_ms), 0, MAX_DURATION, NULL },
  { "issuer", TEXT, IDENTITY (issuer), 0, 0, NULL },
  { "audience", LIST, IDENTITY (audience), 0, 0, NULL },
  { "identity-claim", TEXT, IDENTITY (identity_claim), 0, 0, NULL },
  { "identity-prefix", TEXT, IDENTITY (identity_prefix), 0, 0, NULL },
  { "limits-claim", TEXT, IDENTITY (limits_claim), 0, 0, NULL },
  { "required-scope", TEXT, IDENTITY (required_scope), 0, 0, NULL },
  { "limits", TEXT, IDENTITY (limits), 0, 0, NULL },
  { "map", LIST, IDENTITY (map), 0, 0, NULL },
  { NULL }
};

static const Key limits_keys[] = {
  { "requests-per-minute", UINT, LIMITS (requests_per_minute), 0, G_MAXUINT, NULL },
  { "requests-per-day", UINT, LIMITS (requests_per_day), 0, G_MAXUINT, NULL },
  { "tokens-per-minute", UINT64, LIMITS (tokens_per_minute), 0, G_MAXINT64, NULL },
  { "tokens-per-day", UINT64, LIMITS (tokens_per_day), 0, G_MAXINT64, NULL },
  { "cost-per-day", DOLLARS, LIMITS (cost_per_day), 0, 0, NULL },
  { "cost-per-month", DOLLARS, LIMITS (cost_per_month), 0, 0, NULL },
  { "max-streams", UINT, LIMITS (max_streams), 0, G_MAXUINT, NULL },
  { "max-body-size", SIZE, LIMITS (max_body_size), 0, G_MAXINT64, NULL },
  { "allowed-models", LIST, LIMITS (allowed_models), 0, 0, NULL },
  { "allowed-operations", LIST, LIMITS (allowed_operations), 0, 0, NULL },
  { NULL }
};

static const Key usage_keys[] = {
  { "database", TEXT, PROXY (usage_database), 0, 0, NULL },
  { NULL }
};

static const Key metrics_keys[] = {
  { "address", TEXT, PROXY (metrics_address), 0, 0, NULL },
  { NULL }
};

static const Key redis_keys[] = {
  { "url", TEXT, PROXY (redis_url), 0, 0, NULL },
  { "password-file", PATH, PROXY (redis_password_file), 0, 0, NULL },
  { "password-credential", TEXT, PROXY (redis_password_credential), 0, 0, NULL },
  { "ca-file", PATH, PROXY (redis_ca_file), 0, 0, NULL },
  { "prefix", TEXT, PROXY (redis_prefix), 0, 0, NULL },
  { "hash-identities", BOOLEAN, PROXY (redis_hash_identities), 0, 0, NULL },
  { "timeout", DURATION, PROXY (redis_timeout_ms), 10, 60000, NULL },
  { "when-unavailable", CHOICE, PROXY (redis_when_unavailable), 0, 0, "refuse local allow" },
  { NULL }
};

static const Key log_keys[] = {
  { "level", CHOICE, PROXY (log_level), 0, 0, "warning message info debug" },
  { "access", TEXT, PROXY (access_log), 0, 0, NULL },
  { NULL }
};

static const Kind kinds[] = {
  { "proxy", proxy_keys, 0, 0 },
  { "listen", listen_keys, sizeof (OaiConfigListen), PROXY (listens) },
  { "tls", tls_keys, 0, PROXY (tls_line) },
  { "upstream", upstream_keys, sizeof (OaiConfigUpstream), PROXY (upstreams) },
  { "identity", identity_keys, sizeof (OaiConfigIdentity), PROXY (identities) },
  { "limits", limits_keys, sizeof (OaiConfigLimits), PROXY (limits) },
  { "usage", usage_keys, 0, PROXY (usage_line) },
  { "metrics", metrics_keys, 0, PROXY (metrics_line) },
  { "redis", redis_keys, 0, PROXY (redis_line) },
  { "log", log_keys, 0, PROXY (log_line) },
  { "prices", NULL, 0, 0 },
};

static gboolean
parse_boolean (const char *text, gboolean *value)
{
  *value = g_str_equal (text, "true") || g_str_equal (text, "yes");

  return *value || g_str_equal (text, "false") || g_str_equal (text, "no");
}

/* The number may have one of the units, which are "NAME", and end with an empty one without a factor. */
typedef struct
{
  const char *name;
  gint64 factor;
} Unit;

static gboolean
parse_with_unit (const char *text, const Unit *units, gint64 *value)
{
  gsize digits = strspn (text, "0123456789");
  g_autofree char *number = g_strndup (text, digits);
  const char *unit = text + digits + strspn (text + digits, " ");
  guint64 amount;

  if (!g_ascii_string_to_unsigned (number, 10, 0, G_MAXINT64, &amount, NULL))
    return FALSE;

  for (guint i = 0; units[i].name != NULL; i++)
    if (strcmp (unit, units[i].name) == 0 && amount <= (guint64) (G_MAXINT64 / units[i].factor))
      {
        *value = (gint64) amount * units[i].factor;
        return TRUE;
      }

  return FALSE;
}

static gboolean
parse_number (const char *text, Type type, gint64 *value)
{
  static const Unit none[] = { { "", 1 }, { NULL, 0 } };
  static const Unit durations[] = { { "ms", 1 }, { "s", 1000 }, { "", 1000 }, { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { NULL, 0 } };
  static const Unit sizes[] = { { "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { NULL, 0 } };
  guint64 octal;

  if (type == MODE)
    {
      if (!g_ascii_isdigit (*text) || !g_ascii_string_to_unsigned (text, 8, 0, 07777, &octal, NULL))
        return FALSE;
      *value = (gint64) octal;
      return TRUE;
    }

  return parse_with_unit (text, type == DURATION ? durations : type == SIZE ? sizes : none, value);
}

static gboolean
parse_dollars (const char *text, double *value)
{
  char *end;

  *value = g_ascii_strtod (text, &end);

  return end != text && *end == '\0' && (g_ascii_isdigit (*text) || *text == '.') && isfinite (*value) && *value >= 0 && strpbrk (text, "xXpP") == NULL;
}

static char **
parse_list (const char *text)
{
  g_auto(GStrv) parts = g_strsplit (text, ";", -1);
  g_autoptr(GPtrArray) list = g_ptr_array_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_strstrip (parts[i]);
      if (*parts[i] != '\0')
        g_ptr_array_add (list, g_strdup (parts[i]));
    }
  g_ptr_array_add (list, NULL);

  return (char **) g_ptr_array_free (g_steal_pointer (&list), FALSE);
}

static gboolean
is_choice (const char *choices, const char *text)
{
  g_auto(GStrv) names = g_strsplit (choices, " ", -1);

  return g_strv_contains ((const char *const *) names, text);
}

static char *
make_absolute (OaiProxyConfig *self, const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (self->path, NULL);
  g_autofree char *directory = g_path_get_dirname (absolute);

  return g_canonicalize_filename (path, directory);
}

static void
report_number (const Key *key, OaiConfigEntry *entry, OaiConfigProblems *problems)
{
  switch (key->type)
    {
    case DURATION:
      /* Translators: %s is a key. The units are not translated. */
      oai_config_problems_add (problems, entry->line, _("“%s” is not a valid duration. Use a number of seconds, or one with “ms”, “s”, “min”, “h” or “d”."), key->name);
      break;
    case SIZE:
      /* Translators: %s is a key. */
      oai_config_problems_add (problems, entry->line, _("“%s” is not a valid size. Use a number of bytes, or one with “K”, “M” or “G”."), key->name);
      break;
    case MODE:
      /* Translators: %s is a key. */
      oai_config_problems_add (problems, entry->line, _("“%s” is not a valid mode. Use an octal number like “0660”."), key->name);
      break;
    default:
      /* Translators: %s is a key. */
      oai_config_problems_add (problems, entry->line, _("“%s” is not a valid number."), key->name);
      break;
    }
}

static void
set_number (gpointer field, const Key *key, OaiConfigEntry *entry, OaiConfigProblems *problems)
{
  gint64 value;

  if (!parse_number (entry->value, key->type, &value))
    report_number (key, entry, problems);
  else if (value < key->min || value > key->max)
    /* Translators: %s is a key. */
    oai_config_problems_add (problems, entry->line, _("“%s” is out of range."), key->name);
  else if (key->type == SIZE || key->type == UINT64)
    *(guint64 *) field = (guint64) value;
  else
    *(guint *) field = (guint) value;
}

static void
set_text (OaiProxyConfig *self, char **field, const Key *key, OaiConfigEntry *entry, OaiConfigProblems *problems)
{
  if (*entry->value == '\0')
    /* Translators: %s is a key. */
    oai_config_problems_add (problems, entry->line, _("“%s” has no value."), key->name);
  else if (key->type == CHOICE && !is_choice (key->choices, entry->value))
    /* Translators: the first %s is a key, the second one lists words. */
    oai_config_problems_add (problems, entry->line, _("“%s” is not one of: %s."), key->name, key->choices);
  else
    *field = key->type == PATH ? make_absolute (self, entry->value) : g_strdup (entry->value);
}

static void
set_value (OaiProxyConfig *self, gpointer structure, const Key *key, OaiConfigEntry *entry, OaiConfigProblems *problems)
{
  gpointer field = (guint8 *) structure + key->offset;

  switch (key->type)
    {
    case BOOLEAN:
      if (!parse_boolean (entry->value, field))
        /* Translators: %s is a key. */
        oai_config_problems_add (problems, entry->line, _("“%s” is neither “true” nor “false”."), key->name);
      break;
    case DOLLARS:
      if (!parse_dollars (entry->value, field))
        {
          *(double *) field = 0;
          /* Translators: %s is a key. */
          oai_config_problems_add (problems, entry->line, _("“%s” is not a valid number of dollars."), key->name);
        }
      break;
    case LIST:
      *(char ***) field = parse_list (entry->value);
      break;
    case UINT:
    case UINT64:
    case DURATION:
    case SIZE:
    case MODE:
      set_number (field, key, entry, problems);
      break;
    default:
      set_text (self, field, key, entry, problems);
      break;
    }
}

static const Key *
find_key (const Key *keys, const char *name)
{
  for (; keys->name != NULL; keys++)
    if (strcmp (keys->name, name) == 0)
      return keys;

  return NULL;
}

static void
report_unknown_key (const Key *keys, OaiConfigGroup *group, OaiConfigEntry *entry, OaiConfigProblems *problems)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new ();
  const char *similar;

  for (; keys->name != NULL; keys++)
    g_ptr_array_add (names, (gpointer) keys->name);
  g_ptr_array_add (names, NULL);
  similar = oai_config_find_similar (entry->key, (const char *const *) names->pdata);
  if (similar != NULL)
    /* Translators: the first and the third %s are keys, the second one is the kind of a group. */
    oai_config_problems_add (problems, entry->line, _("“%s” is not a key of [%s]. Do you mean “%s”?"), entry->key, group->kind, similar);
  else
    /* Translators: the first %s is a key, the second one is the kind of a group. */
    oai_config_problems_add (problems, entry->line, _("“%s” is not a key of [%s]."), entry->key, group->kind);
}

static void
set_values (OaiProxyConfig *self, gpointer structure, const Key *keys, OaiConfigGroup *group, OaiConfigProblems *problems)
{
  for (guint i = 0; i < group->entries->len; i++)
    {
      OaiConfigEntry *entry = group->entries->pdata[i];
      const Key *key = find_key (keys, entry->key);

      if (key != NULL)
        set_value (self, structure, key, entry, problems);
      else
        report_unknown_key (keys, group, entry, problems);
    }
}

static void
report_unknown_group (OaiConfigGroup *group, OaiConfigProblems *problems)
{
  const char *names[G_N_ELEMENTS (kinds) + 1] = { NULL };
  const char *similar;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    names[i] = kinds[i].kind;
  similar = oai_config_find_similar (group->kind, names);
  if (similar != NULL)
    /* Translators: both are kinds of groups. */
    oai_config_problems_add (problems, group->line, _("There is no group [%s]. Do you mean [%s]?"), group->kind, similar);
  else
    /* Translators: %s is the kind of a group. */
    oai_config_problems_add (problems, group->line, _("There is no group [%s]."), group->kind);
}

static void
price_free (gpointer data)
{
  OaiConfigPrice *self = data;

  g_free (self->model);
  g_free (self);
}

/* MODEL = INPUT; OUTPUT or MODEL = INPUT; CACHED; OUTPUT */
static void
add_price (OaiProxyConfig *self, OaiConfigEntry *entry, OaiConfigProblems *problems)
{
  g_auto(GStrv) list = parse_list (entry->value);
  guint n = g_strv_length (list);
  OaiConfigPrice *price;
  double numbers[3];
  gboolean valid = n == 2 || n == 3;

  for (guint i = 0; i < n && valid; i++)
    valid = parse_dollars (list[i], &numbers[i]);
  if (!valid)
    {
      oai_config_problems_add (problems, entry->line, _("A price is “MODEL = INPUT; OUTPUT” or “MODEL = INPUT; CACHED INPUT; OUTPUT”, in dollars for a million tokens."));
      return;
    }

  price = g_new0 (OaiConfigPrice, 1);
  price->model = g_strdup (entry->key);
  price->line = entry->line;
  price->input = numbers[0];
  price->cached_input = numbers[n - 2];
  price->output = numbers[n - 1];
  g_ptr_array_add (self->prices, price);
}

static void
set_defaults (OaiProxyConfig *self)
{
  self->workers = 1;
  self->shutdown_timeout_ms = 30000;
  self->max_connections = 10000;
  self->handshake_timeout_ms = 10000;
  self->head_timeout_ms = 10000;
  self->idle_timeout_ms = 75000;
  self->body_timeout_ms = 30000;
  self->write_timeout_ms = 60000;
  self->max_body_size = 512 * 1024 * 1024;
}

static gpointer
create_structure (const Kind *kind, OaiConfigGroup *group)
{
  Named *named = g_malloc0 (kind->size);

  named->name = group->name;
  named->line = group->line;
  if (kind->keys == listen_keys)
    ((OaiConfigListen *) named)->mode = 0660;
  if (kind->keys == upstream_keys)
    {
      ((OaiConfigUpstream *) named)->weight = 1;
      ((OaiConfigUpstream *) named)->connect_timeout_ms = 10000;
    }

  return named;
}

static void
read_named (OaiProxyConfig *self, const Kind *kind, OaiConfigGroup *group, OaiConfigProblems *problems)
{
  gpointer structure;

  if (group->name == NULL)
    {
      /* Translators: both %s are the kind of a group. */
      oai_config_problems_add (problems, group->line, _("The group [%s] requires a name: [%s NAME]."), kind->kind, kind->kind);
      group->name = g_strdup ("");
    }

  structure = create_structure (kind, group);
  g_ptr_array_add (G_STRUCT_MEMBER (GPtrArray *, self, kind->offset), structure);
  set_values (self, structure, kind->keys, group, problems);
}

static void
read_group (OaiProxyConfig *self, OaiConfigGroup *group, OaiConfigProblems *problems)
{
  const Kind *kind = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (kinds) && kind == NULL; i++)
    if (strcmp (kinds[i].kind, group->kind) == 0)
      kind = &kinds[i];
  if (kind == NULL)
    {
      report_unknown_group (group, problems);
      return;
    }
  if (kind->size > 0)
    {
      read_named (self, kind, group, problems);
      return;
    }

  if (group->name != NULL)
    /* Translators: %s is the kind of a group. */
    oai_config_problems_add (problems, group->line, _("The group [%s] has no name."), kind->kind);
  if (kind->offset > 0)
    G_STRUCT_MEMBER (guint, self, kind->offset) = group->line;
  if (kind->keys != NULL)
    set_values (self, self, kind->keys, group, problems);
  else
    for (guint i = 0; i < group->entries->len; i++)
      add_price (self, group->entries->pdata[i], problems);
}

static void
clear_values (gpointer structure, const Key *keys)
{
  for (; keys->name != NULL; keys++)
    {
      gpointer field = (guint8 *) structure + keys->offset;

      if (keys->type == LIST)
        g_clear_pointer ((char ***) field, g_strfreev);
      else if (keys->type == TEXT || keys->type == PATH || keys->type == CHOICE)
        g_clear_pointer ((char **) field, g_free);
    }
}

static void
listen_free (gpointer data)
{
  clear_values (data, listen_keys);
  g_free (data);
}

static void
upstream_free (gpointer data)
{
  clear_values (data, upstream_keys);
  g_free (data);
}

static void
identity_free (gpointer data)
{
  clear_values (data, identity_keys);
  g_free (data);
}

static void
limits_free (gpointer data)
{
  clear_values (data, limits_keys);
  g_free (data);
}

/* Exactly one of the keys has to be set. */
static void
check_one (OaiConfigProblems *problems, guint line, guint n_set, const char *names)
{
  if (n_set == 0)
    /* Translators: %s lists keys. */
    oai_config_problems_add (problems, line, _("One of these keys is required: %s."), names);
  else if (n_set > 1)
    /* Translators: %s lists keys. */
    oai_config_problems_add (problems, line, _("Only one of these keys can be set: %s."), names);
}

static void
check_listens (OaiProxyConfig *self, OaiConfigProblems *problems)
{
  if (self->listens->len == 0)
    oai_config_problems_add (problems, 0, _("There is no group [listen NAME], so the proxy would not listen."));

  for (guint i = 0; i < self->listens->len; i++)
    {
      OaiConfigListen *listen = self->listens->pdata[i];

      check_one (problems, listen->line, (listen->address != NULL) + (listen->unix_path != NULL) + (listen->systemd != NULL), "address, unix, systemd");
      if (listen->tls && listen->unix_path != NULL)
        oai_config_problems_add (problems, listen->line, _("“tls” is not supported with “unix”."));
      if (listen->tls && self->certificate == NULL)
        oai_config_problems_add (problems, listen->line, _("“tls” requires “certificate” in [tls]."));
    }
}

static void
check_upstreams (OaiProxyConfig *self, OaiConfigProblems *problems)
{
  if (self->upstreams->len == 0)
    oai_config_problems_add (problems, 0, _("There is no group [upstream NAME], so the proxy has no server to forward requests to."));

  for (guint i = 0; i < self->upstreams->len; i++)
    {
      OaiConfigUpstream *upstream = self->upstreams->pdata[i];

      check_one (problems, upstream->line, (upstream->base_url != NULL) + (upstream->azure_endpoint != NULL), "base-url, azure-endpoint");
      check_one (problems, upstream->line,
                 (upstream->key_file != NULL) + (upstream->key_credential != NULL) + (upstream->key_environment != NULL) + upstream->no_key,
                 "key-file, key-credential, key-environment, no-key");
      if (upstream->azure_endpoint == NULL && (upstream->deployment != NULL || upstream->active_directory))
        oai_config_problems_add (problems, upstream->line, _("“deployment” and “active-directory” require “azure-endpoint”."));
    }
}

static void
check_limits_name (OaiProxyConfig *self, const char *name, guint line, OaiConfigProblems *problems)
{
  if (name != NULL && oai_proxy_config_find_limits (self, name) == NULL)
    /* Translators: %s is the name of limits. */
    oai_config_problems_add (problems, line, _("There is no group [limits %s]."), name);
}

static gboolean
has_file (OaiConfigIdentity *identity)
{
  return g_str_equal (identity->type, "tokens") || g_str_equal (identity->type, "issuer");
}

static void
check_identity (OaiProxyConfig *self, OaiConfigIdentity *identity, OaiConfigProblems *problems)
{
  check_limits_name (self, identity->limits, identity->line, problems);
  if (identity->type == NULL)
    oai_config_problems_add (problems, identity->line, _("“type” is required."));
  else if (has_file (identity) && identity->file == NULL)
    oai_config_problems_add (problems, identity->line, _("“file” is required."));
  else if (g_str_equal (identity->type, "command") && (identity->command == NULL || *identity->command == NULL))
    oai_config_problems_add (problems, identity->line, _("“command” is required."));
  else if (g_str_equal (identity->type, "openid") && (identity->issuer == NULL || identity->audience == NULL || *identity->audience == NULL))
    oai_config_problems_add (problems, identity->line, _("“issuer” and “audience” are required."));
}

static void
check_identities (OaiProxyConfig *self, OaiConfigProblems *problems)
{
  if (self->identities->len == 0 && !self->allow_anonymous)
    oai_config_problems_add (problems, 0, _("There is no group [identity NAME], so no client could use the proxy."));
  for (guint i = 0; i < self->identities->len; i++)
    check_identity (self, self->identities->pdata[i], problems);
}

static void
check_groups (OaiProxyConfig *self, OaiConfigProblems *problems)
{
  check_listens (self, problems);
  check_upstreams (self, problems);
  check_identities (self, problems);
  if (self->client_certificates != NULL && self->client_ca == NULL)
    oai_config_problems_add (problems, self->tls_line, _("“client-certificates” requires “client-ca”."));
  if (self->redis_line > 0 && self->redis_url == NULL)
    oai_config_problems_add (problems, self->redis_line, _("“url” is required."));
}

OaiProxyConfig *
oai_proxy_config_parse (const char *text, OaiConfigProblems *problems, const char *path)
{
  OaiProxyConfig *self = g_new0 (OaiProxyConfig, 1);

  set_defaults (self);
  self->path = g_strdup (path);
  self->listens = g_ptr_array_new_with_free_func (listen_free);
  self->upstreams = g_ptr_array_new_with_free_func (upstream_free);
  self->identities = g_ptr_array_new_with_free_func (identity_free);
  self->limits = g_ptr_array_new_with_free_func (limits_free);
  self->prices = g_ptr_array_new_with_free_func (price_free);
  self->groups = oai_config_file_parse (text, problems);
  for (guint i = 0; i < self->groups->len; i++)
    read_group (self, self->groups->pdata[i], problems);
  check_groups (self, problems);

  return self;
}

OaiProxyConfig *
oai_proxy_config_load (const char *path, OaiConfigProblems *problems)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &error))
    {
      oai_config_problems_add (problems, 0, "%s", error->message);
      return NULL;
    }
  if (length > MAX_SIZE || memchr (text, '\0', length) != NULL)
    {
      oai_config_problems_add (problems, 0, _("The file is not a configuration of the proxy."));
      return NULL;
    }

  return oai_proxy_config_parse (text, problems, path);
}

void
oai_proxy_config_free (OaiProxyConfig *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].size == 0 && kinds[i].keys != NULL)
      clear_values (self, kinds[i].keys);
  g_ptr_array_unref (self->listens);
  g_ptr_array_unref (self->upstreams);
  g_ptr_array_unref (self->identities);
  g_ptr_array_unref (self->limits);
  g_ptr_array_unref (self->prices);
  g_ptr_array_unref (self->groups);
  g_free (self->path);
  g_free (self);
}

OaiConfigLimits *
oai_proxy_config_find_limits (OaiProxyConfig *self, const char *name)
{
  for (guint i = 0; i < self->limits->len; i++)
    {
      OaiConfigLimits *limits = self->limits->pdata[i];

      if (strcmp (limits->name, name) == 0)
        return limits;
    }

  return NULL;
}
