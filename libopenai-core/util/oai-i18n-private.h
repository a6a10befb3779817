/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Translation of messages. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Translates a message.  The catalogue is bound with the first call. */
_OAI_INTERNAL
const char *oai_gettext (const char *message) G_GNUC_FORMAT (1);

#define _(message) oai_gettext (message)

G_END_DECLS
