/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds an error at the beginning of the body of a successful reply: a JSON error, or an error as the first event of a
 * stream. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A longer beginning is not an error. */
#define OAI_REFUSAL_MAX 16384

typedef enum
{
  OAI_REFUSAL_MORE,    /* more bytes are needed */
  OAI_REFUSAL_CONTENT, /* not an error */
  OAI_REFUSAL_FOUND
} OaiRefusalResult;

/* data: the body so far; ended: whether it is complete.  Sets error to the JSON of an error that is found, in data. */
OaiRefusalResult oai_refusal_probe (const char *data, gsize length, gboolean ended, const char **error, gsize *error_length);

G_END_DECLS
