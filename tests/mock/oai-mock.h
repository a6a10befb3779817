/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-mock-reply.h"
#include "oai-mock-request.h"
#include "oai-mock-server.h"
