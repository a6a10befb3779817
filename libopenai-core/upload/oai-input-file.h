/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A file to upload. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_INPUT_FILE (oai_input_file_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiInputFile, oai_input_file, OAI, INPUT_FILE, GObject)

OAI_AVAILABLE_IN_1_0
OaiInputFile *oai_input_file_new_for_file (GFile *file);
OAI_AVAILABLE_IN_1_0
OaiInputFile *oai_input_file_new_for_path (const char *path);
OAI_AVAILABLE_IN_1_0
OaiInputFile *oai_input_file_new_for_bytes (GBytes *bytes, const char *filename);
OAI_AVAILABLE_IN_1_0
OaiInputFile *oai_input_file_new_for_input_stream (GInputStream *stream, const char *filename, gint64 size);

OAI_AVAILABLE_IN_1_0
const char *oai_input_file_get_filename (OaiInputFile *self);
OAI_AVAILABLE_IN_1_0
void oai_input_file_set_filename (OaiInputFile *self, const char *filename);
OAI_AVAILABLE_IN_1_0
const char *oai_input_file_get_content_type (OaiInputFile *self);
OAI_AVAILABLE_IN_1_0
void oai_input_file_set_content_type (OaiInputFile *self, const char *content_type);
OAI_AVAILABLE_IN_1_0
gboolean oai_input_file_get_keep_path (OaiInputFile *self);
OAI_AVAILABLE_IN_1_0
void oai_input_file_set_keep_path (OaiInputFile *self, gboolean keep_path);
OAI_AVAILABLE_IN_1_0
gint64 oai_input_file_get_size (OaiInputFile *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_input_file_get_bytes_sent (OaiInputFile *self);
OAI_AVAILABLE_IN_1_0
double oai_input_file_get_fraction (OaiInputFile *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_input_file_can_rewind (OaiInputFile *self);

G_END_DECLS
