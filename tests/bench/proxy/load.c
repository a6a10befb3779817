/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends requests to a proxy, and measures the time until the end of each reply.
 *
 * usage: load closed PORT REQUEST CONNECTIONS COUNT   each connection sends the next request after a reply
 *        load rate PORT REQUEST CONNECTIONS COUNT RATE   RATE requests a second, even if replies are late
 *        load hold PORT REQUEST CONNECTIONS   opens streams, and holds them until standard input is closed
 *
 * REQUEST is a file with the bytes of a request.  Prints JSON: the number of replies, the seconds that they took, and
 * latencies in microseconds; "hold" prints a line when each stream has delivered bytes of its body, then the number
 * of bytes that all streams received.  Any reply other than 200 fails. */


#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_SIZE (256 * 1024)
#define MAX_HEAD (16 * 1024)
#define LIFETIME 900 /* seconds */

typedef enum
{
  HEAD,
  SIZED,      /* a body with Content-Length */
  CHUNK_SIZE,
  CHUNK_DATA, /* and the line end after it */
  TRAILER,
} State;

typedef struct
{
  int fd;
  bool busy;
  State state;
  char line[MAX_HEAD];
  size_t line_length;
  uint64_t left;  /* bytes of the body or the chunk */
  uint64_t start; /* when the request was due */
  bool has_body;  /* bytes of it have arrived */
} Connection;

static char request[64 * 1024];
static size_t request_length;
static int port;
static int epoll_fd;
static Connection *connections;
static unsigned n_connections;
static uint64_t n_wanted, n_sent, n_done, n_bytes, n_with_body;
static uint32_t *latencies; /* in units of 100 ns */
static Connection **idle;   /* a ring */
static uint64_t idle_head, idle_tail;
static bool hold;

static void
die (const char *what)
{
  fprintf (stderr, "load: %s: %s\n", what, strerror (errno));
  exit (1);
}

static uint64_t
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return now.tv_sec * UINT64_C (1000000000) + now.tv_nsec;
}

static void
watch (int fd, void *data)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = data };

  if (epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
    die ("epoll_ctl");
}

static void
open_connection (Connection *self)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK), .sin_port = htons (port) };
  int one = 1;

  self->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (self->fd < 0 || connect (self->fd, (struct sockaddr *) &address, sizeof address) != 0)
    die ("connect");
  setsockopt (self->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  watch (self->fd, self);
}

static void
send_request (Connection *self, uint64_t start)
{
  self->busy = true;
  self->start = start;
  self->state = HEAD;
  self->line_length = 0;
  self->has_body = false;
  n_sent++;
  if (send (self->fd, request, request_length, MSG_NOSIGNAL) != (ssize_t) request_length)
    die ("send");
}

static void
end_reply (Connection *self)
{
  if (hold)
    die ("a stream ended");
  latencies[n_done++] = (get_time () - self->start) / 100;
  self->busy = false;
  idle[idle_tail++ % n_connections] = self;
}

static void
read_head (Connection *self)
{
  const char *length = strcasestr (self->line, "\r\ncontent-length:");

  if (strncmp (self->line, "HTTP/1.1 200 ", 13) != 0)
    {
      fprintf (stderr, "load: %s\n", self->line);
      exit (1);
    }
  if (strcasestr (self->line, "\r\ntransfer-encoding: chunked") != NULL)
    {
      self->state = CHUNK_SIZE;
      return;
    }
  if (length == NULL)
    die ("a reply without length");
  self->state = SIZED;
  self->left = strtoull (length + 17, NULL, 10);
}

/* A line of the framing, or the head. */
static void
read_line (Connection *self)
{
  bool end = self->state != HEAD ? self->line[self->line_length - 1] == '\n'
                                 : self->line_length > 3 && memcmp (self->line + self->line_length - 4, "\r\n\r\n", 4) == 0;

  if (!end)
    {
      if (self->line_length == MAX_HEAD - 1)
        die ("a long line");
      return;
    }

  self->line[self->line_length] = '\0';
  if (self->state == HEAD)
    {
      read_head (self);
    }
  else if (self->state == TRAILER)
    {
      if (self->line_length == 2)
        end_reply (self);
    }
  else
    {
      self->left = strtoull (self->line, NULL, 16);
      self->state = self->left > 0 ? CHUNK_DATA : TRAILER;
      self->left += 2;
    }
  self->line_length = 0;
}

