/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-http-watch-private.h"

#include <string.h>

#ifdef __linux__
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>
#endif

#define BATCH 64
#define DATE_SIZE sizeof "Sun, 06 Nov 1994 08:49:37 GMT"

struct _OaiHttpPoller
{
  GSource parent;

  GMainContext *context;
  guint n_users;
  GQueue watches;
  GQueue scheduled;
  gint64 next_deadline; /* the ready time of the source; G_MAXINT64 if there is none */
  gint64 date_second;   /* of the text of the date */
  char date[DATE_SIZE];
#ifdef __linux__
  GPollFD poll;         /* the epoll descriptor */
  struct epoll_event events[BATCH]; /* those that are not dispatched yet, from next on */
  int n_events;
  int next;
#endif
};

static GMutex mutex;
static GHashTable *pollers; /* GMainContext → OaiHttpPoller, protected by mutex */

/* Dispatching */

static void
call (OaiHttpWatch *watch, OaiHttpWatchEvents events)
{
  watch->func (events, watch->user_data);
}

static void
dispatch_scheduled (OaiHttpPoller *self)
{
  /* Those that are scheduled meanwhile are for the next iteration. */
  for (guint n = self->scheduled.length; n > 0 && self->scheduled.head != NULL; n--)
    {
      OaiHttpWatch *watch = self->scheduled.head->data;

      oai_http_watch_unschedule (watch);
      call (watch, OAI_HTTP_WATCH_SCHEDULED);
    }
}

/* The list can change in each call, so it is rotated: what is at its head has not been visited. */
static void
dispatch_deadlines (OaiHttpPoller *self, gint64 now)
{
  self->next_deadline = G_MAXINT64;
  for (guint n = self->watches.length; n > 0 && self->watches.head != NULL; n--)
    {
      GList *link = g_queue_pop_head_link (&self->watches);
      OaiHttpWatch *watch = link->data;

      g_queue_push_tail_link (&self->watches, link);
      if (watch->deadline > now)
        {
          self->next_deadline = MIN (self->next_deadline, watch->deadline);
        }
      else if (watch->deadline != 0)
        {
          watch->deadline = 0;
          call (watch, OAI_HTTP_WATCH_DEADLINE);
        }
    }

  g_source_set_ready_time (&self->parent, self->next_deadline < G_MAXINT64 ? self->next_deadline : -1);
}

#ifdef __linux__

static OaiHttpWatchEvents
to_watch_events (guint32 events)
{
  return ((events & EPOLLIN) != 0 ? OAI_HTTP_WATCH_READ : 0) | ((events & EPOLLOUT) != 0 ? OAI_HTTP_WATCH_WRITE : 0)
         | ((events & EPOLLRDHUP) != 0 ? OAI_HTTP_WATCH_END : 0) | ((events & (EPOLLHUP | EPOLLERR)) != 0 ? OAI_HTTP_WATCH_BROKEN : 0);
}

/* A callback that iterates the main loop also dispatches the rest of the events. */
static void
dispatch_sockets (OaiHttpPoller *self)
{
  if (self->next == self->n_events)
    {
      int n = epoll_wait (self->poll.fd, self->events, BATCH, 0);

      self->next = 0;
      self->n_events = MAX (n, 0);
    }
  while (self->next < self->n_events)
    {
      struct epoll_event *event = &self->events[self->next++];

      if (event->data.ptr != NULL)
        call (event->data.ptr, to_watch_events (event->events));
    }
}

static gboolean
has_events (OaiHttpPoller *self)
{
  return self->next < self->n_events;
}

#else

static void
dispatch_sockets (OaiHttpPoller *self)
{
}

static gboolean
has_events (OaiHttpPoller *self)
{
  return FALSE;
}

#endif

static gboolean
poller_prepare (GSource *source, int *timeout)
{
  OaiHttpPoller *self = (OaiHttpPoller *) source;

  *timeout = -1;

  return self->scheduled.length > 0 || has_events (self);
}

static gboolean
poller_check (GSource *source)
{
  OaiHttpPoller *self = (OaiHttpPoller *) source;

#ifdef __linux__
  if (self->poll.revents != 0)
    return TRUE;
#endif

  return self->scheduled.length > 0 || has_events (self);
}

static gboolean
poller_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  OaiHttpPoller *self = (OaiHttpPoller *) source;
  gint64 now = g_source_get_time (source);

  dispatch_scheduled (self);
#ifdef __linux__
  if (self->poll.revents != 0 || has_events (self))
#endif
    dispatch_sockets (self);
  if (self->next_deadline <= now && !g_source_is_destroyed (source))
    dispatch_deadlines (self, now);

  return G_SOURCE_CONTINUE;
}

static void
poller_finalize (GSource *source)
{
  OaiHttpPoller *self = (OaiHttpPoller *) source;

#ifdef __linux__
  if (self->poll.fd >= 0)
    close (self->poll.fd);
#endif
  g_main_context_unref (self->context);
}

static GSourceFuncs poller_funcs = {
  .prepare = poller_prepare,
  .check = poller_check,
  .dispatch = poller_dispatch,
  .finalize = poller_finalize,
};

/* The poller of the context */

