/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-key-file-private.h"

#include "oai-checked-file-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-wipe-private.h"

#include <errno.h>
#include <string.h>

#define MAX_SIZE (64 * 1024)
#define BYTE_ORDER_MARK "\357\273\277"
#define OTHERS_READ 0044
#define OTHERS_WRITE 0022

typedef enum
{
  FIELD_API_KEY,
  FIELD_ADMIN_KEY,
  FIELD_ORGANIZATION,
  FIELD_PROJECT
} Field;

/* In lower case and without "_" and "-": "apiKey", "api_key" and "API_KEY" are the same name. */
static const struct
{
  const char *name;
  Field field;
} names[] = {
  { "apikey", FIELD_API_KEY },
  { "key", FIELD_API_KEY },
  { "openaikey", FIELD_API_KEY },
  { "openaiapikey", FIELD_API_KEY },
  { "openaisecretkey", FIELD_API_KEY },
  { "secretkey", FIELD_API_KEY },
  { "testopenaisecretkey", FIELD_API_KEY },
  { "adminkey", FIELD_ADMIN_KEY },
  { "adminapikey", FIELD_ADMIN_KEY },
  { "openaiadminkey", FIELD_ADMIN_KEY },
  { "org", FIELD_ORGANIZATION },
  { "orgid", FIELD_ORGANIZATION },
  { "organization", FIELD_ORGANIZATION },
  { "organizationid", FIELD_ORGANIZATION },
  { "openaiorg", FIELD_ORGANIZATION },
  { "openaiorgid", FIELD_ORGANIZATION },
  { "openaiorganization", FIELD_ORGANIZATION },
  { "openaiorganizationid", FIELD_ORGANIZATION },
  { "project", FIELD_PROJECT },
  { "projectid", FIELD_PROJECT },
  { "openaiproject", FIELD_PROJECT },
  { "openaiprojectid", FIELD_PROJECT },
};

static gboolean
names_match (const char *name, gsize length, const char *plain)
{
  for (gsize i = 0; i < length; i++)
    {
      if (name[i] == '_' || name[i] == '-')
        continue;
      if (*plain == '\0' || g_ascii_tolower (name[i]) != *plain)
        return FALSE;
      plain++;
    }

  return *plain == '\0';
}

static gboolean
find_field (const char *name, gsize length, Field *field)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (names_match (name, length, names[i].name))
        {
          *field = names[i].field;
          return TRUE;
        }
    }

  return FALSE;
}

static void
replace (OaiCredentials *credentials, char **location, const char *value)
{
  if (*location != NULL && strcmp (*location, value) != 0)
    credentials->has_others = TRUE;
  oai_secret_free (*location);
  *location = g_strdup (value);
}

/* Organization and project are properties, which have to be valid UTF-8. */
static void
replace_text (OaiCredentials *credentials, char **location, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  replace (credentials, location, valid);
}

/* Blank values are ignored; a later value replaces an earlier one. */
static void
set_field (OaiCredentials *credentials, Field field, char *value)
{
  g_strstrip (value);
  if (*value == '\0')
    return;

  switch (field)
    {
    case FIELD_API_KEY:
      replace (credentials, &credentials->api_key, value);
      break;
    case FIELD_ADMIN_KEY:
      replace (credentials, &credentials->admin_key, value);
      break;
    case FIELD_ORGANIZATION:
      replace_text (credentials, &credentials->organization, value);
      break;
    case FIELD_PROJECT:
      replace_text (credentials, &credentials->project, value);
      break;
    }
}

/* The message of the JSON parser is not used, since it could quote the file. */
static gboolean
parse_json (char *text, gsize length, OaiCredentials *credentials, GError **error)
{
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new ();
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;

  if (!oai_json_doc_parse (doc, text, length, OAI_JSON_STRICT, NULL))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("It begins like JSON, but is not valid JSON"));
      return FALSE;
    }

  oai_json_iter_init_members (&iter, doc, 0);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      const char *string = oai_json_get_string (doc, value, NULL);
      oai_autosecret char *copy = g_strdup (string);
      Field field;

      if (copy != NULL && find_field (name, strlen (name), &field))
        set_field (credentials, field, copy);
      else
        credentials->has_others = TRUE;
    }

  return TRUE;
}

