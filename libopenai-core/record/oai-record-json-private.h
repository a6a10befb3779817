/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Records as JSON text. */

#pragma once

#include "oai-record-private.h"

G_BEGIN_DECLS

/* Appends the record as a JSON object. */
void oai_record_write (OaiRecord *self, GString *out, OaiWriteFlags flags);

G_END_DECLS
