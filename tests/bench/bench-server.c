/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server with very low CPU usage for benchmarks: it replies with prepared bytes to
 * any request.  It does not use GLib, so that it shares no code with the measured
 * programs.
 *
 * usage: bench-server [LIFETIME]
 *
 * Listens on 127.0.0.1, prints its port, and ends when its standard input is closed or
 * after LIFETIME seconds (600).  The first part of a path selects the reply:
 *
 *   /ev-N/…      N events of a chat, each in an HTTP chunk
 *   /big-N/…     the same in chunks of 16 KiB
 *   /paced-N/…   the same, one event and chunk per millisecond
 *   /slow-N/…    the same, every 10 milliseconds
 *   /held-N/…    the same, every second
 *   /response-ev-N/…, /response-big-N/…  the same for the events of a response
 *   /json/…      a chat completion
 *   /base64-R/…  R embeddings of 1,536 numbers, as base64
 *   /float-R/…   the same as numbers
 *   /file/…      the record of a file, after reading the request body
 *   /bytes-M/…   M MiB
 *   /stats       the number of accepted connections and of requests
 */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bench-bodies.h"

#define MAX_HEAD (64 * 1024)
#define READ_SIZE (256 * 1024)
#define DEFAULT_LIFETIME 600

typedef struct
{
  int fd;
  int timer;          /* of a paced stream, or -1 */
  char head[MAX_HEAD];
  size_t head_length;
  size_t body_left;   /* of the request */
  bool in_body;
  bool chunked;
  unsigned tail;      /* number of received bytes of "\r\n0\r\n\r\n" */
  Body body;          /* of the reply */
  char *out;
  size_t out_length;
  size_t out_done;
  bool answering;
} Connection;

static int epoll_fd;
static unsigned long n_connections;
static unsigned long n_requests;

static void
die (const char *what)
{
  perror (what);
  exit (1);
}

static void
watch (int fd, uint32_t events, int op, void *data)
{
  struct epoll_event event = { .events = events, .data.ptr = data };

  if (epoll_ctl (epoll_fd, op, fd, &event) != 0)
    die ("epoll_ctl");
}

static void
close_timer (Connection *self)
{
  if (self->timer >= 0)
    close (self->timer);
  self->timer = -1;
}

static void
close_connection (Connection *self)
{
  close_timer (self);
  close (self->fd);
  free (self->out);
  free (self);
}

/* Replies */

static void
start_timer (Connection *self)
{
  struct timespec pause = { self->body.interval / 1000, self->body.interval % 1000 * 1000000l };
  struct itimerspec interval = { pause, pause };

  self->timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (self->timer < 0 || timerfd_settime (self->timer, 0, &interval, NULL) != 0)
    die ("timerfd");
  /* The lowest bit distinguishes the timer from the socket. */
  watch (self->timer, EPOLLIN, EPOLL_CTL_ADD, (char *) self + 1);
}

static void
answer (Connection *self)
{
  char path[64] = "";

  sscanf (self->head, "%*s %63s", path);
  self->in_body = false;
  self->head_length = 0;
  if (strcmp (path, "/stats") == 0)
    {
      body_init_stats (&self->body, n_connections, n_requests);
    }
  else
    {
      n_requests++;
      body_init (&self->body, path);
    }
  self->answering = true;
  if (self->body.interval > 0)
    start_timer (self);
}

/* FALSE if the connection is closed. */
static bool
flush (Connection *self)
{
  while (self->out_done < self->out_length)
    {
      ssize_t n = send (self->fd, self->out + self->out_done, self->out_length - self->out_done, MSG_NOSIGNAL);

      if (n < 0)
        return errno == EAGAIN;
      self->out_done += n;
    }

  return true;
}

static bool
pump (Connection *self)
{
  while (self->answering)
    {
      if (!flush (self))
        return false;
      if (self->out_done < self->out_length)
        return true;
      self->out_done = 0;
      self->out_length = body_fill (&self->body, self->out);
      if (self->out_length == 0)
        {
          self->answering = false;
          close_timer (self);
        }
      else if (self->body.interval > 0 && self->body.started)
        {
          return flush (self);
        }
    }

  return true;
}

static bool
tick (Connection *self)
{
  uint64_t expirations;

  if (read (self->timer, &expirations, sizeof expirations) < 0)
    return true;

  return pump (self);
}

/* Requests */

static const char *
find_header (Connection *self, const char *name)
{
  return strcasestr (self->head, name);
}