/* Returns the text between matching quotes, or the text before a comment. */
static char *
clean_value (char *value)
{
  char *end;

  g_strstrip (value);

  if (*value == '"' || *value == '\'')
    {
      end = strchr (value + 1, *value);
      if (end != NULL)
        {
          const char *rest = end + 1 + strspn (end + 1, " \t;,");

          if (*rest == '\0' || *rest == '#')
            {
              *end = '\0';
              return value + 1;
            }
        }
    }

  for (char *c = value; *c != '\0'; c++)
    {
      if (*c == '#' && c > value && g_ascii_isspace (c[-1]))
        {
          *c = '\0';
          break;
        }
    }

  return value;
}

static void
parse_line (char *line, OaiCredentials *credentials)
{
  static const char export_word[] = "export";
  const gsize export_length = sizeof export_word - 1;
  gsize length;
  char *value;
  Field field;

  g_strstrip (line);
  if (*line == '\0' || *line == '#')
    return;
  if (strncmp (line, export_word, export_length) == 0 && g_ascii_isspace (line[export_length]))
    line += export_length + strspn (line + export_length, " \t");

  length = strcspn (line, "=:");
  if (line[length] == '\0')
    {
      credentials->has_others = TRUE;
      return;
    }

  value = line + length + 1;
  while (length > 0 && g_ascii_isspace (line[length - 1]))
    length--;

  if (find_field (line, length, &field))
    set_field (credentials, field, clean_value (value));
  else
    credentials->has_others = TRUE;
}

static void
parse_lines (char *text, OaiCredentials *credentials)
{
  gboolean more = TRUE;

  while (more)
    {
      gsize length = strcspn (text, "\r\n");

      more = text[length] != '\0';
      text[length] = '\0';
      parse_line (text, credentials);
      text += length + 1;
    }
}

gboolean
oai_key_file_parse (char *text, gsize length, OaiCredentials *credentials, GError **error)
{
  if (g_str_has_prefix (text, BYTE_ORDER_MARK))
    {
      text += strlen (BYTE_ORDER_MARK);
      length -= strlen (BYTE_ORDER_MARK);
    }
  while (g_ascii_isspace (*text))
    {
      text++;
      length--;
    }

  if (*text == '{')
    {
      if (!parse_json (text, length, credentials, error))
        return FALSE;
    }
  else
    {
      /* The text after a NUL is not read. */
      credentials->has_others |= strlen (text) < length;
      parse_lines (text, credentials);
    }

  if (oai_credentials_have_key (credentials))
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("It contains no key"));
  return FALSE;
}

gboolean
oai_key_file_parse_stored (char *text, OaiCredentials *credentials, GError **error)
{
  oai_autosecret char *bare = g_strstrip (g_strdup (text));

  if (oai_key_file_parse (text, strlen (text), credentials, NULL))
    return TRUE;

  if (*bare != '\0' && strpbrk (bare, "\r\n{") == NULL)
    {
      credentials->api_key = g_steal_pointer (&bare);
      return TRUE;
    }

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("The keyring contains no valid key"));
  return FALSE;
}

static gboolean
fail_with_errno (GError **error, const char *path, int number)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), _("The key file “%s” cannot be read: %s"), shown, g_strerror (number));
  return FALSE;
}

static void
log_message (const char *path, const char *message)
{
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "OAI_KEY_FILE", path, "MESSAGE", "%s", message);
}

static void
warn_about_mode (const char *path, guint32 mode)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *message = NULL;

  if ((mode & OTHERS_WRITE) != 0)
    message = g_strdup_printf (_("The key file “%s” can be changed by others; “chmod 600” protects it"), shown);
  else if ((mode & OTHERS_READ) != 0)
    message = g_strdup_printf (_("The key file “%s” can be read by others; “chmod 600” protects it"), shown);

  if (message != NULL)
    log_message (path, message);
}

static gboolean
parse_open_file (int fd, const char *path, guint32 mode, OaiCredentials *credentials, GError **error)
{
  gsize size = MAX_SIZE + 1;
  g_autofree char *buffer = g_malloc (size + 1);
  g_autofree char *shown = g_filename_display_name (path);
  gsize length;
  gboolean done = FALSE;

  if (!oai_checked_file_read (fd, buffer, size, &length))
    {
      fail_with_errno (error, path, errno);
    }
  else if (length == size)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("The key file “%s” is too large"), shown);
    }
  else
    {
      buffer[length] = '\0';
      done = oai_key_file_parse (buffer, length, credentials, error);
      if (done)
        warn_about_mode (path, mode);
      else
        g_prefix_error (error, _("The key file “%s” cannot be used: "), shown);
    }

  oai_wipe (buffer, size + 1);

  return done;
}

