/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-images-types.h"
#include "oai-stream.h"

G_BEGIN_DECLS

#define OAI_TYPE_IMAGE_STREAM (oai_image_stream_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiImageStream, oai_image_stream, OAI, IMAGE_STREAM, OaiStream)

OAI_AVAILABLE_IN_1_0
GBytes *oai_image_stream_get_newest (OaiImageStream *self);
OAI_AVAILABLE_IN_1_0
OaiImageList *oai_image_stream_dup_images (OaiImageStream *self);

G_END_DECLS
