/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions that threads.api names for run streams. */

#pragma once

#include "oai-threads-streams-private.h"