static bool
read_head (Connection *self)
{
  static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
  char *end;
  const char *length;
  size_t rest;

  self->head[self->head_length] = '\0';
  end = memmem (self->head, self->head_length, "\r\n\r\n", 4);
  if (end == NULL)
    return self->head_length < MAX_HEAD - 1;

  end[2] = '\0';
  rest = self->head_length - (end + 4 - self->head);
  length = find_header (self, "\r\ncontent-length:");
  self->chunked = find_header (self, "\r\ntransfer-encoding: chunked") != NULL;
  self->body_left = length != NULL ? strtoull (length + 17, NULL, 10) : 0;
  self->tail = 0;
  self->in_body = true;
  if (find_header (self, "\r\nexpect:") != NULL && send (self->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL) < 0)
    return false;
  if (self->chunked)
    {
      static const char last[] = "\r\n0\r\n\r\n";

      if (rest >= 7 && memcmp (end + 4 + rest - 7, last, 7) == 0)
        self->chunked = false;
    }
  else
    {
      self->body_left -= rest < self->body_left ? rest : self->body_left;
    }

  return true;
}

static void
swallow (Connection *self, const char *data, size_t length)
{
  static const char last[] = "\r\n0\r\n\r\n";

  if (!self->chunked)
    {
      self->body_left -= length < self->body_left ? length : self->body_left;
      return;
    }

  for (size_t i = length > 7 ? length - 7 : 0; i < length; i++)
    self->tail = data[i] == last[self->tail] ? self->tail + 1 : data[i] == '\r';
  self->chunked = self->tail < 7;
}

static bool
receive (Connection *self)
{
  static char buffer[READ_SIZE];

  while (!self->answering)
    {
      char *place = self->in_body ? buffer : self->head + self->head_length;
      ssize_t n = recv (self->fd, place, self->in_body ? READ_SIZE : MAX_HEAD - 1 - self->head_length, 0);

      if (n < 0 && errno == EAGAIN)
        return true;
      if (n <= 0)
        return false;
      if (self->in_body)
        {
          swallow (self, buffer, n);
        }
      else
        {
          self->head_length += n;
          if (!read_head (self))
            return false;
        }
      if (self->in_body && !self->chunked && self->body_left == 0)
        answer (self);
    }

  return pump (self);
}

static bool
is_hung_up (Connection *self)
{
  char byte;

  return recv (self->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static bool
handle (Connection *self, bool timer, uint32_t events)
{
  if (timer)
    return self->timer < 0 || tick (self);
  if (events & (EPOLLERR | EPOLLHUP))
    return false;
  if (self->answering && (events & EPOLLRDHUP) && is_hung_up (self))
    return false;
  if (self->answering && self->timer < 0 && !pump (self))
    return false;

  return self->answering || receive (self);
}

static void
accept_all (int listener)
{
  int fd;

  while ((fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
    {
      Connection *self = calloc (1, sizeof *self);
      int one = 1;

      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      self->fd = fd;
      self->timer = -1;
      self->out = malloc (BODY_FILL_SIZE);
      n_connections++;
      watch (fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, EPOLL_CTL_ADD, self);
    }
}

static int
listen_on_loopback (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (listener < 0 || bind (listener, (struct sockaddr *) &address, sizeof address) != 0 || listen (listener, SOMAXCONN) != 0
      || getsockname (listener, (struct sockaddr *) &address, &length) != 0)
    die ("listen");
  printf ("%d\n", ntohs (address.sin_port));
  fflush (stdout);

  return listener;
}

int
main (int argc, char **argv)
{
  static char listening, ending;
  int listener = listen_on_loopback ();

  signal (SIGPIPE, SIG_IGN);
  alarm (argc > 1 ? atoi (argv[1]) : DEFAULT_LIFETIME);
  bodies_init ();
  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  watch (listener, EPOLLIN, EPOLL_CTL_ADD, &listening);
  watch (STDIN_FILENO, EPOLLIN, EPOLL_CTL_ADD, &ending);

  for (;;)
    {
      struct epoll_event event;

      if (epoll_wait (epoll_fd, &event, 1, -1) <= 0)
        continue;
      if (event.data.ptr == &ending)
        return 0;
      if (event.data.ptr == &listening)
        {
          accept_all (listener);
        }
      else
        {
          bool timer = (uintptr_t) event.data.ptr & 1;
          Connection *self = (Connection *) ((uintptr_t) event.data.ptr & ~(uintptr_t) 1);

          if (!handle (self, timer, event.events))
            close_connection (self);
        }
    }
}
