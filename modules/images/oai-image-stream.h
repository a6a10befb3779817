/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the images that an image stream has received. */

#pragma once

#include "oai-images-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
GBytes *oai_image_stream_get_newest (OaiImageStream *self);

G_END_DECLS
