/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* oai-proxy: a proxy for the OpenAI API that keeps the keys on the server. */

#include <locale.h>

#include "oai-program-private.h"

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");

  return oai_program_main (argc, argv);
}
