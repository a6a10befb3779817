/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The options of the program, and its commands that do not serve requests. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *config;
  gboolean has_config; /* whether the option was used */
  gboolean check;
  gboolean version;
  char *worker;       /* of a process that the supervisor starts */
  char *add_token;    /* identity */
  char *hash_token;   /* identity */
  char *issue_token;  /* identity */
  char *generate_key; /* id of the key */
  char *limits;
  int lifetime;       /* seconds */
  gboolean usage;
  int days;
} OaiProgramOptions;

gboolean oai_program_options_parse (OaiProgramOptions *self, int argc, char **argv, GError **error);
void oai_program_options_clear (OaiProgramOptions *self);

gboolean oai_program_has_command (OaiProgramOptions *options);
/* Returns the exit status. */
int oai_program_run_command (OaiProgramOptions *options);

G_END_DECLS
