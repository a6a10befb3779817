/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The log of the program: to the standard error output, or to the journal if that is what it is connected to. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void oai_program_log_init (void);
/* level: "warning", "message", "info" or "debug"; NULL for "message". */
void oai_program_log_set_level (const char *level);

G_END_DECLS
