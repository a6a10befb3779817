/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "driver.h"

#include <string.h>

#include "oai-record-class.h"
#include "oai-sse-parser-private.h"

typedef OaiRecord DriverObject;
typedef OaiRecordClass DriverObjectClass;

GType driver_object_get_type (void);
G_DEFINE_FINAL_TYPE (DriverObject, driver_object, OAI_TYPE_RECORD)

static const OaiRecordSchema object_schema = { OAI_RECORD_SCHEMA_SIZES, .flags = OAI_RECORD_SCHEMA_WRITABLE };

static void
driver_object_class_init (DriverObjectClass *klass)
{
  oai_record_class_set_schema (klass, &object_schema);
}

static void
driver_object_init (DriverObject *self)
{
}

/* "json" is an object; "result" contains the members of a record without a known type. */
void
generic_record (JsonObject *play, JsonObject *out)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) record = oai_record_new_from_json (driver_object_get_type (), driver_get_string (play, "json"), &error);
  g_autoptr(OaiRecord) copy = NULL;
  g_autofree char *json = NULL;
  g_autofree char *copied = NULL;
  JsonArray *odd;

  if (record == NULL)
    {
      json_object_set_string_member (out, "failure", error->message);
      return;
    }

  odd = json_array_new ();
  copy = driver_rebuild (record, odd);
  json = oai_record_to_json (record);
  copied = oai_record_to_json (copy);
  json_object_set_string_member (out, "result", json);
  json_object_set_string_member (out, "rebuilt", copied);
  json_object_set_array_member (out, "odd", odd);
}

static void
report_event (JsonArray *events, const OaiSseEvent *event)
{
  JsonObject *object = json_object_new ();

  driver_set_string (object, "event", event->event);
  json_object_set_string_member (object, "data", event->data);
  json_array_add_object_element (events, object);
}

static void
feed (OaiSseParser *parser, const char *data, gsize length, JsonArray *events)
{
  g_autoptr(GError) error = NULL;
  OaiSseEvent event;

  memcpy (oai_sse_parser_reserve (parser, length), data, length);
  oai_sse_parser_commit (parser, length);
  while (oai_sse_parser_next (parser, &event, &error))
    report_event (events, &event);
  g_assert_no_error (error);
}

/* "body" in chunks that end at "splits". */
void
generic_events (JsonObject *play, JsonObject *out)
{
  g_autoptr(OaiSseParser) parser = oai_sse_parser_new ();
  g_autoptr(GBytes) body = driver_dup_bytes (play, "body");
  JsonArray *splits = driver_get_array (play, "splits");
  guint n_splits = splits != NULL ? json_array_get_length (splits) : 0;
  JsonArray *events = json_array_new ();
  OaiSseEvent event;
  gsize length;
  const char *data = g_bytes_get_data (body, &length);
  gsize start = 0;

  json_object_set_array_member (out, "events", events);
  for (guint i = 0; i <= n_splits; i++)
    {
      gsize end = i < n_splits ? (gsize) json_array_get_int_element (splits, i) : length;

      if (end <= start || end > length)
        continue;
      feed (parser, data + start, end - start, events);
      start = end;
    }
  if (oai_sse_parser_take_remainder (parser, &event))
    report_event (events, &event);
}