static OaiHttpPoller *
poller_new (GMainContext *context)
{
  OaiHttpPoller *self = (OaiHttpPoller *) g_source_new (&poller_funcs, sizeof *self);

  self->context = g_main_context_ref (context);
  self->next_deadline = G_MAXINT64;
  g_source_set_can_recurse (&self->parent, TRUE);
  g_source_set_static_name (&self->parent, "[openai] connections");
#ifdef __linux__
  self->poll.fd = epoll_create1 (EPOLL_CLOEXEC);
  self->poll.events = G_IO_IN;
  if (self->poll.fd >= 0)
    g_source_add_poll (&self->parent, &self->poll);
#endif
  g_source_attach (&self->parent, context);

  return self;
}

static OaiHttpPoller *
poller_acquire (void)
{
  GMainContext *context = g_main_context_ref_thread_default ();
  OaiHttpPoller *self;

  g_mutex_lock (&mutex);
  if (pollers == NULL)
    pollers = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (pollers, context);
  if (self == NULL)
    {
      self = poller_new (context);
      g_hash_table_insert (pollers, context, self);
    }
  self->n_users++;
  g_mutex_unlock (&mutex);
  g_main_context_unref (context);

  return self;
}

static void
poller_release (OaiHttpPoller *self)
{
  gboolean last;

  g_mutex_lock (&mutex);
  last = --self->n_users == 0;
  if (last)
    g_hash_table_remove (pollers, self->context);
  if (g_hash_table_size (pollers) == 0)
    g_clear_pointer (&pollers, g_hash_table_unref);
  g_mutex_unlock (&mutex);
  if (!last)
    return;

  g_source_destroy (&self->parent);
  g_source_unref (&self->parent);
}

/* Watches */

static gboolean
add_socket (OaiHttpWatch *self, GSocket *socket)
{
#ifdef __linux__
  struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = self };

  if (epoll_ctl (self->poller->poll.fd, EPOLL_CTL_ADD, g_socket_get_fd (socket), &event) < 0)
    return FALSE;

  self->socket = g_object_ref (socket);

  return TRUE;
#else
  return FALSE;
#endif
}

static void
remove_socket (OaiHttpWatch *self)
{
#ifdef __linux__
  OaiHttpPoller *poller = self->poller;
  struct epoll_event unused = { 0 };

  if (!g_socket_is_closed (self->socket))
    epoll_ctl (poller->poll.fd, EPOLL_CTL_DEL, g_socket_get_fd (self->socket), &unused);
  for (int i = poller->next; i < poller->n_events; i++)
    if (poller->events[i].data.ptr == self)
      poller->events[i].data.ptr = NULL;
#endif
  g_clear_object (&self->socket);
}

gboolean
oai_http_watch_init (OaiHttpWatch *self, GSocket *socket, OaiHttpWatchFunc func, gpointer user_data)
{
  *self = (OaiHttpWatch) { .poller = poller_acquire (), .func = func, .user_data = user_data };
  self->link.data = self->scheduled_link.data = self;
  g_queue_push_tail_link (&self->poller->watches, &self->link);

  return socket != NULL && add_socket (self, socket);
}

void
oai_http_watch_clear (OaiHttpWatch *self)
{
  if (self->poller == NULL)
    return;

  oai_http_watch_unschedule (self);
  if (self->socket != NULL)
    remove_socket (self);
  g_queue_unlink (&self->poller->watches, &self->link);
  poller_release (g_steal_pointer (&self->poller));
}

/* A later deadline does not change the ready time of the source, which would wake the main loop. */
void
oai_http_watch_set_deadline (OaiHttpWatch *self, gint64 deadline)
{
  OaiHttpPoller *poller = self->poller;

  self->deadline = deadline;
  if (deadline == 0 || deadline >= poller->next_deadline)
    return;

  poller->next_deadline = deadline;
  g_source_set_ready_time (&poller->parent, deadline);
}

void
oai_http_watch_schedule (OaiHttpWatch *self)
{
  if (self->scheduled)
    return;

  self->scheduled = TRUE;
  g_queue_push_tail_link (&self->poller->scheduled, &self->scheduled_link);
}

void
oai_http_watch_unschedule (OaiHttpWatch *self)
{
  if (!self->scheduled)
    return;

  self->scheduled = FALSE;
  g_queue_unlink (&self->poller->scheduled, &self->scheduled_link);
}

const char *
oai_http_watch_get_date (OaiHttpWatch *self)
{
  static const char days[] = "MonTueWedThuFriSatSun", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  OaiHttpPoller *poller = self->poller;
  gint64 second = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr(GDateTime) time = NULL;

  if (second == poller->date_second)
    return poller->date;

  time = g_date_time_new_from_unix_utc (second);
  poller->date_second = second;
  g_snprintf (poller->date, DATE_SIZE, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
              days + 3 * (g_date_time_get_day_of_week (time) - 1), g_date_time_get_day_of_month (time),
              months + 3 * (g_date_time_get_month (time) - 1), g_date_time_get_year (time),
              g_date_time_get_hour (time), g_date_time_get_minute (time), g_date_time_get_second (time));

  return poller->date;
}
