/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks a request against the profile of its server before it is sent: the profile of the program, or else that of the
 * library. */

#pragma once

#include "oai-settings.h"

G_BEGIN_DECLS

/* For a request without credentials: returns the error if the server requires a key, or NULL. */
GError *oai_profile_check_key (OaiSettings *settings, GUri *uri);
/* Returns the error if the server does not have an operation, or NULL. */
GError *oai_profile_check_operation (OaiSettings *settings, GUri *uri, const char *operation);

G_END_DECLS
