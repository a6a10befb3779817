/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cells are padded with spaces.  A table that is split into several blocks has the columns of the blocks before. */

#include "chat-table.h"

#include <string.h>

#include "chat-markdown.h"

#define MAX_COLUMN 40 /* characters; a longer cell is not aligned */

typedef struct
{
  gsize width;
  guint alignment; /* 0 for the left, 1 for the center, 2 for the right */
} Column;

/* Whether a line is a row of a table. */
gboolean
chat_table_is_row (const char *line)
{
  return line[strspn (line, " \t\r\f\v")] == '|';
}

static gboolean
is_rule (const char *line)
{
  return strchr (line, '-') != NULL && line[strspn (line, "|:- \t\r")] == '\0';
}

/* Returns the text of each cell. */
static char **
split_cells (const char *line)
{
  g_autofree char *row = g_strstrip (g_strdup (line));
  GPtrArray *cells = g_ptr_array_new ();
  g_autoptr(GString) cell = g_string_new (NULL);

  for (const char *next = row + 1;; next++)
    {
      if (*next == '\\' && next[1] == '|')
        g_string_append_c (cell, *++next);
      else if (*next != '|' && *next != '\0')
        g_string_append_c (cell, *next);
      else
        {
          g_strstrip (cell->str);
          if (*next != '\0' || *cell->str != '\0')
            g_ptr_array_add (cells, g_strdup (cell->str));
          g_string_truncate (cell, 0);
          if (*next == '\0')
            break;
        }
    }
  g_ptr_array_add (cells, NULL);

  return (char **) g_ptr_array_free (cells, FALSE);
}

/* Returns the number of columns that the text of the markup takes. */
static gsize
get_width (const char *markup)
{
  gsize width = 0;

  for (const char *next = markup; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar character = g_utf8_get_char (next);

      if (character == '<')
        {
          next = strchr (next, '>');
          continue;
        }
      if (character == '&')
        next = strchr (next, ';');
      if (!g_unichar_iszerowidth (character))
        width += g_unichar_iswide (character) ? 2 : 1;
    }

  return width;
}

static char *
render_cell (const char *cell)
{
  GString *markup = g_string_new (NULL);

  chat_markdown_append_line (markup, cell);
  return g_string_free (markup, FALSE);
}

static void
append_columns (GArray *columns, const char *rule)
{
  g_auto(GStrv) cells = split_cells (rule);

  for (gsize i = 0; cells[i] != NULL; i++)
    {
      Column column = { 1, g_str_has_suffix (cells[i], ":") ? (*cells[i] == ':' ? 1 : 2) : 0 };

      g_array_append_val (columns, column);
    }
}

static void
widen_columns (GArray *columns, const char *line)
{
  g_auto(GStrv) cells = split_cells (line);

  for (guint i = 0; cells[i] != NULL; i++)
    {
      g_autofree char *markup = render_cell (cells[i]);
      Column new_column = { 1, 0 };
      Column *column;

      if (i == columns->len)
        g_array_append_val (columns, new_column);
      column = &g_array_index (columns, Column, i);
      column->width = MAX (column->width, MIN (get_width (markup), MAX_COLUMN));
    }
}

static GArray *
read_columns (char **lines, GArray *before)
{
  GArray *columns = g_array_new (FALSE, FALSE, sizeof (Column));

  if (before != NULL)
    g_array_append_vals (columns, before->data, before->len);
  else if (lines[0] == NULL || lines[1] == NULL || !is_rule (lines[1]))
    return columns;
  else
    append_columns (columns, lines[1]);

  for (gsize i = 0; lines[i] != NULL; i++)
    if (before != NULL || i != 1)
      widen_columns (columns, lines[i]);

  return columns;
}

/* Returns the columns of a table, which continues another one if there are columns before.  A table that has no rule yet has none. */
GArray *
chat_table_get_columns (const char *text, GArray *before)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr(GArray) columns = read_columns (lines, before);

  return columns->len > 0 ? g_steal_pointer (&columns) : NULL;
}

static void
append_spaces (GString *markup, gsize count)
{
  g_string_append_printf (markup, "%*s", (int) count, "");
}

static void
append_row (GString *markup, const char *line, GArray *columns)
{
  g_auto(GStrv) cells = split_cells (line);

  for (guint i = 0; cells[i] != NULL; i++)
    {
      const Column *column = &g_array_index (columns, Column, i);
      g_autofree char *cell = render_cell (cells[i]);
      gsize width = get_width (cell);
      gsize space = column->width > width ? column->width - width : 0;
      gsize before = space * column->alignment / 2;

      g_string_append (markup, i > 0 ? " │ " : "");
      append_spaces (markup, before);
      g_string_append (markup, cell);
      append_spaces (markup, space - before);
    }
}

static void
append_rule (GString *markup, GArray *columns)
{
  for (guint i = 0; i < columns->len; i++)
    {
      g_string_append (markup, i > 0 ? "─┼─" : "");
      for (gsize j = 0; j < g_array_index (columns, Column, i).width; j++)
        g_string_append (markup, "─");
    }
}

/* Appends the markup of a table.  One that has no rule yet is shown as it is. */
void
chat_table_append_markup (GString *markup, const char *text, GArray *before)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr(GArray) columns = read_columns (lines, before);

  g_string_append (markup, "<tt>");
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      gboolean is_title = i == 0 && before == NULL && columns->len > 0;

      g_string_append (markup, i > 0 ? "\n" : "");
      g_string_append (markup, is_title ? "<b>" : "");
      if (columns->len == 0)
        chat_markdown_append_line (markup, lines[i]);
      else if (i == 1 && before == NULL)
        append_rule (markup, columns);
      else
        append_row (markup, lines[i], columns);
      g_string_append (markup, is_title ? "</b>" : "");
    }
  g_string_append (markup, "</tt>");
}
