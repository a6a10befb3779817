/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-metrics-memory-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oai-i18n-private.h"

/* Changes with the layout. */
#define LAYOUT 1
#define OTHER "other"
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/* Series of a family, without the one that counts the others. */
static const guint max_series[OAI_METRICS_N_FAMILIES] = { 2000, 2000, 64, 200, 64 };
#define MAX_SERIES (2000 + 2000 + 64 + 200 + 64 + OAI_METRICS_N_FAMILIES)

/* The kernel provides pages when they are used first. */
typedef struct
{
  guint32 layout;
  gint n_series;     /* those that are complete */
  gint64 start_time; /* microseconds since 1970 */
  gint64 gauges[OAI_METRICS_N_GAUGES_MAX];
  guint64 totals[OAI_METRICS_N_TOTALS_MAX];
  OaiMetricsSeries series[MAX_SERIES];
} Layout;

struct _OaiMetricsMemory
{
  Layout *layout;
  int fd;            /* -1 if the memory is that of this process */
  GHashTable *index; /* set of OaiMetricsSeries; of the process that writes */
  guint n_series[OAI_METRICS_N_FAMILIES]; /* without those that count the others */
};

static guint64
load (const guint64 *value)
{
  return __atomic_load_n (value, __ATOMIC_RELAXED);
}

static void
store (guint64 *value, guint64 number)
{
  __atomic_store_n (value, number, __ATOMIC_RELAXED);
}

static guint
series_hash (gconstpointer key)
{
  const OaiMetricsSeries *series = key;

  return (g_str_hash (series->label) * 31 + series->status) * 31 + series->family;
}

static gboolean
series_equal (gconstpointer a, gconstpointer b)
{
  const OaiMetricsSeries *first = a;
  const OaiMetricsSeries *second = b;

  return first->family == second->family && first->status == second->status && strcmp (first->label, second->label) == 0;
}

/* The series that counts the others of its family. */
static gboolean
is_other (const OaiMetricsSeries *series)
{
  return series->status == 0 && strcmp (series->label, OTHER) == 0;
}

static gboolean
fail_with_errno (GError **error)
{
  int number = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), _("The memory of the metrics cannot be used: %s"), g_strerror (number));
  return FALSE;
}

/* Takes fd, also if it fails. */
static OaiMetricsMemory *
map (int fd, GError **error)
{
  Layout *layout = mmap (NULL, sizeof (Layout), PROT_READ | PROT_WRITE, fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, fd, 0);
  OaiMetricsMemory *self;

  if (layout == MAP_FAILED)
    {
      fail_with_errno (error);
      if (fd >= 0)
        close (fd);
      return NULL;
    }

  self = g_new0 (OaiMetricsMemory, 1);
  self->layout = layout;
  self->fd = fd;
  self->index = g_hash_table_new (series_hash, series_equal);

  return self;
}

static void
initialize (OaiMetricsMemory *self)
{
  self->layout->layout = LAYOUT;
  self->layout->start_time = g_get_real_time ();
}

OaiMetricsMemory *
oai_metrics_memory_new (void)
{
  g_autoptr(GError) error = NULL;
  OaiMetricsMemory *self = map (-1, &error);

  if (self == NULL)
    g_error ("%s", error->message);
  initialize (self);

  return self;
}

