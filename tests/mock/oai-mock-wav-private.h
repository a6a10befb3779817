/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Audio of the mock service. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GBytes *_oai_mock_wav_new (const char *text);

G_END_DECLS
