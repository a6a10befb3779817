/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the heads of requests by RFC 9112, without any leniency: what two readers could understand
 * differently is refused. */

#pragma once

#include "oai-http-fields-private.h"

G_BEGIN_DECLS

/* 0 in a member stands for the value in parentheses, unless another meaning is given. */
typedef struct
{
  guint max_head_size;    /* bytes, with the request line (16 384) */
  guint max_target_size;  /* bytes (8192) */
  guint max_fields;       /* (100) */
  guint head_timeout_ms;  /* from the first byte to the end of the head (10 000) */
  guint idle_timeout_ms;  /* until the first byte of a request (75 000) */
  guint body_timeout_ms;  /* without a byte of the body, while it is read (30 000) */
  guint write_timeout_ms; /* during which the client accepts no byte of a reply (60 000) */
  guint drain_timeout_ms; /* in which the rest of a body that is not used has to arrive (3000) */
  guint min_rate;         /* bytes a second of a body, or of a reply that cannot be sent at once, on
                           * average over the time of waiting; counted after the time-out (100) */
  gsize write_mark;       /* bytes of output: with more, writing is to stop (65 536) */
  guint max_requests;     /* of a connection; 0 for no limit */
  gboolean half_close;    /* Whether a client that has closed its direction still receives its reply.
                           * Without it, such a client is gone, as it is for other proxies: a closed
                           * connection cannot be distinguished from one that is closed in one
                           * direction until something is sent. */
} OaiHttpSettings;

/* Why a request was refused. */
typedef struct
{
  guint status;
  const char *code;    /* stable */
  const char *message; /* for the client */
} OaiHttpRefusal;

typedef struct
{
  char *method;
  char *target; /* as it was received, in origin form */
  char *path;
  char *query;  /* NULL if there is none */
  guint minor_version;
  OaiHttpFields *fields; /* Values can have bytes that are not UTF-8. */
  gint64 content_length; /* -1 if there is none */
  gboolean chunked;
  gboolean expects_continue;
  gboolean keep_alive;
  gboolean upgrade_websocket;
} OaiHttpHead;

/* Where in a head the reader is.  Zeroed, it is at the beginning. */
typedef struct
{
  gsize line;    /* offset of the current line */
  gsize scanned; /* bytes without a further end of a line */
} OaiHttpScan;

/* What a reader of heads checks while their lines arrive. */
typedef struct
{
  /* The first line, as far as it is known. */
  const OaiHttpRefusal *(*check_beginning) (const char *data, gsize length, const OaiHttpSettings *settings);
  const OaiHttpRefusal *empty; /* the first line is */
  const OaiHttpRefusal *large; /* the head is too large */
} OaiHttpScanRules;

/* Returns the settings with the values of all members that are 0. */
OaiHttpSettings oai_http_settings_complete (const OaiHttpSettings *self);

/* Returns the size of the head at the beginning of data, or 0 if more bytes are needed, or if it is
 * refused.  Call it again with the same scan after more bytes were appended. */
gsize oai_http_head_find_end (OaiHttpScan *scan, const char *data, gsize length, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal);
/* Returns NULL if the head, of this length, is refused.  settings: complete ones. */
OaiHttpHead *oai_http_head_parse (const char *data, gsize length, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal);
void oai_http_head_free (OaiHttpHead *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiHttpHead, oai_http_head_free)

/* The same as oai_http_head_find_end(), for other heads. */
gsize oai_http_scan_head (OaiHttpScan *scan, const OaiHttpScanRules *rules, const char *data, gsize length, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal);
/* Parses the lines after the first one in place, up to the empty line; appends them to fields. */
const OaiHttpRefusal *oai_http_head_parse_fields (char *data, gsize length, const OaiHttpSettings *settings, OaiHttpFields *fields);
/* Parses the value of Content-Length.  Returns FALSE if two readers could understand it differently. */
gboolean oai_http_parse_length (const char *text, gint64 *length);
/* Parses a line of fields, without its end, in place; appends it to fields unless they are NULL. */
const OaiHttpRefusal *oai_http_head_parse_field (char *line, gsize length, OaiHttpFields *fields);
/* Whether all bytes, at least one, are those of a token. */
gboolean oai_http_is_token (const char *text, gsize length);
/* Whether a text can be sent as the value of a field. */
gboolean oai_http_is_value (const char *text);

G_END_DECLS