/* Systems can refuse memory that could be executed; old ones do not know the flag. */
static int
create_descriptor (void)
{
  int fd = memfd_create ("oai-metrics", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

  return fd < 0 && errno == EINVAL ? memfd_create ("oai-metrics", MFD_CLOEXEC | MFD_ALLOW_SEALING) : fd;
}

/* The size cannot change, so that access never fails. */
OaiMetricsMemory *
oai_metrics_memory_new_shared (GError **error)
{
  int fd = create_descriptor ();
  OaiMetricsMemory *self;

  if (fd < 0 || ftruncate (fd, sizeof (Layout)) != 0 || fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    {
      fail_with_errno (error);
      if (fd >= 0)
        close (fd);
      return NULL;
    }

  self = map (fd, error);
  if (self != NULL)
    initialize (self);

  return self;
}

static gboolean
add_to_index (OaiMetricsMemory *self, OaiMetricsSeries *series)
{
  series->label[sizeof series->label - 1] = '\0';
  if (series->family >= OAI_METRICS_N_FAMILIES || !g_hash_table_add (self->index, series))
    return FALSE;

  return is_other (series) || ++self->n_series[series->family] <= max_series[series->family];
}

/* What a former process has counted.  Returns FALSE if no process of this program can have written that. */
static gboolean
read_index (OaiMetricsMemory *self)
{
  gint n = g_atomic_int_get (&self->layout->n_series);

  if (n < 0 || n > (gint) MAX_SERIES)
    return FALSE;
  for (gint i = 0; i < n; i++)
    if (!add_to_index (self, &self->layout->series[i]))
      return FALSE;

  return TRUE;
}

static void
remove_all_series (OaiMetricsMemory *self)
{
  g_hash_table_remove_all (self->index);
  memset (self->n_series, 0, sizeof self->n_series);
  g_atomic_int_set (&self->layout->n_series, 0);
}

OaiMetricsMemory *
oai_metrics_memory_new_for_descriptor (int fd, GError **error)
{
  struct stat status;
  g_autoptr(OaiMetricsMemory) self = NULL;

  if (fstat (fd, &status) != 0 || status.st_size != sizeof (Layout))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("The memory of the metrics is that of another version of the program"));
      close (fd);
      return NULL;
    }
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  self = map (fd, error);
  if (self == NULL)
    return NULL;
  if (self->layout->layout != LAYOUT)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("The memory of the metrics is that of another version of the program"));
      return NULL;
    }
  if (!read_index (self))
    remove_all_series (self);

  return g_steal_pointer (&self);
}

