/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files that hold keys: a JSON object, or lines of NAME=value or NAME: value. */

#include "oai-auth-file-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST_FILE (64 * 1024)
#define BYTE_ORDER_MARK "\357\273\277"
#define OTHERS_READ (S_IRGRP | S_IROTH)
#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define FILE_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
/* O_PATH opens directories that can be entered but not listed. */
#ifdef O_PATH
#define DIRECTORY_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)
#else
#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#endif

typedef enum
{
  FIELD_API_KEY,
  FIELD_ADMIN_KEY,
  FIELD_ORGANIZATION,
  FIELD_PROJECT
} Field;

/* Names without case, "_" and "-", so that "apiKey", "api_key" and "API_KEY" are one. */
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
replace (char **place, const char *value)
{
  oai_secret_free (*place);
  *place = g_strdup (value);
}

/* Programs read organization and project as text. */
static void
replace_text (char **place, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  replace (place, valid);
}

/* The last one that is not blank wins. */
static void
set_field (OaiCredentials *credentials, Field field, char *value)
{
  g_strstrip (value);
  if (*value == '\0')
    return;

  switch (field)
    {
    case FIELD_API_KEY:
      replace (&credentials->api_key, value);
      break;
    case FIELD_ADMIN_KEY:
      replace (&credentials->admin_key, value);
      break;
    case FIELD_ORGANIZATION:
      replace_text (&credentials->organization, value);
      break;
    case FIELD_PROJECT:
      replace_text (&credentials->project, value);
      break;
    }
}

/* The message of a JSON reader could quote the file, so it is left out. */
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
    }

  return TRUE;
}

/* The text between quotes that match, or up to a comment. */
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
  if (strncmp (line, export_word, export_length) == 0 && g_ascii_isspace (line[export_length]))
    line += export_length + strspn (line + export_length, " \t");

  length = strcspn (line, "=:");
  if (line[length] == '\0')
    return;

  value = line + length + 1;
  while (length > 0 && g_ascii_isspace (line[length - 1]))
    length--;

  if (find_field (line, length, &field))
    set_field (credentials, field, clean_value (value));
}

static void
parse_lines (char *text, OaiCredentials *credentials)
{
  while (text != NULL)
    {
      char *line = strsep (&text, "\r\n");

      parse_line (line, credentials);
    }
}

gboolean
oai_auth_file_parse (char *text, gsize length, OaiCredentials *credentials, GError **error)
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
      parse_lines (text, credentials);
    }

  if (oai_credentials_have_key (credentials))
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("It names no key"));
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
warn_about_mode (const char *path, mode_t mode)
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

/* Everything in a buffer that is overwritten when it goes. */
static gboolean
read_all (int fd, char *buffer, gsize size, gsize *length)
{
  *length = 0;
  while (*length < size)
    {
      gssize count = read (fd, buffer + *length, size - *length);

      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0)
        return FALSE;
      if (count == 0)
        break;
      *length += count;
    }

  return TRUE;
}

/* Not inlined, since compilers doubt then that memory was allocated. */
static G_GNUC_NO_INLINE void
wipe (char *buffer, gsize size)
{
  explicit_bzero (buffer, size);
}

static gboolean
parse_open_file (int fd, const char *path, mode_t mode, OaiCredentials *credentials, GError **error)
{
  gsize size = LONGEST_FILE + 1;
  g_autofree char *buffer = g_malloc (size + 1);
  g_autofree char *shown = g_filename_display_name (path);
  gsize length;
  gboolean done = FALSE;

  if (!read_all (fd, buffer, size, &length))
    {
      fail_with_errno (error, path, errno);
    }
  else if (length == size)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("The key file “%s” is too long for one"), shown);
    }
  else
    {
      buffer[length] = '\0';
      done = oai_auth_file_parse (buffer, length, credentials, error);
      if (done)
        warn_about_mode (path, mode);
      else
        g_prefix_error (error, _("The key file “%s” cannot be used: "), shown);
    }

  wipe (buffer, size + 1);
  return done;
}

