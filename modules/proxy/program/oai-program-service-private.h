/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs the server in this process until a signal ends it. */

#pragma once

#include "oai-proxy-ports-private.h"
#include "oai-proxy-setup-private.h"

G_BEGIN_DECLS

/* Takes the configuration, the array of OaiProxyPort, and the metrics, which may be NULL.  worker: whether a supervisor notifies the service manager, and watches the
 * configuration.  Returns FALSE with problems if it could not start. */
gboolean oai_program_service_run (OaiProxyConfig *config, GPtrArray *ports, OaiMetrics *metrics, gboolean worker, OaiConfigProblems *problems);

/* Reads the configuration again, and its variables.  Returns NULL and logs the problems if it is not valid. */
OaiProxyConfig *oai_program_service_reload_config (const char *path, OaiConfigProblems **problems);
void oai_program_log_problems (OaiConfigProblems *problems);

G_END_DECLS
