/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Several processes that serve the same sockets. */

#pragma once

#include "oai-proxy-config-private.h"

G_BEGIN_DECLS

/* Opens the sockets, starts the workers, and starts those again that end.  Takes the configuration.  passed: see
 * oai_proxy_take_passed_sockets().  Returns the exit status. */
int oai_supervisor_run (OaiProxyConfig *config, GArray *passed);
/* In a process that the supervisor has started.  kinds: for each socket, "plain" or "tls". */
int oai_supervisor_run_worker (const char *path, const char *kinds);

G_END_DECLS