static OaiAuth *
open_file_to_auth (int fd, const char *path, mode_t mode, GError **error)
{
  g_auto (OaiCredentials) credentials = { NULL };
  g_autofree char *shown = g_filename_display_name (path);

  if (!parse_open_file (fd, path, mode, &credentials, error))
    return NULL;

  return oai_auth_new_take (&credentials, g_strconcat ("file ", shown, NULL), FALSE);
}

static OaiAuth *
file_to_auth (const char *path, GError **error)
{
  struct stat status;
  OaiAuth *auth = NULL;
  int fd = open (path, FILE_FLAGS);

  if (fd < 0)
    {
      fail_with_errno (error, path, errno);
      return NULL;
    }

  if (fstat (fd, &status) != 0)
    fail_with_errno (error, path, errno);
  else if (!S_ISREG (status.st_mode))
    fail_with_errno (error, path, S_ISDIR (status.st_mode) ? EISDIR : EINVAL);
  else
    auth = open_file_to_auth (fd, path, status.st_mode, error);

  close (fd);
  return auth;
}

static gboolean
belongs_to (const struct stat *status, uid_t user)
{
  return status->st_uid == user || status->st_uid == 0;
}

char *
oai_auth_file_dup_distrust (const char *path, const struct stat *directory, const struct stat *file, uid_t user)
{
  g_autofree char *shown = g_filename_display_name (path);

  if (!belongs_to (directory, user))
    /* Translators: %s is the path of a file. */
    return g_strdup_printf (_("The key file “%s” is ignored, because its directory belongs to another user. Move it to a directory of your own"), shown);
  if ((directory->st_mode & OTHERS_WRITE) != 0)
    /* Translators: %s is the path of a file. */
    return g_strdup_printf (_("The key file “%s” is ignored, because others can write to its directory. Run “chmod go-w” on the directory, or move the file"), shown);
  if (!belongs_to (file, user))
    /* Translators: %s is the path of a file. */
    return g_strdup_printf (_("The key file “%s” is ignored, because it belongs to another user. Use a copy that belongs to you"), shown);
  if ((file->st_mode & OTHERS_WRITE) != 0)
    /* Translators: %s is the path of a file. */
    return g_strdup_printf (_("The key file “%s” is ignored, because others can write to it. Run “chmod go-w” on the file"), shown);

  return NULL;
}

/* A directory of the search, opened before it is looked at, so that what is checked is
 * what is read. */
typedef struct
{
  int fd; /* of the file; -1 when it cannot be opened */
  int error_number;
  struct stat directory;
  struct stat file;
} Candidate;

/* FALSE when there is no regular file of that name. */
static gboolean
candidate_open (Candidate *self, const char *directory, const char *file_name)
{
  int parent = open (directory, DIRECTORY_FLAGS);
  gboolean found;

  if (parent < 0)
    return FALSE;

  self->fd = openat (parent, file_name, FILE_FLAGS);
  self->error_number = errno;
  found = (self->fd >= 0 || errno != ENOENT)
          && fstat (parent, &self->directory) == 0
          && (self->fd >= 0 ? fstat (self->fd, &self->file) : fstatat (parent, file_name, &self->file, 0)) == 0
          && S_ISREG (self->file.st_mode);
  close (parent);
  if (found)
    return TRUE;

  if (self->fd >= 0)
    close (self->fd);
  return FALSE;
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

/* TRUE when the search ends here, with the credentials or an error. */
static gboolean
search_directory (const char *directory, const char *file_name, GPtrArray *reported, OaiAuth **auth, GError **error)
{
  Candidate candidate = { -1 };
  g_autofree char *path = g_build_filename (directory, file_name, NULL);
  g_autofree char *distrust = NULL;

  if (!candidate_open (&candidate, directory, file_name))
    return FALSE;

  distrust = oai_auth_file_dup_distrust (path, &candidate.directory, &candidate.file, geteuid ());
  if (distrust != NULL)
    report (reported, path, distrust);
  else if (candidate.fd >= 0)
    *auth = open_file_to_auth (candidate.fd, path, candidate.file.st_mode, error);
  else
    fail_with_errno (error, path, candidate.error_number);

  if (candidate.fd >= 0)
    close (candidate.fd);
  return distrust == NULL;
}

OaiAuth *
oai_auth_file_search (const char *directory, const char *file_name, gboolean search_up, GPtrArray *reported, GError **error)
{
  g_autofree char *current = g_canonicalize_filename (directory, NULL);
  OaiAuth *auth = NULL;
  guint n_reported = reported->len;

  while (!search_directory (current, file_name, reported, &auth, error))
    {
      g_autofree char *shown = NULL;
      g_autofree char *parent = g_path_get_dirname (current);

      if (search_up && strcmp (parent, current) != 0)
        {
          g_free (current);
          current = g_steal_pointer (&parent);
          continue;
        }

      shown = g_filename_display_name (directory);
      if (reported->len > n_reported)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, g_ptr_array_index (reported, n_reported));
      else
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                     search_up ? _("There is no key file in “%s” or above it") : _("There is no key file in “%s”"), shown);
      return NULL;
    }

  return auth;
}

