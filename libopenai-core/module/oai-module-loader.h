/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lists the installed modules. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
GStrv oai_list_modules (void);

G_END_DECLS
