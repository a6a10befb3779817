/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies of the benchmark server. */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#define BODY_FILL_SIZE (256 * 1024)

typedef struct Body Body;

struct Body
{
  size_t (*fill) (Body *self, char *out);
  const char *data;    /* prepared at start */
  const void *events;  /* of a stream */
  size_t left;         /* events or bytes */
  size_t place;
  unsigned interval;   /* of events, in milliseconds; 0: none */
  bool started;        /* the headers were sent */
  bool ended;
  char head[256];
};

void bodies_init (void);
void body_init (Body *self, const char *path);
void body_init_stats (Body *self, unsigned long connections, unsigned long requests);

/* The next bytes of the reply, at most BODY_FILL_SIZE; 0 at its end. */
size_t body_fill (Body *self, char *out);
