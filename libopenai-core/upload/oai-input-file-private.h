/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-input-file.h"

G_BEGIN_DECLS

#define OAI_INPUT_FILE_DEFAULT_NAME "upload"

struct _OaiInputFile
{
  GObject parent_instance;

  GFile *file;
  GBytes *bytes;
  GInputStream *stream;
  goffset stream_start;     /* where the stream stood when it was handed over */
  gboolean stream_seekable;
  GBytes *head;             /* the first bytes of a stream without a name, once they were read */

  char *filename;
  char *content_type;       /* set by the program */
  char *guessed_type;       /* by the name, made when asked for */
  gboolean guess_type;
  gboolean nameless;        /* no name was given */
  gboolean keep_path;

  gint64 size;
  gint64 prepared_size;     /* found by prepare, for one check */
  gint64 bytes_sent;
  gint64 reported;          /* bytes_sent as of the last notification */
  guint percent;
  double fraction;
  guint readings;
};

/* Where the bytes are; exactly one of file, bytes and stream is not NULL once
 * oai_input_file_check() succeeded.  Borrowed. */
typedef struct
{
  GFile *file;
  GBytes *bytes;
  GInputStream *stream;
  GBytes *head;             /* nullable: comes before what is left of the stream */
} OaiInputSource;

/* filename NULL or empty: the default for what there is to send. */
void oai_input_file_take_filename (OaiInputFile *self, const char *filename);

void oai_input_file_get_source (OaiInputFile *self, OaiInputSource *source);
/* The name as it goes over the wire: no directories unless asked for, never empty, UTF-8. */
char *oai_input_file_dup_sent_name (OaiInputFile *self, gboolean keep_path);

/* Finds the size of a file that is not on this machine, so that the next call of
 * check does not wait for the network, and the format of a stream without a name. */
gboolean oai_input_file_needs_prepare (OaiInputFile *self);
void oai_input_file_prepare_async (OaiInputFile *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean oai_input_file_prepare_finish (OaiInputFile *self, GAsyncResult *result, GError **error);
/* Whether it was read, if only in part, from a stream that cannot be rewound. */
gboolean oai_input_file_is_used_up (OaiInputFile *self);
/* Whether reading it may have to wait: a pipe, a file that is elsewhere. */
gboolean oai_input_file_may_block (OaiInputFile *self);
/* Before each upload: whether it can be sent (again), and how much it is (-1 unknown). */
gboolean oai_input_file_check (OaiInputFile *self, gint64 *size, GError **error);
/* A reading starts.  The answer is the number of the reading: a stream has one
 * position, so a new reading of it ends the one before. */
guint oai_input_file_begin (OaiInputFile *self, GError **error);
gboolean oai_input_file_is_current (OaiInputFile *self, guint reading);
/* total: -1 unknown. */
void oai_input_file_report (OaiInputFile *self, gint64 sent, gint64 total, gboolean finished);

G_END_DECLS
