/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-threads-streams-private.h"
