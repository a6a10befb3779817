/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-moderations-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiModerationRequest *oai_moderation_request_new_for_text (const char *text);
OAI_AVAILABLE_IN_1_0
void oai_moderation_request_add_text (OaiModerationRequest *self, const char *text);
OAI_AVAILABLE_IN_1_0
void oai_moderation_request_add_image_url (OaiModerationRequest *self, const char *url);
OAI_AVAILABLE_IN_1_0
void oai_moderation_request_add_image (OaiModerationRequest *self, GBytes *bytes);
OAI_AVAILABLE_IN_1_0
gboolean oai_moderation_is_flagged (OaiModeration *self);
OAI_AVAILABLE_IN_1_0
GStrv oai_moderation_result_list_flagged (OaiModerationResult *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_moderation_result_has_category (OaiModerationResult *self, const char *category);
OAI_AVAILABLE_IN_1_0
double oai_moderation_result_get_score (OaiModerationResult *self, const char *category);
OAI_AVAILABLE_IN_1_0
GStrv oai_moderation_split_text (const char *text, guint chunk_size, guint overlap);

G_END_DECLS
