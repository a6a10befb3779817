/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Measures the frames of a program: preloaded, it replaces gtk_window_present().  Between two signals SIGUSR1, the window is drawn
 * as often as possible.  The processor time of the main thread between each two frames, in µs, is written to $OAI_CHAT_FRAMES. */

#include <dlfcn.h>
#include <glib-unix.h>
#include <gtk/gtk.h>
#include <time.h>

static guint tick;
static GArray *times; /* µs */

static gint64
get_thread_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);

  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static gboolean
on_tick (GtkWidget *window, GdkFrameClock *clock, gpointer user_data)
{
  gint64 now = get_thread_time ();

  g_array_append_val (times, now);
  gtk_widget_queue_draw (window);

  return G_SOURCE_CONTINUE;
}

static void
write_times (void)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 1; i < times->len; i++)
    g_string_append_printf (text, "%" G_GINT64_FORMAT "\n", g_array_index (times, gint64, i) - g_array_index (times, gint64, i - 1));
  g_file_set_contents (g_getenv ("OAI_CHAT_FRAMES"), text->str, text->len, NULL);
  g_array_set_size (times, 0);
}

static gboolean
on_signal (gpointer user_data)
{
  GtkWidget *window = user_data;

  if (tick == 0)
    {
      tick = gtk_widget_add_tick_callback (window, on_tick, NULL, NULL);
      return G_SOURCE_CONTINUE;
    }

  gtk_widget_remove_tick_callback (window, tick);
  tick = 0;
  write_times ();

  return G_SOURCE_CONTINUE;
}

void
gtk_window_present (GtkWindow *window)
{
  void (*present) (GtkWindow *window) = (void (*) (GtkWindow *)) dlsym (RTLD_NEXT, "gtk_window_present");

  if (times == NULL)
    {
      times = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_unix_signal_add (SIGUSR1, on_signal, window);
    }
  present (window);
}
