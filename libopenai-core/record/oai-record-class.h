/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* For the class_init of generated record types. */

#pragma once

#include "oai-record-schema.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
void oai_record_class_set_schema (OaiRecordClass *klass, const OaiRecordSchema *schema);

G_END_DECLS
