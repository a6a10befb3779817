/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-config-file-private.h"

#include <string.h>

#include "oai-i18n-private.h"

#define MAX_PROBLEMS 100
#define MAX_NAME 64

OaiConfigProblems *
oai_config_problems_new (const char *path)
{
  OaiConfigProblems *self = g_new (OaiConfigProblems, 1);

  self->path = g_filename_display_name (path);
  self->messages = g_ptr_array_new_with_free_func (g_free);
  self->lines = g_array_new (FALSE, FALSE, sizeof (guint));

  return self;
}

void
oai_config_problems_free (OaiConfigProblems *self)
{
  g_free (self->path);
  g_ptr_array_unref (self->messages);
  g_array_unref (self->lines);
  g_free (self);
}

void
oai_config_problems_add (OaiConfigProblems *self, guint line, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  if (self->messages->len >= MAX_PROBLEMS)
    return;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_array_append_val (self->lines, line);
  g_ptr_array_add (self->messages, line > 0 ? g_strdup_printf ("%s:%u: %s", self->path, line, message)
                                            : g_strdup_printf ("%s: %s", self->path, message));
}

/* An insertion sort, which keeps the order of the messages of a line. */
void
oai_config_problems_sort (OaiConfigProblems *self)
{
  guint *lines = (guint *) (gpointer) self->lines->data;
  gpointer *messages = self->messages->pdata;

  for (guint i = 1; i < self->messages->len; i++)
    for (guint j = i; j > 0 && lines[j] - 1 < lines[j - 1] - 1; j--)
      {
        guint line = lines[j];
        gpointer message = messages[j];

        lines[j] = lines[j - 1];
        messages[j] = messages[j - 1];
        lines[j - 1] = line;
        messages[j - 1] = message;
      }
}

char *
oai_config_problems_to_string (OaiConfigProblems *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->messages->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", (const char *) self->messages->pdata[i]);

  return g_string_free (text, FALSE);
}

static void
entry_free (gpointer data)
{
  OaiConfigEntry *self = data;

  g_free (self->key);
  g_free (self->value);
  g_free (self);
}

static void
group_free (gpointer data)
{
  OaiConfigGroup *self = data;

  g_free (self->kind);
  g_free (self->name);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static gboolean
name_is_valid (const char *name)
{
  if (*name == '\0' || strlen (name) > MAX_NAME)
    return FALSE;

  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("-_.", *c) == NULL)
      return FALSE;

  return TRUE;
}

static OaiConfigGroup *
find_group (GPtrArray *groups, OaiConfigGroup *other)
{
  for (guint i = 0; i < groups->len; i++)
    {
      OaiConfigGroup *group = groups->pdata[i];

      if (strcmp (group->kind, other->kind) == 0 && g_strcmp0 (group->name, other->name) == 0)
        return group;
    }

  return NULL;
}

/* header: the text between the brackets. */
static OaiConfigGroup *
parse_header (char *header, guint line, GPtrArray *groups, OaiConfigProblems *problems)
{
  OaiConfigGroup *group = g_new0 (OaiConfigGroup, 1);
  OaiConfigGroup *former;
  gsize kind_length;

  g_strstrip (header);
  kind_length = strcspn (header, " ");
  group->kind = g_strndup (header, kind_length);
  group->name = header[kind_length] != '\0' ? g_strdup (g_strchug (header + kind_length)) : NULL;
  group->line = line;
  group->entries = g_ptr_array_new_with_free_func (entry_free);

  if (!name_is_valid (group->kind) || (group->name != NULL && !name_is_valid (group->name)))
    oai_config_problems_add (problems, line, _("The name of the group is not valid. Names consist of letters, digits, “-”, “_” and “.”."));
  former = find_group (groups, group);
  if (former != NULL)
    /* Translators: %u is the number of a line. */
    oai_config_problems_add (problems, line, _("The group is there already, on line %u."), former->line);
  g_ptr_array_add (groups, group);

  return group;
}

static void
add_entry (OaiConfigGroup *group, const char *key, const char *value, guint line, OaiConfigProblems *problems)
{
  OaiConfigEntry *entry;

  for (guint i = 0; i < group->entries->len; i++)
    {
      entry = group->entries->pdata[i];
      if (strcmp (entry->key, key) == 0)
        {
          /* Translators: %s is a key of a file, %u is the number of a line. */
          oai_config_problems_add (problems, line, _("“%s” is set already, on line %u."), key, entry->line);
          return;
        }
    }

  entry = g_new (OaiConfigEntry, 1);
  *entry = (OaiConfigEntry) { g_strdup (key), g_strdup (value), line };
  g_ptr_array_add (group->entries, entry);
}

static void
parse_line (char *text, guint line, OaiConfigGroup **group, GPtrArray *groups, OaiConfigProblems *problems)
{
  char *equals;
  gsize length;

  g_strstrip (text);
  length = strlen (text);
  if (length == 0 || *text == '#')
    return;
  if (*text == '[' && text[length - 1] == ']')
    {
      text[length - 1] = '\0';
      *group = parse_header (text + 1, line, groups, problems);
      return;
    }

  equals = strchr (text, '=');
  if (equals == NULL || equals == text)
    {
      /* The line is not quoted, since it may contain a secret. */
      oai_config_problems_add (problems, line, _("The line is neither “[GROUP]” nor “KEY = VALUE” nor a comment."));
      return;
    }
  if (*group == NULL)
    {
      oai_config_problems_add (problems, line, _("The line is above the first group."));
      return;
    }
  *equals = '\0';
  add_entry (*group, g_strchomp (text), g_strchug (equals + 1), line, problems);
}

GPtrArray *
oai_config_file_parse (const char *text, OaiConfigProblems *problems)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func (group_free);
  OaiConfigGroup *group = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    {
      oai_config_problems_add (problems, 0, _("The file is not UTF-8 text."));
      return groups;
    }

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    parse_line (lines[i], i + 1, &group, groups, problems);

  return groups;
}

/* The number of characters to insert, remove or replace (Levenshtein). */
static guint
get_distance (const char *a, const char *b)
{
  guint n = strlen (b);
  guint *row = g_newa (guint, MAX_NAME + 1);
  guint diagonal;

  for (guint j = 0; j <= n; j++)
    row[j] = j;
  for (guint i = 1; a[i - 1] != '\0'; i++)
    {
      diagonal = row[0];
      row[0] = i;
      for (guint j = 1; j <= n; j++)
        {
          guint replaced = diagonal + (a[i - 1] != b[j - 1]);

          diagonal = row[j];
          row[j] = MIN (replaced, MIN (row[j], row[j - 1]) + 1);
        }
    }

  return row[n];
}

const char *
oai_config_find_similar (const char *text, const char *const *candidates)
{
  const char *best = NULL;
  guint best_distance = strlen (text) / 3 + 2;

  if (strlen (text) > MAX_NAME)
    return NULL;

  for (guint i = 0; candidates[i] != NULL; i++)
    {
      guint distance = get_distance (text, candidates[i]);

      if (distance < best_distance)
        {
          best = candidates[i];
          best_distance = distance;
        }
    }

  return best;
}
