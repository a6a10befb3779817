/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kiosk.h"

#include <string.h>

G_DEFINE_ENUM_TYPE (KioskUnit, kiosk_unit,
                    G_DEFINE_ENUM_VALUE (KIOSK_UNIT_CELSIUS, "celsius"),
                    G_DEFINE_ENUM_VALUE (KIOSK_UNIT_DEGREES_FAHRENHEIT, "degrees-fahrenheit"))

G_DEFINE_FLAGS_TYPE (KioskExtras, kiosk_extras,
                     G_DEFINE_ENUM_VALUE (KIOSK_EXTRAS_WIND, "wind"),
                     G_DEFINE_ENUM_VALUE (KIOSK_EXTRAS_RAIN, "rain"))

/* An interface */

G_DEFINE_INTERFACE (KioskCounter, kiosk_counter, G_TYPE_OBJECT)

static void
kiosk_counter_default_init (KioskCounterInterface *iface)
{
}

/**
 * kiosk_counter_count: (attributes oai.tool=1)
 * @self: a counter
 * @step: how many
 *
 * Returns: the sum
 */
int
kiosk_counter_count (KioskCounter *self, int step)
{
  int sum = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (self), "sum")) + step;

  g_object_set_data (G_OBJECT (self), "sum", GINT_TO_POINTER (sum));

  return sum;
}

/* A parent class */

G_DEFINE_TYPE (KioskBase, kiosk_base, G_TYPE_OBJECT)

static void
kiosk_base_class_init (KioskBaseClass *klass)
{
}

static void
kiosk_base_init (KioskBase *self)
{
}

/**
 * kiosk_base_greet: (attributes oai.tool=1)
 * @self: a base
 * @name: (attributes oai.default="friend"): a name
 *
 * Returns: (transfer full): a greeting
 */
char *
kiosk_base_greet (KioskBase *self, const char *name)
{
  return g_strconcat ("Hello ", name, NULL);
}

/* A class with properties */

struct _KioskVisitor
{
  GObject parent_instance;

  char *name;
  int age;
};

enum
{
  PROP_NAME = 1,
  PROP_AGE,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (KioskVisitor, kiosk_visitor, G_TYPE_OBJECT)

static void
kiosk_visitor_finalize (GObject *object)
{
  g_free (KIOSK_VISITOR (object)->name);
  G_OBJECT_CLASS (kiosk_visitor_parent_class)->finalize (object);
}

static void
kiosk_visitor_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_NAME)
    g_value_set_string (value, KIOSK_VISITOR (object)->name);
  else
    g_value_set_int (value, KIOSK_VISITOR (object)->age);
}

static void
kiosk_visitor_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_AGE)
    {
      KIOSK_VISITOR (object)->age = g_value_get_int (value);
      return;
    }
  g_free (KIOSK_VISITOR (object)->name);
  KIOSK_VISITOR (object)->name = g_value_dup_string (value);
}