/**
 * oai_auth_new_from_directory:
 * @directory: (nullable) (type filename): where to look; %NULL for the current directory
 * @file_name: (nullable) (type filename): name of the file; %NULL for `.openai`
 * @search_up: whether to look in the directories above as well, the root included
 * @error: return location for an error
 *
 * Reads the key from a file in a directory. The first file of that name is taken.
 * For what can be in it see [ctor@Oai.Auth.new_from_path].
 *
 * A file is taken only when it and its directory belong to the user or to root, and
 * neither can be written by the group or by others. One that others could have put there
 * is ignored: a message is logged that names the reason and the remedy, and the search
 * goes on. [ctor@Oai.Auth.new_from_path] reads such a file nevertheless.
 *
 * Returns: (transfer full): the credentials, or %NULL: with %G_IO_ERROR_NOT_FOUND
 *   when there is no such file, with %G_IO_ERROR_PERMISSION_DENIED when there are only
 *   such that are ignored, with another error of that domain when it cannot be
 *   read, with %OAI_ERROR_AUTHENTICATION when it contains no key
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_from_directory (const char *directory, const char *file_name, gboolean search_up, GError **error)
{
  g_autofree char *current = g_get_current_dir ();
  g_autoptr (GPtrArray) reported = g_ptr_array_new_with_free_func (g_free);

  if (directory == NULL)
    directory = current;
  if (file_name == NULL)
    file_name = OAI_AUTH_FILE_NAME;

  if (*file_name == '\0' || strchr (file_name, G_DIR_SEPARATOR) != NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The name of the key file must be one of a file in a directory"));
      return NULL;
    }

  return oai_auth_file_search (directory, file_name, search_up, reported, error);
}

/**
 * oai_auth_new_from_path:
 * @path: (type filename): the file
 * @error: return location for an error
 *
 * Reads the key from a file. It is one of:
 *
 * - a JSON object with the members `apiKey`, and perhaps `organizationId` or
 *   `organization`, `projectId` or `project`, `adminKey`;
 * - lines of `NAME=value` or `NAME: value`, with a leading `export`, quotes, and
 *   comments after `#` if need be: `OPENAI_KEY`, `OPENAI_API_KEY`,
 *   `OPENAI_SECRET_KEY` or `TEST_OPENAI_SECRET_KEY`, and perhaps
 *   `OPENAI_ORGANIZATION_ID`, `OPENAI_ORGANIZATION`, `OPENAI_ORG_ID` or `ORGANIZATION`,
 *   `OPENAI_PROJECT_ID` or `OPEN_AI_PROJECT_ID`, `OPENAI_ADMIN_KEY`.
 *
 * Case, `_` and `-` in names do not matter, and both kinds take all spellings. The
 * last one that is not blank counts.
 *
 * The file is read even when it belongs to another user or others can write to it, since
 * the program named it. A message is logged when others can read or change it.
 *
 * Returns: (transfer full): the credentials, or %NULL: with an error of
 *   #GIOErrorEnum when the file cannot be read, with %OAI_ERROR_AUTHENTICATION when
 *   it contains no key; the message names the file and what is wrong with it
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_from_path (const char *path, GError **error)
{
  g_autofree char *full = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  full = g_canonicalize_filename (path, NULL);
  return file_to_auth (full, error);
}
