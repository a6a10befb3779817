/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Messages to the service manager (sd_notify). */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads the variables of the environment, and unsets them.  The other functions do nothing if there is no service
 * manager. */
void oai_notify_init (void);
void oai_notify_ready (const char *status);
void oai_notify_reloading (void);
void oai_notify_stopping (void);
void oai_notify_status (const char *status);
/* Sends messages in the default main context, in the interval that the service manager has requested. */
void oai_notify_start_watchdog (void);
void oai_notify_shutdown (void);

G_END_DECLS
