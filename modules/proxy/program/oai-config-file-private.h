/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A file of groups with keys and values, each with the number of its line.
 *
 *   # a comment
 *   [GROUP NAME]
 *   KEY = VALUE
 *
 * A value is the rest of its line, without the blanks around it. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Messages about a file, "FILE:LINE: MESSAGE". */
typedef struct
{
  char *path;
  GPtrArray *messages;
  GArray *lines; /* guint, of each message */
} OaiConfigProblems;

OaiConfigProblems *oai_config_problems_new (const char *path);
void oai_config_problems_free (OaiConfigProblems *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiConfigProblems, oai_config_problems_free)

/* line: 0 for a problem of the whole file. */
void oai_config_problems_add (OaiConfigProblems *self, guint line, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Sorts the messages by their lines; those of the whole file are the last ones. */
void oai_config_problems_sort (OaiConfigProblems *self);
/* All messages, each on a line. */
char *oai_config_problems_to_string (OaiConfigProblems *self);

typedef struct
{
  char *key;
  char *value;
  guint line;
} OaiConfigEntry;

typedef struct
{
  char *kind; /* "listen" of "[listen web]" */
  char *name; /* "web"; NULL without a name */
  guint line;
  GPtrArray *entries; /* OaiConfigEntry; each key once */
} OaiConfigGroup;

/* Returns an array of OaiConfigGroup; each kind and name once.  Reports lines that are not valid. */
GPtrArray *oai_config_file_parse (const char *text, OaiConfigProblems *problems);

/* The candidate that is most similar to a text, or NULL if none is.  candidates: ends with NULL. */
const char *oai_config_find_similar (const char *text, const char *const *candidates);

G_END_DECLS
