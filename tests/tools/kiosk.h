/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An introspected library: methods with arguments and results of all types, and asynchronous ones. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  KIOSK_UNIT_CELSIUS,
  KIOSK_UNIT_DEGREES_FAHRENHEIT,
} KioskUnit;

#define KIOSK_TYPE_UNIT (kiosk_unit_get_type ())
GType kiosk_unit_get_type (void);

typedef enum
{
  KIOSK_EXTRAS_WIND = 1 << 0,
  KIOSK_EXTRAS_RAIN = 1 << 1,
} KioskExtras;

#define KIOSK_TYPE_EXTRAS (kiosk_extras_get_type ())
GType kiosk_extras_get_type (void);

#define KIOSK_TYPE_COUNTER (kiosk_counter_get_type ())
G_DECLARE_INTERFACE (KioskCounter, kiosk_counter, KIOSK, COUNTER, GObject)

struct _KioskCounterInterface
{
  GTypeInterface parent_iface;
};

int kiosk_counter_count (KioskCounter *self, int step);

#define KIOSK_TYPE_VISITOR (kiosk_visitor_get_type ())
G_DECLARE_FINAL_TYPE (KioskVisitor, kiosk_visitor, KIOSK, VISITOR, GObject)

#define KIOSK_TYPE_BASE (kiosk_base_get_type ())
G_DECLARE_DERIVABLE_TYPE (KioskBase, kiosk_base, KIOSK, BASE, GObject)

struct _KioskBaseClass
{
  GObjectClass parent_class;
};

char *kiosk_base_greet (KioskBase *self, const char *name);

#define KIOSK_TYPE_DESK (kiosk_desk_get_type ())
G_DECLARE_FINAL_TYPE (KioskDesk, kiosk_desk, KIOSK, DESK, KioskBase)

KioskDesk *kiosk_desk_new (void);
guint kiosk_desk_get_n_calls (KioskDesk *self);

char *kiosk_desk_get_weather (KioskDesk *self, const char *city, KioskUnit unit, int days);
char *kiosk_desk_describe_numbers (KioskDesk *self, gboolean flag, gint8 i8, guint8 u8, gint16 i16, guint16 u16, gint32 i32, guint32 u32, gint64 i64, guint64 u64, float f, double d, gunichar character);
KioskExtras kiosk_desk_turn_extras (KioskDesk *self, KioskExtras extras, KioskUnit *unit);

int kiosk_desk_add_ints (KioskDesk *self, const int *numbers, gsize n_numbers);
char *kiosk_desk_pair (KioskDesk *self, const char *const *names, const double *weights, guint8 n);
char **kiosk_desk_reverse (KioskDesk *self, const char *const *names);
GList *kiosk_desk_reverse_list (KioskDesk *self, GList *names);
GSList *kiosk_desk_reverse_slist (KioskDesk *self, GSList *names);
GPtrArray *kiosk_desk_reverse_pointers (KioskDesk *self, GPtrArray *names);
GArray *kiosk_desk_square (KioskDesk *self, GArray *numbers);
int *kiosk_desk_count_up (KioskDesk *self, int until, gsize *n_numbers);
void kiosk_desk_turn_point (KioskDesk *self, const double *point, double *x, double *y, double *z);
GHashTable *kiosk_desk_swap (KioskDesk *self, GHashTable *table);
GHashTable *kiosk_desk_measure (KioskDesk *self, GHashTable *table);
guint8 *kiosk_desk_invert (KioskDesk *self, const guint8 *data, gsize length, gsize *n_bytes);
GByteArray *kiosk_desk_invert_array (KioskDesk *self, GByteArray *data);

char *kiosk_desk_describe_visitor (KioskDesk *self, KioskVisitor *visitor, KioskVisitor *friend_);
KioskVisitor *kiosk_desk_make_older (KioskDesk *self, KioskVisitor *visitor, int years);
GList *kiosk_desk_sort_visitors (KioskDesk *self, GPtrArray *visitors);
GDateTime *kiosk_desk_add_days (KioskDesk *self, GDateTime *time, int days);
GBytes *kiosk_desk_repeat_bytes (KioskDesk *self, GBytes *bytes);
GVariant *kiosk_desk_wrap (KioskDesk *self, GVariant *value);
GObject *kiosk_desk_get_self (KioskDesk *self);

char *kiosk_desk_take_text (KioskDesk *self, char *text, char **names, GList *list, GPtrArray *pointers, GHashTable *table);
const char *kiosk_desk_peek_text (KioskDesk *self);
GFile *kiosk_desk_get_child (KioskDesk *self, GFile *folder, const char *name);

gboolean kiosk_desk_divide (KioskDesk *self, int dividend, int divisor, int *quotient, int *rest, GError **error);
void kiosk_desk_double (KioskDesk *self, gint64 *number, char **text);
char *kiosk_desk_join_optional (KioskDesk *self, const char *first, const char *second, GCancellable *cancellable, GFunc func, gpointer func_data);
void kiosk_desk_reset (KioskDesk *self);
void kiosk_desk_call_back (KioskDesk *self, GFunc func, gpointer func_data);

void kiosk_desk_order_async (KioskDesk *self, const char *dish, guint delay_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
char *kiosk_desk_order_finish (KioskDesk *self, GAsyncResult *result, int *price, GError **error);
char *kiosk_desk_order (KioskDesk *self, const char *dish, guint delay_ms, GCancellable *cancellable, GError **error);
void kiosk_desk_lose_async (KioskDesk *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

char *kiosk_shout (const char *text);
int kiosk_secret (int number);
int kiosk_desk_area (int width, int height);
void kiosk_wait_async (guint delay_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean kiosk_wait_finish (GAsyncResult *result, GError **error);

G_END_DECLS
