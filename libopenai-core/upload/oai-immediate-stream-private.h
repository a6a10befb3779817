/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The base class of the bodies of requests, which only libsoup reads.  If bytes are available, an
 * asynchronous read calls its callback before it returns, without a GTask and an iteration of the main
 * loop: g_output_stream_splice_async() reads 8 KiB at a time, and once more at the end.  This is
 * safe since it writes asynchronously after each read. */

#pragma once

#include "oai-pollable-stream-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_IMMEDIATE_STREAM (oai_immediate_stream_get_type ())
_OAI_INTERNAL
G_DECLARE_DERIVABLE_TYPE (OaiImmediateStream, oai_immediate_stream, OAI, IMMEDIATE_STREAM, OaiPollableStream)

struct _OaiImmediateStreamClass
{
  OaiPollableStreamClass parent_class;
};

G_END_DECLS
