/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A strict JSON scanner (RFC 8259) that is fed with text in chunks of any size and stores nothing but the names and
 * short values that were requested.  Memory is constant.
 *
 * Names of members are compared after their escapes are decoded.  Invalid UTF-8, lone surrogates in names, nesting
 * beyond 512 levels, and bytes after the value are errors. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define OAI_JSON_SCANNER_MAX_DEPTH 512
/* Values deeper than this are validated, but not reported. */
#define OAI_JSON_SCANNER_MAX_PATH 5
/* Longer names and texts are not stored. */
#define OAI_JSON_SCANNER_MAX_TEXT 512

typedef enum
{
  OAI_JSON_SCANNER_NULL,
  OAI_JSON_SCANNER_FALSE,
  OAI_JSON_SCANNER_TRUE,
  OAI_JSON_SCANNER_NUMBER,
  OAI_JSON_SCANNER_STRING,
  OAI_JSON_SCANNER_ARRAY,
  OAI_JSON_SCANNER_OBJECT
} OaiJsonScannerType;

typedef struct
{
  OaiJsonScannerType type;
  guint depth;            /* 0: the value of the text; 1: its members */
  const guint8 *path;     /* depth numbers: the indices of the names, or OAI_JSON_SCANNER_OTHER */
  guint64 separator;      /* position of the comma before the name, or of the name if it is the first member */
  guint64 begin;          /* position of the first byte of the value */
  guint64 end;            /* position after its last byte; 0 in begin() */
  gboolean first;         /* the first member or element */
  gboolean empty;         /* in end(): an array or object without content */
  const char *text;       /* in end(): a decoded string, or the digits of a number; NULL if it is too long or invalid */
} OaiJsonScannerValue;

/* Of elements of arrays, and of members with another name. */
#define OAI_JSON_SCANNER_OTHER 255

/* Whether a server that ignores case may take a text for a name, which is of lower-case letters.  TRUE for the name
 * itself, too. */
gboolean oai_json_scanner_is_similar (const char *text, const char *name);

typedef struct
{
  const char *const *names;   /* at most 32, of less than 64 lower-case letters; ends with NULL */
  /* Called for each value whose path consists of the names: begin() before its content, end() after it.
   * Both nullable. */
  void (*begin) (const OaiJsonScannerValue *value, gpointer user_data);
  void (*end) (const OaiJsonScannerValue *value, gpointer user_data);
  /* A member's name that differs from one of names only in case; nullable.  Some servers treat both alike. */
  void (*similar) (guint name, guint depth, const guint8 *path, gpointer user_data);
  /* Accepts invalid UTF-8, control characters and lone surrogates in strings, and NaN and infinities. */
  gboolean tolerant;
} OaiJsonScannerFuncs;

typedef struct _OaiJsonScanner OaiJsonScanner;

/* funcs: borrowed. */
OaiJsonScanner *oai_json_scanner_new (const OaiJsonScannerFuncs *funcs, gpointer user_data);
void oai_json_scanner_free (OaiJsonScanner *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiJsonScanner, oai_json_scanner_free)
/* Prepares for another text. */
void oai_json_scanner_reset (OaiJsonScanner *self);
/* FALSE if the text is invalid; then the scanner ignores the rest. */
gboolean oai_json_scanner_feed (OaiJsonScanner *self, const char *data, gsize size);
/* FALSE if the text is not complete. */
gboolean oai_json_scanner_end (OaiJsonScanner *self);
/* Position of the byte at which the text became invalid. */
guint64 oai_json_scanner_get_position (OaiJsonScanner *self);

G_END_DECLS
