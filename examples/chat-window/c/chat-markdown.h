/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Renders Markdown as Pango markup, incrementally: a text that grows changes its last block only. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _ChatMarkdown ChatMarkdown;

/* A part of a text that one label shows: a code block, lines of a table, or other text up to an empty line. */
typedef struct
{
  gsize start;     /* offset in the whole text */
  char *fence;     /* of a code block, or NULL */
  char *text;
  GArray *columns; /* of the table that the block continues, or NULL */
} ChatBlock;

ChatMarkdown *chat_markdown_new (void);
void chat_markdown_free (ChatMarkdown *self);
guint chat_markdown_update (ChatMarkdown *self, const char *text);
GPtrArray *chat_markdown_get_blocks (ChatMarkdown *self);
void chat_markdown_append_line (GString *markup, const char *line);
char *chat_block_to_markup (ChatBlock *block);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChatMarkdown, chat_markdown_free)

G_END_DECLS
