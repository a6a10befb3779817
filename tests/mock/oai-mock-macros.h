/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Exports the functions of the mock service. */

#pragma once

#include <glib.h>

#ifndef _OAI_MOCK_EXTERN
#define _OAI_MOCK_EXTERN __attribute__ ((visibility ("default"))) extern
#endif
