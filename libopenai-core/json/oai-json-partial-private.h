/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Completes JSON text that is still arriving, so that it can be parsed. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_JSON_PARTIAL_NUMBERS, /* omit an unfinished string, keep a number at the end */
  OAI_JSON_PARTIAL_STRINGS  /* close an unfinished string, omit a number at the end */
} OaiJsonPartial;

/* Completes JSON text whose end has not arrived: closes open strings, arrays and objects, and omits
 * values that cannot be completed.  Returns NULL if no value is left.  Syntax errors before the end
 * of the text are not corrected. */
_OAI_INTERNAL
char *oai_json_complete (const char *text, OaiJsonPartial what);

G_END_DECLS
