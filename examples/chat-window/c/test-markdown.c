/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tests that a text that grows has the same blocks as one that is rendered at once, and valid markup at any moment. */

#include <string.h>

#include "chat-markdown.h"

static void
check_blocks (GPtrArray *growing, GPtrArray *whole)
{
  g_assert_cmpuint (growing->len, ==, whole->len);
  for (guint i = 0; i < whole->len; i++)
    {
      ChatBlock *first = g_ptr_array_index (growing, i);
      ChatBlock *second = g_ptr_array_index (whole, i);

      g_assert_cmpuint (first->start, ==, second->start);
      g_assert_cmpstr (first->fence, ==, second->fence);
      g_assert_cmpstr (first->text, ==, second->text);
    }
}

static void
check_markup (ChatBlock *block)
{
  static const GMarkupParser parser = { NULL, NULL, NULL, NULL, NULL };
  g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, NULL, NULL);
  g_autofree char *markup = chat_block_to_markup (block);
  g_autofree char *element = g_strconcat ("<markup>", markup, "</markup>", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpuint (strlen (block->text), <=, 2000);
  g_assert_true (g_utf8_validate (markup, -1, NULL));
  g_markup_parse_context_parse (context, element, -1, &error);
  g_assert_no_error (error);
  g_assert_null (strstr (markup, "href=\"javascript"));
}

static void
check_text (const char *text)
{
  g_autoptr(ChatMarkdown) growing = chat_markdown_new ();
  glong length = g_utf8_strlen (text, -1);

  for (glong end = 0; end <= length; end += end < 400 || end == length ? 1 : MIN (97, length - end))
    {
      g_autoptr(ChatMarkdown) whole = chat_markdown_new ();
      g_autofree char *part = g_utf8_substring (text, 0, end);
      GPtrArray *blocks = chat_markdown_get_blocks (growing);

      chat_markdown_update (growing, part);
      chat_markdown_update (whole, part);
      check_blocks (blocks, chat_markdown_get_blocks (whole));
      for (guint i = blocks->len > 2 ? blocks->len - 2 : 0; i < blocks->len; i++)
        check_markup (g_ptr_array_index (blocks, i));
    }
}

static void
test_growing_text (void)
{
  g_autofree char *letters = g_strnfill (7000, 'a');
  g_autofree char *stars = g_strnfill (3000, '*');
  g_autofree char *quotes = g_strnfill (3000, '`');
  g_autofree char *brackets = g_strnfill (2000, '[');
  g_autoptr(GString) table = g_string_new ("Text:\n| Name | *Ü* |\n|:-|-:|\n");
  g_autoptr(GString) cells = g_string_new ("|a|\n|-|\n||\n|\n| |b\\|\n|");
  g_autofree char *long_text = g_strconcat (letters, " ", stars, "\n\n\n", quotes, brackets, "漢字", letters, NULL);

  for (guint i = 0; i < 300; i++)
    g_string_append_printf (table, "| **%u** | `a` < %u |\n", i, i * i);
  for (guint i = 0; i < 800; i++)
    g_string_append (cells, i % 7 == 0 ? "漢|" : "|");
  g_string_append (cells, letters);

  check_text ("# Title\n\nSome **bold** and *italic* with `a < b` & [link](https://example.org/?a=1&b=2)\n\n- one\n  - two\n1. three\n\n> quoted\n\n---\n\n| a | b |\n");
  check_text ("```c\nif (a < b && c)\n\n  x = \"1\";\n```\nafter ***both*** ~~no~~ <b>html</b>\n~~~\nnot closed");
  check_text ("[**a**](https://x.org) **[b](https://x.org/<i>)** *`c`* [d](javascript:alert) *** ** * ` `` ``` **a *b** c*");
  check_text ("é ü 漢字 \342\200\256 right \357\277\275 \360\237\230\200 http://a.b/c(d)e,");
  check_text (long_text);
  check_text (table->str);
  check_text (cells->str);
}