void
oai_metrics_memory_free (OaiMetricsMemory *self)
{
  g_hash_table_unref (self->index);
  munmap (self->layout, sizeof (Layout));
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

int
oai_metrics_memory_get_descriptor (OaiMetricsMemory *self)
{
  return self->fd;
}

static OaiMetricsSeries *
append (OaiMetricsMemory *self, const OaiMetricsSeries *key)
{
  gint n = g_atomic_int_get (&self->layout->n_series);
  OaiMetricsSeries *series;

  g_return_val_if_fail (n >= 0 && n < (gint) MAX_SERIES, NULL);

  /* A process may have died here. */
  series = &self->layout->series[n];
  memset (series, 0, sizeof *series);
  series->family = key->family;
  series->status = key->status;
  g_strlcpy (series->label, key->label, sizeof series->label);
  g_atomic_int_set (&self->layout->n_series, n + 1);
  g_hash_table_add (self->index, series);
  if (!is_other (series))
    self->n_series[series->family]++;

  return series;
}

OaiMetricsSeries *
oai_metrics_memory_ensure (OaiMetricsMemory *self, OaiMetricsFamily family, const char *label, guint status)
{
  OaiMetricsSeries key;
  OaiMetricsSeries *series;

  key.family = family;
  key.status = status;
  if (g_strlcpy (key.label, label, sizeof key.label) >= sizeof key.label)
    {
      g_strlcpy (key.label, OTHER, sizeof key.label);
      key.status = 0;
    }
  series = g_hash_table_lookup (self->index, &key);
  if (series == NULL && self->n_series[family] >= max_series[family])
    {
      g_strlcpy (key.label, OTHER, sizeof key.label);
      key.status = 0;
      series = g_hash_table_lookup (self->index, &key);
    }

  return series != NULL ? series : append (self, &key);
}

void
oai_metrics_series_add (OaiMetricsSeries *self, guint index, guint64 change)
{
  store (&self->values[index], load (&self->values[index]) + change);
}

double
oai_metrics_series_get_double (const OaiMetricsSeries *self, guint index)
{
  guint64 bits = load (&self->values[index]);
  double value;

  memcpy (&value, &bits, sizeof value);

  return value;
}

void
oai_metrics_series_add_double (OaiMetricsSeries *self, guint index, double change)
{
  double value = oai_metrics_series_get_double (self, index) + change;
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  store (&self->values[index], bits);
}

void
oai_metrics_memory_add_total (OaiMetricsMemory *self, guint index, guint64 change)
{
  store (&self->layout->totals[index], load (&self->layout->totals[index]) + change);
}

guint64
oai_metrics_memory_get_total (OaiMetricsMemory *self, guint index)
{
  return load (&self->layout->totals[index]);
}

void
oai_metrics_memory_set_gauge (OaiMetricsMemory *self, guint index, gint64 value)
{
  __atomic_store_n (&self->layout->gauges[index], value, __ATOMIC_RELAXED);
}

gint64
oai_metrics_memory_get_gauge (OaiMetricsMemory *self, guint index)
{
  return __atomic_load_n (&self->layout->gauges[index], __ATOMIC_RELAXED);
}

void
oai_metrics_memory_clear_gauges (OaiMetricsMemory *self)
{
  for (guint i = 0; i < OAI_METRICS_N_GAUGES_MAX; i++)
    oai_metrics_memory_set_gauge (self, i, 0);
}

gint64
oai_metrics_memory_get_start_time (OaiMetricsMemory *self)
{
  return self->layout->start_time;
}

/* The other process can change its memory at any time, so each member is read once. */
static void
merge_series (OaiMetricsMemory *self, const OaiMetricsSeries *other, OaiMetricsFamily doubles, guint index)
{
  guint32 family = __atomic_load_n (&other->family, __ATOMIC_RELAXED);
  char label[sizeof other->label];
  OaiMetricsSeries *series;

  if (family >= OAI_METRICS_N_FAMILIES)
    return;

  memcpy (label, other->label, sizeof label);
  label[sizeof label - 1] = '\0';
  series = oai_metrics_memory_ensure (self, family, label, __atomic_load_n (&other->status, __ATOMIC_RELAXED));
  for (guint i = 0; i < OAI_METRICS_N_VALUES; i++)
    if (family == doubles && i == index)
      oai_metrics_series_add_double (series, i, oai_metrics_series_get_double (other, i));
    else
      oai_metrics_series_add (series, i, load (&other->values[i]));
}

void
oai_metrics_memory_merge (OaiMetricsMemory *self, OaiMetricsMemory *other, OaiMetricsFamily doubles, guint index)
{
  gint n = CLAMP (g_atomic_int_get (&other->layout->n_series), 0, (gint) MAX_SERIES);

  self->layout->start_time = MIN (self->layout->start_time, other->layout->start_time);
  for (guint i = 0; i < OAI_METRICS_N_GAUGES_MAX; i++)
    oai_metrics_memory_set_gauge (self, i, (gint64) ((guint64) oai_metrics_memory_get_gauge (self, i) + (guint64) oai_metrics_memory_get_gauge (other, i)));
  for (guint i = 0; i < OAI_METRICS_N_TOTALS_MAX; i++)
    oai_metrics_memory_add_total (self, i, oai_metrics_memory_get_total (other, i));
  for (gint i = 0; i < n; i++)
    merge_series (self, &other->layout->series[i], doubles, index);
}

static int
compare_series (gconstpointer a, gconstpointer b)
{
  const OaiMetricsSeries *first = *(gpointer *) a;
  const OaiMetricsSeries *second = *(gpointer *) b;
  int order = strcmp (first->label, second->label);

  return order != 0 ? order : (first->status > second->status) - (first->status < second->status);
}

GPtrArray *
oai_metrics_memory_list (OaiMetricsMemory *self, OaiMetricsFamily family)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer series;

  g_hash_table_iter_init (&iter, self->index);
  while (g_hash_table_iter_next (&iter, &series, NULL))
    if (((OaiMetricsSeries *) series)->family == family)
      g_ptr_array_add (list, series);
  g_ptr_array_sort (list, compare_series);

  return list;
}
