/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Readiness of sockets, and time limits, of many connections.
 *
 * Each main context has one source for all of its connections, so that the work of an iteration of the main loop
 * does not depend on the number of idle connections, and a connection needs no system call to wait: sockets are added
 * to an epoll descriptor once, edge-triggered.  Elsewhere than on Linux there are only time limits.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _OaiHttpWatch OaiHttpWatch;
typedef struct _OaiHttpPoller OaiHttpPoller;

typedef enum
{
  OAI_HTTP_WATCH_READ = 1 << 0,      /* became readable: read until it would block */
  OAI_HTTP_WATCH_WRITE = 1 << 1,     /* became writable */
  OAI_HTTP_WATCH_END = 1 << 2,       /* the peer closed its direction; bytes may be left */
  OAI_HTTP_WATCH_BROKEN = 1 << 3,    /* closed in both directions, or reset */
  OAI_HTTP_WATCH_DEADLINE = 1 << 4,  /* passed; it is not set then */
  OAI_HTTP_WATCH_SCHEDULED = 1 << 5, /* after oai_http_watch_schedule() */
} OaiHttpWatchEvents;

typedef void (*OaiHttpWatchFunc) (OaiHttpWatchEvents events, gpointer user_data);

struct _OaiHttpWatch
{
  OaiHttpPoller *poller; /* NULL while it is not in use */
  OaiHttpWatchFunc func;
  gpointer user_data;
  GSocket *socket;  /* NULL if it is not watched */
  gint64 deadline;  /* monotonic microseconds, or 0 */
  gboolean scheduled;
  GList link;       /* in the list of all watches */
  GList scheduled_link;
};

/* In the thread-default main context.  socket: may be NULL.  Returns whether the socket is watched.
 * func may clear its own watch and others. */
gboolean oai_http_watch_init (OaiHttpWatch *self, GSocket *socket, OaiHttpWatchFunc func, gpointer user_data);
void oai_http_watch_clear (OaiHttpWatch *self);
/* deadline: monotonic microseconds, or 0 for none. */
void oai_http_watch_set_deadline (OaiHttpWatch *self, gint64 deadline);
/* Calls the function in the next iteration of the main loop. */
void oai_http_watch_schedule (OaiHttpWatch *self);
void oai_http_watch_unschedule (OaiHttpWatch *self);
/* The value of a Date field, now. */
const char *oai_http_watch_get_date (OaiHttpWatch *self);

G_END_DECLS
