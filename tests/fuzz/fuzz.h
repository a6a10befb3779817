/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the targets have in common. */

#pragma once

#include <gio/gio.h>
#include <stdint.h>

#include "oai-record.h"

G_BEGIN_DECLS

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Stands for a key. Where an input has FUZZ_ECHO, a server repeats it. */
#define FUZZ_SECRET "sk-fuzz-Zk3vW9xQ7rT2bN5m/J8+d="
#define FUZZ_ECHO '\001'

/* The first byte of the input, which chooses what is done with the rest; 0 where nothing is left. */
guint8 fuzz_take_byte (const uint8_t **data, size_t *size);
/* The input up to its first NUL, in memory of its own so that reading behind it is noticed. */
char *fuzz_dup_text (const uint8_t *data, size_t size);
/* The input with the secret in the place of each FUZZ_ECHO. */
GBytes *fuzz_echo_secret (const uint8_t *data, size_t size);

void fuzz_assert_text (const char *text);
void fuzz_assert_json (const char *text);
/* Either a result or an error, whose message is text. */
void fuzz_assert_error (gboolean success, const GError *error);
/* No part of the secret is left, unless the input has one itself. */
void fuzz_assert_redacted (const char *text, const uint8_t *data, size_t size);

/* Reads every member of a record and of its parts, in each way. */
void fuzz_read_record (OaiRecord *record);

G_END_DECLS
