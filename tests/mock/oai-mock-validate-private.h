/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks requests against the schemas of the API. */

#pragma once

#include "oai-mock-json-private.h"

G_BEGIN_DECLS

/* Represents an uploaded file in the JSON object of a form. */
#define OAI_MOCK_FILE_MARK '\x02'

/* Validates JSON values with the schemas of one document. */
typedef struct {
  JsonObject *document;
  GHashTable *allowed;
  const char *const *also_allowed;
  gboolean form;
  JsonObject *anchor;
  guint depth;
} OaiMockValidator;

JsonObject *_oai_mock_validator_resolve (OaiMockValidator *self, JsonObject *schema);
void _oai_mock_validator_check (OaiMockValidator *self, JsonNode *node, JsonObject *schema, const char *path, GPtrArray *errors);

G_END_DECLS