static void
kiosk_visitor_class_init (KioskVisitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = kiosk_visitor_finalize;
  object_class->get_property = kiosk_visitor_get_property;
  object_class->set_property = kiosk_visitor_set_property;
  g_object_class_install_property (object_class, PROP_NAME, g_param_spec_string ("name", NULL, "Name of the visitor", NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_AGE, g_param_spec_int ("age", NULL, "Age in years", 0, 150, 18, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}

static void
kiosk_visitor_init (KioskVisitor *self)
{
  self->age = 18;
}

/* The class with the methods */

struct _KioskDesk
{
  KioskBase parent_instance;

  guint n_calls;
  char *text;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (KioskDesk, kiosk_desk, KIOSK_TYPE_BASE, G_IMPLEMENT_INTERFACE (KIOSK_TYPE_COUNTER, NULL))

static void
kiosk_desk_finalize (GObject *object)
{
  g_free (KIOSK_DESK (object)->text);
  G_OBJECT_CLASS (kiosk_desk_parent_class)->finalize (object);
}

static void
kiosk_desk_class_init (KioskDeskClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = kiosk_desk_finalize;
}

static void
kiosk_desk_init (KioskDesk *self)
{
}

/**
 * kiosk_desk_new:
 *
 * Returns: (transfer full): a desk
 */
KioskDesk *
kiosk_desk_new (void)
{
  return g_object_new (KIOSK_TYPE_DESK, NULL);
}

/**
 * kiosk_desk_get_n_calls:
 * @self: a desk
 *
 * Returns: how many methods were called
 */
guint
kiosk_desk_get_n_calls (KioskDesk *self)
{
  return self->n_calls;
}

/**
 * kiosk_desk_get_weather: (attributes oai.tool=1 oai.description=Gets_the_weather%2C_as_text)
 * @self: a desk
 * @city: (attributes oai.description=Name_of_the_city): a city
 * @unit: a unit
 * @days: (attributes oai.default=3): how many days
 *
 * Returns: (transfer full): the weather
 */
char *
kiosk_desk_get_weather (KioskDesk *self, const char *city, KioskUnit unit, int days)
{
  self->n_calls++;

  return g_strdup_printf ("%s %s %d", city, unit == KIOSK_UNIT_CELSIUS ? "C" : "F", days);
}

/**
 * kiosk_desk_describe_numbers:
 * @self: a desk
 * @flag: a boolean
 * @i8: a number
 * @u8: a number
 * @i16: a number
 * @u16: a number
 * @i32: a number
 * @u32: a number
 * @i64: a number
 * @u64: a number
 * @f: a number
 * @d: a number
 * @character: a character
 *
 * Returns: (transfer full): all of them
 */
char *
kiosk_desk_describe_numbers (KioskDesk *self, gboolean flag, gint8 i8, guint8 u8, gint16 i16, guint16 u16, gint32 i32, guint32 u32, gint64 i64, guint64 u64, float f, double d, gunichar character)
{
  self->n_calls++;

  return g_strdup_printf ("%d %d %u %d %u %d %u %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %g %g U+%04X", flag, i8, u8, i16, u16, i32, u32, i64, u64, (double) f, d, character);
}

/**
 * kiosk_desk_turn_extras:
 * @self: a desk
 * @extras: flags
 * @unit: (inout): a unit
 *
 * Returns: the other flags
 */
KioskExtras
kiosk_desk_turn_extras (KioskDesk *self, KioskExtras extras, KioskUnit *unit)
{
  self->n_calls++;
  *unit = *unit == KIOSK_UNIT_CELSIUS ? KIOSK_UNIT_DEGREES_FAHRENHEIT : KIOSK_UNIT_CELSIUS;

  return extras ^ (KIOSK_EXTRAS_WIND | KIOSK_EXTRAS_RAIN);
}

/**
 * kiosk_desk_add_ints:
 * @self: a desk
 * @numbers: (array length=n_numbers) (nullable): numbers
 * @n_numbers: how many
 *
 * Returns: the sum
 */
int
kiosk_desk_add_ints (KioskDesk *self, const int *numbers, gsize n_numbers)
{
  guint sum = 0;

  self->n_calls++;
  for (gsize i = 0; i < n_numbers; i++)
    sum += (guint) numbers[i];

  return (int) sum;
}

/**
 * kiosk_desk_pair:
 * @self: a desk
 * @names: (array length=n): names
 * @weights: (array length=n): weights
 * @n: how many of both
 *
 * Returns: (transfer full): pairs
 */
char *
kiosk_desk_pair (KioskDesk *self, const char *const *names, const double *weights, guint8 n)
{
  GString *out = g_string_new (NULL);

  self->n_calls++;
  for (guint i = 0; i < n; i++)
    g_string_append_printf (out, "%s=%g;", names[i], weights[i]);

  return g_string_free (out, FALSE);
}

/**
 * kiosk_desk_reverse:
 * @self: a desk
 * @names: (array zero-terminated=1): names
 *
 * Returns: (transfer full): the names in reverse order
 */
char **
kiosk_desk_reverse (KioskDesk *self, const char *const *names)
{
  guint n = g_strv_length ((char **) names);
  char **reverse = g_new0 (char *, n + 1);

  self->n_calls++;
  for (guint i = 0; i < n; i++)
    reverse[i] = g_strdup (names[n - 1 - i]);

  return reverse;
}

/**
 * kiosk_desk_reverse_list:
 * @self: a desk
 * @names: (element-type utf8): names
 *
 * Returns: (transfer full) (element-type utf8): the names in reverse order
 */
GList *
kiosk_desk_reverse_list (KioskDesk *self, GList *names)
{
  self->n_calls++;

  return g_list_reverse (g_list_copy_deep (names, (GCopyFunc) (gpointer) g_strdup, NULL));
}

/**
 * kiosk_desk_reverse_slist:
 * @self: a desk
 * @names: (element-type utf8) (transfer container): names
 *
 * Returns: (transfer container) (element-type int): the lengths in reverse order
 */
GSList *
kiosk_desk_reverse_slist (KioskDesk *self, GSList *names)
{
  GSList *lengths = NULL;

  self->n_calls++;
  for (GSList *link = names; link != NULL; link = link->next)
    lengths = g_slist_prepend (lengths, GINT_TO_POINTER ((int) strlen (link->data)));
  g_slist_free (names);

  return lengths;
}

/**
 * kiosk_desk_reverse_pointers:
 * @self: a desk
 * @names: (element-type utf8): names
 *
 * Returns: (transfer full) (element-type utf8): the names in reverse order
 */
GPtrArray *
kiosk_desk_reverse_pointers (KioskDesk *self, GPtrArray *names)
{
  GPtrArray *reverse = g_ptr_array_new_with_free_func (g_free);

  self->n_calls++;
  for (guint i = names->len; i-- > 0;)
    g_ptr_array_add (reverse, g_strdup (g_ptr_array_index (names, i)));

  return reverse;
}

/**
 * kiosk_desk_square:
 * @self: a desk
 * @numbers: (element-type double): numbers
 *
 * Returns: (transfer full) (element-type double): their squares
 */
GArray *
kiosk_desk_square (KioskDesk *self, GArray *numbers)
{
  GArray *squares = g_array_new (FALSE, FALSE, sizeof (double));

  self->n_calls++;
  for (guint i = 0; i < numbers->len; i++)
    {
      double square = g_array_index (numbers, double, i) * g_array_index (numbers, double, i);

      g_array_append_val (squares, square);
    }

  return squares;
}

/**
 * kiosk_desk_count_up:
 * @self: a desk
 * @until: the last number
 * @n_numbers: (out): how many
 *
 * Returns: (transfer full) (array length=n_numbers): numbers
 */
int *
kiosk_desk_count_up (KioskDesk *self, int until, gsize *n_numbers)
{
  int *numbers;

  self->n_calls++;
  *n_numbers = CLAMP (until, 0, 100);
  numbers = g_new (int, *n_numbers + 1);
  for (gsize i = 0; i < *n_numbers; i++)
    numbers[i] = (int) i + 1;

  return numbers;
}

/**
 * kiosk_desk_turn_point:
 * @self: a desk
 * @point: (array fixed-size=3): a point
 * @x: (out): the result
 * @y: (out): the result
 * @z: (out) (optional): the result
 */
void
kiosk_desk_turn_point (KioskDesk *self, const double *point, double *x, double *y, double *z)
{
  self->n_calls++;
  *x = point[1];
  *y = -point[0];
  *z = point[2];
}

/**
 * kiosk_desk_swap:
 * @self: a desk
 * @table: (element-type utf8 utf8): a table
 *
 * Returns: (transfer full) (element-type utf8 utf8): the values with their names
 */
GHashTable *
kiosk_desk_swap (KioskDesk *self, GHashTable *table)
{
  GHashTable *swapped = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer name, value;

  self->n_calls++;
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_hash_table_insert (swapped, g_strdup (value), g_strdup (name));

  return swapped;
}

/**
 * kiosk_desk_measure:
 * @self: a desk
 * @table: (element-type utf8 int) (nullable): a table
 *
 * Returns: (transfer container) (element-type utf8 int) (nullable): the same numbers, doubled
 */
GHashTable *
kiosk_desk_measure (KioskDesk *self, GHashTable *table)
{
  GHashTable *doubled;
  GHashTableIter iter;
  gpointer name, value;

  self->n_calls++;
  if (table == NULL)
    return NULL;

  doubled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_hash_table_insert (doubled, g_strdup (name), GINT_TO_POINTER ((int) (2u * GPOINTER_TO_UINT (value))));

  return doubled;
}

/**
 * kiosk_desk_invert:
 * @self: a desk
 * @data: (array length=length): bytes
 * @length: how many
 * @n_bytes: (out): how many
 *
 * Returns: (transfer full) (array length=n_bytes): the bytes, inverted
 */
guint8 *
kiosk_desk_invert (KioskDesk *self, const guint8 *data, gsize length, gsize *n_bytes)
{
  guint8 *inverted = g_malloc0 (length + 1);

  self->n_calls++;
  *n_bytes = length;
  for (gsize i = 0; i < length; i++)
    inverted[i] = (guint8) ~data[i];

  return inverted;
}

/**
 * kiosk_desk_invert_array:
 * @self: a desk
 * @data: (transfer full): bytes
 *
 * Returns: (transfer full): the bytes, inverted
 */
GByteArray *
kiosk_desk_invert_array (KioskDesk *self, GByteArray *data)
{
  self->n_calls++;
  for (guint i = 0; i < data->len; i++)
    data->data[i] = (guint8) ~data->data[i];

  return data;
}

/**
 * kiosk_desk_describe_visitor:
 * @self: a desk
 * @visitor: (attributes oai.description=Who_visits): a visitor
 * @friend_: (nullable): another visitor
 *
 * Returns: (transfer full): both
 */
char *
kiosk_desk_describe_visitor (KioskDesk *self, KioskVisitor *visitor, KioskVisitor *friend_)
{
  self->n_calls++;

  return g_strdup_printf ("%s %d %s", visitor->name, visitor->age, friend_ != NULL ? friend_->name : "alone");
}

/**
 * kiosk_desk_make_older:
 * @self: a desk
 * @visitor: (transfer full): a visitor
 * @years: a number
 *
 * Returns: (transfer full): the visitor
 */
KioskVisitor *
kiosk_desk_make_older (KioskDesk *self, KioskVisitor *visitor, int years)
{
  self->n_calls++;
  visitor->age = (int) ((guint) visitor->age + (guint) years);

  return visitor;
}

static int
compare_visitors (gconstpointer one, gconstpointer other)
{
  return ((const KioskVisitor *) one)->age - ((const KioskVisitor *) other)->age;
}

/**
 * kiosk_desk_sort_visitors:
 * @self: a desk
 * @visitors: (element-type KioskVisitor) (transfer full): visitors
 *
 * Returns: (transfer full) (element-type KioskVisitor): the visitors by age
 */
GList *
kiosk_desk_sort_visitors (KioskDesk *self, GPtrArray *visitors)
{
  GList *sorted = NULL;

  self->n_calls++;
  for (guint i = 0; i < visitors->len; i++)
    sorted = g_list_insert_sorted (sorted, g_object_ref (g_ptr_array_index (visitors, i)), compare_visitors);
  g_ptr_array_unref (visitors);

  return sorted;
}

/**
 * kiosk_desk_add_days:
 * @self: a desk
 * @time: a time
 * @days: a number
 *
 * Returns: (transfer full) (nullable): the time
 */
GDateTime *
kiosk_desk_add_days (KioskDesk *self, GDateTime *time, int days)
{
  self->n_calls++;

  return g_date_time_add_days (time, days);
}

/**
 * kiosk_desk_repeat_bytes:
 * @self: a desk
 * @bytes: (transfer full): bytes
 *
 * Returns: (transfer full): the same bytes
 */
GBytes *
kiosk_desk_repeat_bytes (KioskDesk *self, GBytes *bytes)
{
  self->n_calls++;

  return bytes;
}

/**
 * kiosk_desk_wrap:
 * @self: a desk
 * @value: a value
 *
 * Returns: (transfer full): the value with its type
 */
GVariant *
kiosk_desk_wrap (KioskDesk *self, GVariant *value)
{
  self->n_calls++;

  return g_variant_ref_sink (g_variant_new ("(vs)", value, g_variant_get_type_string (value)));
}

/**
 * kiosk_desk_get_self:
 * @self: a desk
 *
 * Returns: (transfer none): the desk, which has no properties
 */
GObject *
kiosk_desk_get_self (KioskDesk *self)
{
  return G_OBJECT (self);
}

/**
 * kiosk_desk_take_text:
 * @self: a desk
 * @text: (transfer full): a text
 * @names: (transfer full) (nullable) (array zero-terminated=1): names
 * @list: (transfer full) (element-type utf8): names
 * @pointers: (transfer full) (element-type utf8): names
 * @table: (transfer full) (element-type utf8 utf8): a table
 *
 * Returns: (transfer full): how many elements the arguments have
 */
char *
kiosk_desk_take_text (KioskDesk *self, char *text, char **names, GList *list, GPtrArray *pointers, GHashTable *table)
{
  char *counts = g_strdup_printf ("%s %u %u %u %u", text, names != NULL ? g_strv_length (names) : 0, g_list_length (list), pointers->len, g_hash_table_size (table));

  self->n_calls++;
  g_free (self->text);
  self->text = text;
  g_strfreev (names);
  g_list_free_full (list, g_free);
  g_ptr_array_unref (pointers);
  g_hash_table_unref (table);

  return counts;
}

/**
 * kiosk_desk_peek_text:
 * @self: a desk
 *
 * Returns: (nullable): a text of the desk
 */
const char *
kiosk_desk_peek_text (KioskDesk *self)
{
  self->n_calls++;

  return self->text;
}

/**
 * kiosk_desk_get_child:
 * @self: a desk
 * @folder: a folder
 * @name: (type filename): a name
 *
 * Returns: (transfer full): the child
 */
GFile *
kiosk_desk_get_child (KioskDesk *self, GFile *folder, const char *name)
{
  self->n_calls++;

  return g_file_get_child (folder, name);
}

/**
 * kiosk_desk_divide:
 * @self: a desk
 * @dividend: a number
 * @divisor: a number
 * @quotient: (out): the quotient
 * @rest: (out): the rest
 * @error: return location for an error
 *
 * Returns: %FALSE on error
 */
gboolean
kiosk_desk_divide (KioskDesk *self, int dividend, int divisor, int *quotient, int *rest, GError **error)
{
  self->n_calls++;
  if (divisor <= 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "secret detail of %d/%d", dividend, divisor);
      return FALSE;
    }
  *quotient = dividend / divisor;
  *rest = dividend % divisor;

  return TRUE;
}

/**
 * kiosk_desk_double:
 * @self: a desk
 * @number: (inout): a number
 * @text: (inout) (transfer full): a text
 */
void
kiosk_desk_double (KioskDesk *self, gint64 *number, char **text)
{
  char *twice = g_strconcat (*text, *text, NULL);

  self->n_calls++;
  *number = (gint64) ((guint64) *number * 2);
  g_free (*text);
  *text = twice;
}

/**
 * kiosk_desk_join_optional:
 * @self: a desk
 * @first: (nullable): a text
 * @second: (nullable): a text
 * @cancellable: (nullable): a cancellable
 * @func: (nullable) (scope call) (closure func_data): a function
 * @func_data: its data
 *
 * Returns: (transfer full): the texts
 */
char *
kiosk_desk_join_optional (KioskDesk *self, const char *first, const char *second, GCancellable *cancellable, GFunc func, gpointer func_data)
{
  self->n_calls++;

  return g_strdup_printf ("%s %s %s %s", first != NULL ? first : "-", second != NULL ? second : "-", cancellable != NULL ? "cancellable" : "-", func != NULL ? "func" : "-");
}

/**
 * kiosk_desk_reset:
 * @self: a desk
 */
void
kiosk_desk_reset (KioskDesk *self)
{
  self->n_calls++;
  g_clear_pointer (&self->text, g_free);
}

/**
 * kiosk_desk_call_back:
 * @self: a desk
 * @func: (scope call) (closure func_data): a function
 * @func_data: its data
 */
void
kiosk_desk_call_back (KioskDesk *self, GFunc func, gpointer func_data)
{
  func (self, func_data);
}

/* Asynchronous methods */

static gboolean
serve_cb (gpointer data)
{
  GTask *task = data;
  const char *dish = g_task_get_task_data (task);

  if (g_strcmp0 (dish, "poison") == 0)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "secret detail of the kitchen");
  else
    g_task_return_pointer (task, g_strconcat ("one ", dish, NULL), g_free);

  return G_SOURCE_REMOVE;
}

static void
start (gpointer source, const char *dish, guint delay_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (source, cancellable, callback, user_data);
  g_autoptr(GSource) timer = g_timeout_source_new (delay_ms);

  g_task_set_task_data (task, g_strdup (dish), g_free);
  g_task_attach_source (task, timer, serve_cb);
}

/**
 * kiosk_desk_order_async: (attributes oai.tool=1)
 * @self: a desk
 * @dish: a dish
 * @delay_ms: (attributes oai.default=0): how long it takes
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is ready
 * @user_data: data for @callback
 */
void
kiosk_desk_order_async (KioskDesk *self, const char *dish, guint delay_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  self->n_calls++;
  start (self, dish, delay_ms, cancellable, callback, user_data);
}

/**
 * kiosk_desk_order_finish:
 * @self: a desk
 * @result: the result
 * @price: (out): the price
 * @error: return location for an error
 *
 * Returns: (transfer full): the meal
 */
char *
kiosk_desk_order_finish (KioskDesk *self, GAsyncResult *result, int *price, GError **error)
{
  *price = 7;

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * kiosk_desk_order:
 * @self: a desk
 * @dish: a dish
 * @delay_ms: how long it takes
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Returns: (transfer full): the meal
 */
char *
kiosk_desk_order (KioskDesk *self, const char *dish, guint delay_ms, GCancellable *cancellable, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "this form blocks");

  return NULL;
}

/**
 * kiosk_desk_lose_async:
 * @self: a desk
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): never called
 * @user_data: data for @callback
 */
void
kiosk_desk_lose_async (KioskDesk *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
}

/* Functions */

/**
 * kiosk_shout: (attributes oai.tool=1 oai.name=shout)
 * @text: a text
 *
 * Returns: (transfer full): the text in upper case
 */
char *
kiosk_shout (const char *text)
{
  return g_utf8_strup (text, -1);
}

/**
 * kiosk_secret:
 * @number: a number
 *
 * Returns: a number
 */
int
kiosk_secret (int number)
{
  return number / 2;
}

/**
 * kiosk_desk_area: (attributes oai.tool=1)
 * @width: a width
 * @height: a height
 *
 * Returns: the area
 */
int
kiosk_desk_area (int width, int height)
{
  return (int) ((guint) width * (guint) height);
}

/**
 * kiosk_wait_async: (attributes oai.tool=1)
 * @delay_ms: how long
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is over
 * @user_data: data for @callback
 */
void
kiosk_wait_async (guint delay_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  start (NULL, "", delay_ms, cancellable, callback, user_data);
}

/**
 * kiosk_wait_finish:
 * @result: the result
 * @error: return location for an error
 *
 * Returns: %FALSE on error
 */
gboolean
kiosk_wait_finish (GAsyncResult *result, GError **error)
{
  g_autofree char *text = g_task_propagate_pointer (G_TASK (result), error);

  return text != NULL;
}