static void
read_bytes (Connection *self, const char *data, size_t size)
{
  while (size > 0)
    {
      size_t n = 1;

      if (!self->busy)
        die ("bytes after a reply");
      if (self->state == SIZED || self->state == CHUNK_DATA)
        {
          n = size < self->left ? size : self->left;
          self->left -= n;
          n_bytes += n;
          n_with_body += !self->has_body;
          self->has_body = true;
          if (self->left == 0 && self->state == SIZED)
            end_reply (self);
          else if (self->left == 0)
            self->state = CHUNK_SIZE;
        }
      else
        {
          self->line[self->line_length++] = *data;
          read_line (self);
        }
      data += n;
      size -= n;
    }
}

static void
receive (Connection *self)
{
  static char buffer[BUFFER_SIZE];
  ssize_t n = recv (self->fd, buffer, sizeof buffer, MSG_DONTWAIT);

  if (n == 0)
    die ("the connection was closed");
  if (n < 0 && errno != EAGAIN)
    die ("recv");
  if (n > 0)
    read_bytes (self, buffer, n);
}

/* Waits for events, and returns whether standard input was closed or the timer expired, whose data is NULL. */
static bool
wait_for_events (void)
{
  struct epoll_event events[64];
  int n = epoll_wait (epoll_fd, events, 64, -1);
  bool other = false;

  for (int i = 0; i < n; i++)
    {
      if (events[i].data.ptr != NULL)
        receive (events[i].data.ptr);
      else
        other = true;
    }

  return other;
}

/* Modes */

static void
run_closed (void)
{
  while (n_done < n_wanted)
    {
      while (idle_head < idle_tail && n_sent < n_wanted)
        send_request (idle[idle_head++ % n_connections], get_time ());
      wait_for_events ();
    }
}

static void
run_rate (double rate)
{
  int timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  uint64_t begin = get_time () + 1000000;

  watch (timer, NULL);
  while (n_done < n_wanted)
    {
      uint64_t due = begin + (uint64_t) (n_sent * 1e9 / rate);

      while (n_sent < n_wanted && idle_head < idle_tail && due <= get_time ())
        {
          send_request (idle[idle_head++ % n_connections], due);
          due = begin + (uint64_t) (n_sent * 1e9 / rate);
        }
      if (n_sent < n_wanted && idle_head < idle_tail)
        {
          struct itimerspec at = { .it_value = { due / 1000000000, due % 1000000000 } };

          timerfd_settime (timer, TFD_TIMER_ABSTIME, &at, NULL);
        }
      if (wait_for_events ())
        {
          uint64_t expirations;

          if (read (timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN)
            die ("timer");
        }
    }
}

static void
run_hold (void)
{
  hold = true;
  watch (STDIN_FILENO, NULL);
  for (unsigned i = 0; i < n_connections; i++)
    send_request (&connections[i], get_time ());
  while (n_with_body < n_connections)
    if (wait_for_events ())
      return;
  printf ("ready\n");
  fflush (stdout);
  while (!wait_for_events ())
    continue;
}

static int
compare (const void *a, const void *b)
{
  uint32_t one = *(const uint32_t *) a, two = *(const uint32_t *) b;

  return (one > two) - (one < two);
}

static double
get_percentile (double fraction)
{
  return n_done > 0 ? latencies[(uint64_t) ((n_done - 1) * fraction)] / 10.0 : 0;
}

int
main (int argc, char **argv)
{
  uint64_t begin;
  FILE *file;

  if (argc < 5)
    return 2;
  alarm (LIFETIME);
  port = atoi (argv[2]);
  file = fopen (argv[3], "rb");
  if (file == NULL)
    die (argv[3]);
  request_length = fread (request, 1, sizeof request, file);
  fclose (file);
  n_connections = atoi (argv[4]);
  n_wanted = argc > 5 ? strtoull (argv[5], NULL, 10) : 0;
  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  connections = calloc (n_connections, sizeof *connections);
  idle = calloc (n_connections, sizeof *idle);
  latencies = calloc (n_wanted + 1, sizeof *latencies);
  for (unsigned i = 0; i < n_connections; i++)
    {
      open_connection (&connections[i]);
      idle[idle_tail++] = &connections[i];
    }

  begin = get_time ();
  if (strcmp (argv[1], "hold") == 0)
    run_hold ();
  else if (strcmp (argv[1], "rate") == 0 && argc > 6)
    run_rate (atof (argv[6]));
  else if (strcmp (argv[1], "closed") == 0)
    run_closed ();
  else
    return 2;

  qsort (latencies, n_done, sizeof *latencies, compare);
  printf ("{\"replies\": %lu, \"seconds\": %.6f, \"bytes\": %lu, \"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f}\n",
          (unsigned long) n_done, (get_time () - begin) / 1e9, (unsigned long) n_bytes, get_percentile (0.5), get_percentile (0.99),
          get_percentile (0.999), get_percentile (1));

  return 0;
}
