/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Blocks end at empty lines and at the fences of code.  A block is bounded, so that each update has a bounded cost. */

#include "chat-markdown.h"

#include <string.h>

#include "chat-table.h"

#define MAX_BLOCK 2000 /* bytes; a longer block is split */

static const char span_pattern[] =
  "\\\\([!-/:-@\\[-`{-~])"
  "|`([^`\\n]+)`"
  "|\\*\\*\\*([^*\\n]+)\\*\\*\\*"
  "|\\*\\*([^*\\s](?:[^*\\n]*[^*\\s])?)\\*\\*|(?<!\\w)__([^_\\s](?:[^_\\n]*[^_\\s])?)__(?!\\w)"
  "|\\*([^*\\s](?:[^*\\n]*[^*\\s])?)\\*|(?<!\\w)_([^_\\s](?:[^_\\n]*[^_\\s])?)_(?!\\w)"
  "|~~([^~\\n]+)~~"
  "|!?\\[([^\\]\\[\\n]+)\\]\\((https?://[^\\s()<>]+|mailto:[^\\s()<>]+)\\)"
  "|(https?://[^\\s()<>*`\\]]+)";
static const char list_pattern[] = "^(\\s*)[-*+] +(?=\\S)";
static const char heading_pattern[] = "^(#{1,6}) +(.*)$";
static const char fence_pattern[] = "^ {0,3}(```+|~~~+)";
static const char rule_pattern[] = "^ {0,3}(?:(?:- *){3,}|(?:\\* *){3,}|(?:_ *){3,})$";

struct _ChatMarkdown
{
  char *text;
  GPtrArray *blocks; /* ChatBlock */
};

/* Patterns are compiled once. */
static GRegex *
get_regex (GRegex **regex, const char *pattern)
{
  if (*regex == NULL)
    *regex = g_regex_new (pattern, G_REGEX_OPTIMIZE, 0, NULL);
  return *regex;
}

/* Lines */

static void
append_escaped (GString *markup, const char *text, gssize length)
{
  g_autofree char *escaped = g_markup_escape_text (text, length);

  g_string_append (markup, escaped);
}

/* The groups of the pattern: escaped, code, both, bold (2), italic (2), struck, label, target, URL. */
static void
append_span (GString *markup, GMatchInfo *match)
{
  static const char *const tags[] = { "tt", "b", "b", "b", "i", "i", "s" };
  g_autofree char *character = g_match_info_fetch (match, 1);
  g_autofree char *label = NULL;
  g_autofree char *target = NULL;
  g_autofree char *url = NULL;

  if (character != NULL && *character != '\0')
    {
      append_escaped (markup, character, -1);
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (tags); i++)
    {
      g_autofree char *text = g_match_info_fetch (match, i + 2);

      if (text == NULL || *text == '\0')
        continue;
      g_string_append_printf (markup, i == 1 ? "<%s><i>" : "<%s>", tags[i]);
      if (i == 0)
        append_escaped (markup, text, -1);
      else
        chat_markdown_append_line (markup, text);
      g_string_append_printf (markup, i == 1 ? "</i></%s>" : "</%s>", tags[i]);
      return;
    }

  /* A link within a link is not valid markup, so the label is plain text. */
  label = g_match_info_fetch (match, 9);
  target = g_match_info_fetch (match, 10);
  url = g_match_info_fetch (match, 11);
  g_string_append (markup, "<a href=\"");
  append_escaped (markup, url != NULL && *url != '\0' ? url : target, -1);
  g_string_append (markup, "\">");
  append_escaped (markup, url != NULL && *url != '\0' ? url : label, -1);
  g_string_append (markup, "</a>");
}

/* Appends the markup of a line. */
void
chat_markdown_append_line (GString *markup, const char *line)
{
  static GRegex *regex;
  g_autoptr(GMatchInfo) match = NULL;
  int end = 0;

  g_regex_match (get_regex (&regex, span_pattern), line, 0, &match);
  while (g_match_info_matches (match))
    {
      int start, next;

      g_match_info_fetch_pos (match, 0, &start, &next);
      append_escaped (markup, line + end, start - end);
      append_span (markup, match);
      end = next;
      g_match_info_next (match, NULL);
    }
  append_escaped (markup, line + end, -1);
}

