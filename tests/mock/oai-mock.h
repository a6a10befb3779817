/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All public headers of the mock service. */

#pragma once

#include "oai-mock-reply.h"
#include "oai-mock-request.h"
#include "oai-mock-server.h"
