/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Responses that are read into objects. */

#pragma once

#include "oai-responses-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gboolean oai_response_request_set_response_type (OaiResponseRequest *self, GType type, GError **error);
OAI_AVAILABLE_IN_1_0
GObject *oai_response_parse (OaiResponse *self, GType type, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_response_stream_set_parsed (OaiResponseStream *self, GObject *object);
OAI_AVAILABLE_IN_1_0
GObject *oai_response_stream_get_parsed (OaiResponseStream *self);

G_END_DECLS
