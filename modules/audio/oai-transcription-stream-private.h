/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions that audio.api names for transcription streams. */

#pragma once

#include "oai-audio-streams-private.h"