/* Removes the characters “#” at the end of a heading, unless they are part of a word. */
static void
strip_heading (char *text)
{
  gsize end = strlen (g_strchomp (text));

  while (end > 0 && text[end - 1] == '#')
    end--;
  if (end == 0 || text[end - 1] == ' ')
    text[end] = '\0';
}

static gboolean
append_heading (GString *markup, const char *line)
{
  static GRegex *regex;
  static const char *const sizes[] = { "x-large", "large", "medium" };
  g_autoptr(GMatchInfo) match = NULL;
  g_autofree char *level = NULL;
  g_autofree char *text = NULL;

  if (*line != '#' || !g_regex_match (get_regex (&regex, heading_pattern), line, 0, &match))
    return FALSE;

  level = g_match_info_fetch (match, 1);
  text = g_match_info_fetch (match, 2);
  strip_heading (text);
  g_string_append_printf (markup, "<span size=\"%s\" weight=\"bold\">", sizes[MIN (strlen (level), 3) - 1]);
  chat_markdown_append_line (markup, text);
  g_string_append (markup, "</span>");

  return TRUE;
}

static void
append_list_item (GString *markup, const char *line)
{
  static GRegex *regex;
  g_autoptr(GMatchInfo) match = NULL;
  g_autofree char *indent = NULL;
  int end;

  if (!g_regex_match (get_regex (&regex, list_pattern), line, 0, &match))
    {
      chat_markdown_append_line (markup, line);
      return;
    }
  indent = g_match_info_fetch (match, 1);
  g_match_info_fetch_pos (match, 0, NULL, &end);
  g_string_append_printf (markup, "%s  •  ", indent);
  chat_markdown_append_line (markup, line + end);
}

static void
append_any_line (GString *markup, const char *line)
{
  static GRegex *rule;

  if (append_heading (markup, line))
    return;

  if (g_regex_match (get_regex (&rule, rule_pattern), line, 0, NULL))
    g_string_append (markup, "<span alpha=\"40%\">———</span>");
  else if (*line == '>')
    {
      g_string_append (markup, "<span alpha=\"65%\">▎ ");
      chat_markdown_append_line (markup, line + strspn (line, "> "));
      g_string_append (markup, "</span>");
    }
  else
    append_list_item (markup, line);
}

/* Returns the markup of a block. */
char *
chat_block_to_markup (ChatBlock *block)
{
  GString *markup;
  g_auto(GStrv) lines = NULL;

  if (block->fence != NULL)
    return g_markup_escape_text (block->text, -1);

  markup = g_string_new (NULL);
  if (chat_table_is_row (block->text))
    {
      chat_table_append_markup (markup, block->text, block->columns);
      return g_string_free (markup, FALSE);
    }
  lines = g_strsplit (block->text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (markup, '\n');
      append_any_line (markup, lines[i]);
    }

  return g_string_free (markup, FALSE);
}

/* Blocks */

static void
free_block (gpointer data)
{
  ChatBlock *block = data;

  g_free (block->fence);
  g_free (block->text);
  g_clear_pointer (&block->columns, g_array_unref);
  g_free (block);
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\r\n\f\v")] == '\0';
}

/* Adds the lines before this one as a block. */
static void
flush_block (ChatMarkdown *self, GString *lines, gsize start, const char *fence, GArray *columns)
{
  if (lines->len > 0 && (fence != NULL || !is_blank (lines->str)))
    {
      ChatBlock *block = g_new0 (ChatBlock, 1);

      block->start = start;
      block->fence = g_strdup (fence);
      g_string_truncate (lines, lines->len - 1);
      block->text = g_strdup (lines->str);
      block->columns = columns != NULL ? g_array_ref (columns) : NULL;
      if (fence != NULL)
        g_strchomp (block->text);
      g_ptr_array_add (self->blocks, block);
    }
  g_string_truncate (lines, 0);
}

/* Returns the length of a line, or where it is split, between words if it has any. */
static gsize
get_line_length (const char *line)
{
  gsize length = strcspn (line, "\n");
  const char *space;

  if (length <= MAX_BLOCK)
    return length;

  space = g_strrstr_len (line + 1, MAX_BLOCK - 1, " ");
  if (space != NULL)
    return space - line;
  return g_utf8_find_prev_char (line, line + MAX_BLOCK + 1) - line;
}

