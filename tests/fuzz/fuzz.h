/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions for all targets. */

#pragma once

#include <gio/gio.h>
#include <stdint.h>

#include "oai-record.h"

G_BEGIN_DECLS

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* A key. A server repeats it wherever an input contains FUZZ_ECHO. */
#define FUZZ_SECRET "sk-fuzz-Zk3vW9xQ7rT2bN5m/J8+d="
#define FUZZ_ECHO '\001'

/* The first byte of the input, which selects what is done with the rest; 0 if the input is empty. */
guint8 fuzz_take_byte (const uint8_t **data, size_t *size);
/* A copy of the input up to its first NUL, so that reads beyond the end are detected. */
char *fuzz_dup_text (const uint8_t *data, size_t size);
/* The input with each FUZZ_ECHO replaced by the secret. */
GBytes *fuzz_echo_secret (const uint8_t *data, size_t size);

void fuzz_assert_text (const char *text);
void fuzz_assert_json (const char *text);
/* Checks that there is either a result, or an error whose message is valid text. */
void fuzz_assert_error (gboolean success, const GError *error);
/* Checks that the text contains no part of the secret, unless the input contains it. */
void fuzz_assert_redacted (const char *text, const uint8_t *data, size_t size);

/* Reads every member of a record and of nested records with all getters. */
void fuzz_read_record (OaiRecord *record);

G_END_DECLS
