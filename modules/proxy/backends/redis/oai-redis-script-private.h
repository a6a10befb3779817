/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The script that counts on the server. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* For EVAL; its operations are described in the source. */
extern const char oai_redis_script[];
/* The line of the script that reads the clock of the server. */
#define OAI_REDIS_SCRIPT_TIME "local time = redis.call('TIME')\n"
/* The number of integers in the reply to an admission. */
#define OAI_REDIS_SCRIPT_N_RESULTS 15

G_END_DECLS
