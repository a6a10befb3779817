/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Types that several headers name before they are defined, and the guard of public headers. */

#pragma once

#if !defined(OAI_INSIDE) && !defined(OAI_COMPILATION)
#error "Only <openai-1/openai.h> can be included directly."
#endif

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef struct _OaiCall OaiCall;
typedef struct _OaiClient OaiClient;
typedef struct _OaiStream OaiStream;
typedef struct _OaiRecord OaiRecord;
typedef struct _OaiToolCall OaiToolCall;
typedef struct _OaiWebSocket OaiWebSocket;
typedef struct _OaiRecordClass OaiRecordClass;

/**
 * OaiRecordSchema: (skip)
 *
 * The table of a record type, for compiled API descriptions.
 *
 * Since: 1.0
 */
typedef struct _OaiRecordSchema OaiRecordSchema;

G_END_DECLS