static void
test_kept_blocks (void)
{
  g_autoptr(ChatMarkdown) markdown = chat_markdown_new ();
  g_autofree char *markup = NULL;

  chat_markdown_update (markdown, "one\n\ntwo\n\nthr");
  g_assert_cmpuint (chat_markdown_update (markdown, "one\n\ntwo\n\nthree"), ==, 2);
  g_assert_cmpuint (chat_markdown_update (markdown, "**other**"), ==, 0);
  g_assert_cmpuint (chat_markdown_get_blocks (markdown)->len, ==, 1);
  markup = chat_block_to_markup (g_ptr_array_index (chat_markdown_get_blocks (markdown), 0));
  g_assert_cmpstr (markup, ==, "<b>other</b>");
}

static void
check_line (const char *line, const char *expected)
{
  g_autoptr(ChatMarkdown) markdown = chat_markdown_new ();
  g_autofree char *markup = NULL;

  chat_markdown_update (markdown, line);
  markup = chat_block_to_markup (g_ptr_array_index (chat_markdown_get_blocks (markdown), 0));
  g_assert_cmpstr (g_strchomp (markup), ==, expected);
}

static void
test_spans (void)
{
  check_line ("_it_ __bold__ snake_case_x é_x_é", "<i>it</i> <b>bold</b> snake_case_x é_x_é");
  check_line ("*it* **bold** 2 * 3 * 4 a ** b ** c", "<i>it</i> <b>bold</b> 2 * 3 * 4 a ** b ** c");
  check_line ("\\*no\\* \\# \\< \\a `\\*`", "*no* # &lt; \\a <tt>\\*</tt>");
  check_line ("![image](https://x.org/i.png)", "<a href=\"https://x.org/i.png\">image</a>");
}

static void
check_heading (const char *line, const char *text)
{
  g_autoptr(ChatMarkdown) markdown = chat_markdown_new ();
  g_autofree char *expected = g_strdup_printf ("<span size=\"large\" weight=\"bold\">%s</span>", text);
  g_autofree char *markup = NULL;

  chat_markdown_update (markdown, line);
  markup = chat_block_to_markup (g_ptr_array_index (chat_markdown_get_blocks (markdown), 0));
  g_assert_cmpstr (g_strchomp (markup), ==, expected);
}

static void
test_headings (void)
{
  check_heading ("## About C#", "About C#");
  check_heading ("## Title ##", "Title ");
  check_heading ("## ##", "");
}

/* Checks how the text of the last block begins. */
static void
check_table (const char *text, guint n_blocks, const char *expected)
{
  g_autoptr(ChatMarkdown) markdown = chat_markdown_new ();
  g_autoptr(GRegex) tags = g_regex_new ("<[^>]*>", 0, 0, NULL);
  g_autofree char *markup = NULL;
  g_autofree char *plain = NULL;
  GPtrArray *blocks = chat_markdown_get_blocks (markdown);

  chat_markdown_update (markdown, text);
  g_assert_cmpuint (blocks->len, ==, n_blocks);
  markup = chat_block_to_markup (g_ptr_array_index (blocks, n_blocks - 1));
  plain = g_regex_replace_literal (tags, markup, -1, 0, "", 0, NULL);
  g_assert_true (g_str_has_prefix (plain, expected));
}

static void
test_tables (void)
{
  g_autoptr(GString) rows = g_string_new ("| Number | of a row |\n|-:|--|\n");

  check_table ("Text:\n| Name | Size | `x` |\n|:--|--:|:-:|\n| **漢字** | 1 | a \\| b |\n| x | 1000 | [l](https://a.b) | more |", 2,
               "Name │ Size │   x  \n─────┼──────┼───────┼─────\n漢字 │    1 │ a | b\nx    │ 1000 │   l   │ more");
  check_table ("|x| is an absolute value", 1, "|x| is an absolute value");
  for (guint i = 0; i < 200; i++)
    g_string_append (rows, "| 1 | in |\n");
  /* The table is split. */
  check_table (rows->str, 2, "     1 │ in      \n     1 │ in      \n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chat-window/markdown/growing-text", test_growing_text);
  g_test_add_func ("/chat-window/markdown/kept-blocks", test_kept_blocks);
  g_test_add_func ("/chat-window/markdown/spans", test_spans);
  g_test_add_func ("/chat-window/markdown/headings", test_headings);
  g_test_add_func ("/chat-window/markdown/tables", test_tables);

  return g_test_run ();
}