gboolean
oai_key_file_read (const char *path, OaiCredentials *credentials, GError **error)
{
  OaiFileStatus status;
  int fd = oai_checked_file_open_path (path, &status);
  gboolean done;

  if (fd < 0)
    return fail_with_errno (error, path, errno);

  done = parse_open_file (fd, path, status.mode, credentials, error);
  oai_checked_file_close (fd);

  return done;
}

static gboolean
belongs_to (const OaiFileStatus *status, guint32 user)
{
  return status->owner == user || status->owner == 0;
}

char *
oai_key_file_dup_distrust (const char *path, const OaiFileStatus *directory, const OaiFileStatus *file, guint32 user)
{
  g_autofree char *shown = g_filename_display_name (path);

  if (!belongs_to (directory, user))
    /* Translators: %s is the path of a file. */
    return g_strdup_printf (_("The key file “%s” is ignored, because its directory belongs to another user. Move it to a directory that you own"), shown);
  if ((directory->mode & OTHERS_WRITE) != 0)
    /* Translators: %s is the path of a file. */
    return g_strdup_printf (_("The key file “%s” is ignored, because others can write to its directory. Run “chmod go-w” on the directory, or move the file"), shown);
  if (!belongs_to (file, user))
    /* Translators: %s is the path of a file. */
    return g_strdup_printf (_("The key file “%s” is ignored, because it belongs to another user. Use a copy that belongs to you"), shown);
  if ((file->mode & OTHERS_WRITE) != 0)
    /* Translators: %s is the path of a file. */
    return g_strdup_printf (_("The key file “%s” is ignored, because others can write to it. Run “chmod go-w” on the file"), shown);

  return NULL;
}

/* Logs each message once. */
static void
report (GPtrArray *reported, const char *path, const char *message)
{
  if (g_ptr_array_find_with_equal_func (reported, message, g_str_equal, NULL))
    return;

  g_ptr_array_add (reported, g_strdup (message));
  log_message (path, message);
}

/* Returns TRUE if the search ends in this directory, with a path or an error. */
static gboolean
search_directory (const char *directory, const char *file_name, GPtrArray *reported, OaiCredentials *credentials, char **path, GError **error)
{
  OaiCheckedFile file = { .fd = -1 };
  g_autofree char *candidate = g_build_filename (directory, file_name, NULL);
  g_autofree char *distrust = NULL;

  if (!oai_checked_file_open (&file, directory, file_name))
    return FALSE;

  distrust = oai_key_file_dup_distrust (candidate, &file.directory, &file.file, oai_checked_file_get_user ());
  if (distrust != NULL)
    report (reported, candidate, distrust);
  else if (file.fd < 0)
    fail_with_errno (error, candidate, file.error);
  else if (parse_open_file (file.fd, candidate, file.file.mode, credentials, error))
    *path = g_steal_pointer (&candidate);

  if (file.fd >= 0)
    oai_checked_file_close (file.fd);

  return distrust == NULL;
}

static void
set_not_found (const char *directory, gboolean search_up, GError **error)
{
  g_autofree char *shown = g_filename_display_name (directory);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               search_up ? _("There is no key file in “%s” or above it") : _("There is no key file in “%s”"), shown);
}

char *
oai_key_file_search (const char *directory, const char *file_name, gboolean search_up, GPtrArray *reported, OaiCredentials *credentials, GError **error)
{
  g_autofree char *current = g_canonicalize_filename (directory, NULL);
  char *path = NULL;
  guint n_reported = reported->len;

  while (!search_directory (current, file_name, reported, credentials, &path, error))
    {
      g_autofree char *parent = g_path_get_dirname (current);

      if (search_up && strcmp (parent, current) != 0)
        {
          g_free (current);
          current = g_steal_pointer (&parent);
          continue;
        }

      if (reported->len > n_reported)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, g_ptr_array_index (reported, n_reported));
      else
        set_not_found (directory, search_up, error);
      return NULL;
    }

  return path;
}
