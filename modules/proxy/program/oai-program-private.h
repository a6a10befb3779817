/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The program oai-proxy. */

#pragma once

#include "oai-version.h"

/* Returns the exit status: 0, or 1 after an error, which was printed. */
_OAI_INTERNAL
int oai_program_main (int argc, char **argv);