static char *
find_fence (const char *line)
{
  static GRegex *regex;
  g_autoptr(GMatchInfo) match = NULL;

  return g_regex_match (get_regex (&regex, fence_pattern), line, 0, &match) ? g_match_info_fetch (match, 1) : NULL;
}

/* Whether a line consists of a fence that is as long as the first one, or longer. */
static gboolean
closes_fence (const char *line, const char *fence)
{
  g_autofree char *stripped = g_strstrip (g_strdup (line));

  return g_str_has_prefix (stripped, fence) && strspn (stripped, (char[]) { *fence, '\0' }) == strlen (stripped);
}

/* Returns the columns of the table that the last block of these contains. */
static GArray *
get_columns (GPtrArray *blocks)
{
  ChatBlock *block = g_ptr_array_index (blocks, blocks->len - 1);

  return chat_table_get_columns (block->text, block->columns);
}

/* Adds the blocks of the text from that offset, which is the beginning of a block, within the fence of a code block or not, or with
 * the columns of the table that the block continues. */
static void
split_blocks (ChatMarkdown *self, gsize offset, char *first_fence, GArray *first_columns)
{
  g_autofree char *fence = first_fence;
  g_autoptr(GArray) columns = first_columns;
  g_autoptr(GString) lines = g_string_new (NULL);
  gsize first = offset;

  while (self->text[offset] != '\0')
    {
      gsize length = get_line_length (self->text + offset);
      g_autofree char *line = g_strndup (self->text + offset, length);
      g_autofree char *found = find_fence (line);
      gboolean closes = fence != NULL && found != NULL && closes_fence (line, fence);
      gboolean opens = fence == NULL && found != NULL;
      gboolean in_table = fence == NULL && chat_table_is_row (lines->str);
      gboolean changes = fence == NULL && lines->len > 0 && chat_table_is_row (line) != in_table;

      if (opens || closes || (fence == NULL && is_blank (line)) || lines->len + length > MAX_BLOCK || changes)
        {
          flush_block (self, lines, first, fence, columns);
          g_clear_pointer (&columns, g_array_unref);
          if (in_table && chat_table_is_row (line))
            columns = get_columns (self->blocks);
          first = offset;
        }
      if (opens)
        fence = g_steal_pointer (&found);
      else if (closes)
        g_clear_pointer (&fence, g_free);
      else if (fence != NULL || !is_blank (line))
        {
          if (lines->len == 0)
            first = offset;
          g_string_append (lines, line);
          g_string_append_c (lines, '\n');
        }
      offset += length;
      if (self->text[offset] == '\n')
        offset++;
    }
  flush_block (self, lines, first, fence, columns);
}

ChatMarkdown *
chat_markdown_new (void)
{
  ChatMarkdown *self = g_new0 (ChatMarkdown, 1);

  self->text = g_strdup ("");
  self->blocks = g_ptr_array_new_with_free_func (free_block);

  return self;
}

void
chat_markdown_free (ChatMarkdown *self)
{
  g_free (self->text);
  g_ptr_array_unref (self->blocks);
  g_free (self);
}

GPtrArray *
chat_markdown_get_blocks (ChatMarkdown *self)
{
  return self->blocks;
}

/* Sets the text; returns the number of blocks that are still the same. */
guint
chat_markdown_update (ChatMarkdown *self, const char *text)
{
  ChatBlock *last = self->blocks->len > 0 ? g_ptr_array_index (self->blocks, self->blocks->len - 1) : NULL;
  gsize stable = last != NULL ? last->start : 0;
  char *fence = NULL;
  GArray *columns = NULL;
  guint kept;

  if (strncmp (text, self->text, stable) != 0 || strlen (text) < strlen (self->text))
    {
      stable = 0;
      last = NULL;
      g_ptr_array_set_size (self->blocks, 0);
    }
  if (last != NULL)
    {
      fence = g_strdup (last->fence);
      columns = g_steal_pointer (&last->columns);
      g_ptr_array_set_size (self->blocks, self->blocks->len - 1);
    }
  kept = self->blocks->len;
  g_free (self->text);
  self->text = g_strdup (text);
  split_blocks (self, stable, fence, columns);

  return kept;
}
