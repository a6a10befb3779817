/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-program-secrets-private.h"

#include <gio/gio.h>
#include <string.h>

#include "oai-i18n-private.h"
#include "oai-secret-file-private.h"
#include "oai-secret-private.h"
#include "oai-wipe-private.h"

#define MAX_SIZE (64 * 1024)

static GHashTable *variables; /* name → value */

static void
set_variable (const char *name, const char *value)
{
  if (variables == NULL)
    variables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, oai_secret_free);
  g_hash_table_insert (variables, g_strdup (name), g_strdup (value));
}

void
oai_program_secrets_take_environment (const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      /* The memory that the kernel shows in /proc/PID/environ. */
      char *value = (char *) g_getenv (names[i]);

      if (value == NULL)
        continue;
      set_variable (names[i], value);
      oai_wipe (value, strlen (value));
      g_unsetenv (names[i]);
    }
}

const char *
oai_program_secrets_get (const char *name)
{
  const char *value = variables != NULL ? g_hash_table_lookup (variables, name) : NULL;

  return value != NULL && *value != '\0' ? value : NULL;
}

GByteArray *
oai_program_secrets_serialize (void)
{
  GByteArray *data = g_byte_array_sized_new (MAX_SIZE);
  GHashTableIter iter;
  gpointer name;
  gpointer value;

  if (variables == NULL)
    return data;

  g_hash_table_iter_init (&iter, variables);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      g_byte_array_append (data, name, strlen (name));
      g_byte_array_append (data, (const guint8 *) "=", 1);
      g_byte_array_append (data, value, strlen (value) + 1);
    }

  return data;
}

void
oai_program_secrets_add (const char *data, gsize length)
{
  const char *end = data + length;

  while (data < end && memchr (data, '\0', end - data) != NULL)
    {
      const char *equals = strchr (data, '=');

      if (equals != NULL)
        {
          g_autofree char *name = g_strndup (data, equals - data);

          set_variable (name, equals + 1);
        }
      data += strlen (data) + 1;
    }
}

void
oai_program_secrets_clear (void)
{
  g_clear_pointer (&variables, g_hash_table_unref);
}

char *
oai_program_secrets_find_credential (const char *name, GError **error)
{
  const char *directory = g_getenv ("CREDENTIALS_DIRECTORY");

  if (directory == NULL || strchr (name, G_DIR_SEPARATOR) != NULL)
    {
      /* Translators: %s is the name of a credential, LoadCredential= is not translated. */
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is no credential “%s”. The unit file passes it with LoadCredential=."), name);
      return NULL;
    }

  return g_build_filename (directory, name, NULL);
}

char *
oai_program_secrets_read_line (const char *path, GError **error)
{
  OaiFileStamp stamp;
  oai_autosecret char *text = oai_secret_file_read (path, MAX_SIZE, TRUE, &stamp, error);
  g_autofree char *shown = g_filename_display_name (path);

  if (text == NULL)
    return NULL;

  g_strstrip (text);
  if (*text == '\0' || strpbrk (text, " \t\r\n") != NULL)
    {
      /* Translators: %s is the path of a file. */
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("“%s” does not contain exactly one word"), shown);
      return NULL;
    }

  return g_steal_pointer (&text);
}
