/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-audio-streams-private.h"
