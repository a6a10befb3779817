/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_JSON_PARTIAL_NUMBERS, /* leave out an unfinished string, keep a number at the end */
  OAI_JSON_PARTIAL_STRINGS  /* close an unfinished string, leave out a number at the end */
} OaiJsonPartial;

/* Completes JSON text whose end has not arrived yet, with as much of it as possible: closes
 * what is open and leaves out what cannot be completed.  NULL when nothing is left.  Errors
 * before the end of the text stay. */
_OAI_INTERNAL
char *oai_json_complete (const char *text, OaiJsonPartial what);

G_END_DECLS
