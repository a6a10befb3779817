/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-reply-body-private.h"

#include <string.h>

#include "oai-error-map-private.h"
#include "oai-event-reader-private.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-record-private.h"
#include "oai-record-schema.h"

static gboolean
is_blank (const char *data, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isspace (data[i]))
      return FALSE;

  return TRUE;
}

static GError *
new_protocol_error (const char *what)
{
  return g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, what);
}

/* Takes ownership of reason, the error of the parser, which may be NULL. */
static GError *
new_no_json_error (GError *reason)
{
  g_autoptr(GError) owned G_GNUC_UNUSED = reason;
  g_autofree char *what = NULL;

  if (reason == NULL)
    return new_protocol_error (_("The reply is not JSON"));

  /* Translators: %s is the error of the parser and its position, in English. */
  what = g_strdup_printf (_("The reply is not JSON: %s"), reason->message);

  return new_protocol_error (what);
}

/* Returns whether a member that the record type describes has a value: any member except "detail", or
 * a list of records if only_lists.  Other members, such as the time, are also sent with errors. */
static gboolean
has_described_value (OaiJsonDoc *doc, GType type, gboolean only_lists)
{
  OaiRecordClass *klass = g_type_class_ref (type);
  const OaiRecordSchema *schema = oai_record_class_get_schema (klass);
  gboolean found = FALSE;

  for (guint i = 0; i < schema->n_fields && !found; i++)
    {
      const OaiField *field = &schema->fields[i];

      if (strcmp (field->member, "detail") != 0 && (!only_lists || field->type == OAI_FIELD_RECORD_LIST))
        found = oai_json_get_type (doc, oai_json_get_member (doc, 0, field->member)) > OAI_JSON_NULL;
    }
  g_type_class_unref (klass);

  return found;
}

/* Returns whether the object has a member that objects or lists of the API have. */
static gboolean
has_identity (OaiJsonDoc *doc)
{
  static const char *const names[] = { "id", "object", "data" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (oai_json_get_type (doc, oai_json_get_member (doc, 0, names[i])) > OAI_JSON_NULL)
      return TRUE;

  return FALSE;
}

/* Returns whether an object with "error" or "detail" is a result. */
static gboolean
is_result (OaiJsonDoc *doc, GType type)
{
  if (g_strcmp0 (oai_json_get_string (doc, oai_json_get_member (doc, 0, "object"), NULL), "error") == 0)
    return FALSE;

  return has_identity (doc) || (type != G_TYPE_INVALID && has_described_value (doc, type, TRUE));
}

/* Returns whether the object is an error of FastAPI: it has "detail" and no member of a result. */
static gboolean
is_detail (OaiJsonDoc *doc, GType type)
{
  return oai_json_get_type (doc, oai_json_get_member (doc, 0, "detail")) > OAI_JSON_NULL
         && (type == G_TYPE_INVALID || !has_described_value (doc, type, FALSE));
}

/* Finds an error that was sent with a status of success: an object with "error", or with "detail"
 * if look_for_detail, that has no member of a result. */
static GError *
find_hidden_error (OaiCall *call, OaiJsonDoc *doc, GType type, gboolean look_for_detail, const char *secret)
{
  g_auto(OaiErrorDetails) details = { 0 };
  gboolean is_object = oai_json_get_type (doc, 0) == OAI_JSON_OBJECT;
  gboolean flat = look_for_detail && is_object && is_detail (doc, type);

  if (!oai_error_details_read_node (&details, doc, 0, flat) || (is_object && is_result (doc, type)))
    return NULL;

  return oai_error_new_for_details (call, &details, secret);
}

gboolean
oai_reply_body_check (OaiCall *call, OaiJsonDoc *doc, GType type, const char *secret, GError **error)
{
  GError *hidden = find_hidden_error (call, doc, type, TRUE, secret);

  if (hidden == NULL && oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    hidden = oai_reply_body_new_no_object_error ();
  if (hidden != NULL)
    g_propagate_error (error, hidden);

  return hidden == NULL;
}

GError *
oai_reply_body_new_no_object_error (void)
{
  return new_protocol_error (_("The reply is not a JSON object"));
}

GError *
oai_reply_body_new_other_error (void)
{
  return new_protocol_error (_("The reply is an object of another kind than was requested. Check the address of the server."));
}

static gboolean
has_type (OaiCall *call, const char *type)
{
  const char *header = oai_call_get_header (call, "content-type");

  return header != NULL && g_ascii_strncasecmp (header, type, strlen (type)) == 0;
}

static gboolean
is_json (OaiCall *call)
{
  const char *header = oai_call_get_header (call, "content-type");

  return header == NULL || strstr (header, "json") != NULL;
}

/* Returns the data after leading spaces and a byte order mark. */
static const char *
skip_blanks_of_data (const char *data, gsize *length)
{
  while (*length > 0 && (g_ascii_isspace (*data) || (*data != '\0' && strchr ("\357\273\277", *data) != NULL)))
    {
      data++;
      (*length)--;
    }

  return data;
}

/* Some servers label plain text as HTML; such text has no tags. */
static gboolean
is_page (OaiCall *call, const char *text, gsize length)
{
  static const char *const starts[] = { "<!doctype html", "<html", "<head", "<body" };
  const char *data = skip_blanks_of_data (text, &length);

  if (length == 0 || *data != '<')
    return FALSE;
  if (has_type (call, "text/html") || has_type (call, "application/xhtml"))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    if (length >= strlen (starts[i]) && g_ascii_strncasecmp (data, starts[i], strlen (starts[i])) == 0)
      return TRUE;

  return FALSE;
}

OaiJsonDoc *
oai_reply_body_parse (OaiCall *call, GBytes *body, GType type, const char *secret, GError **error)
{
  g_autoptr(GError) hidden = NULL;
  g_autoptr(GError) reason = NULL;
  g_autoptr(OaiJsonDoc) doc = NULL;
  gsize used = 0;
  gsize length;
  char *data = g_bytes_unref_to_data (body, &length);

  if (is_blank (data, length))
    hidden = new_protocol_error (_("The reply has no body"));
  else if (is_page (call, data, length))
    hidden = oai_error_new_for_page (call, data, length, secret);
  if (hidden != NULL)
    {
      g_free (data);
      g_propagate_error (error, g_steal_pointer (&hidden));
      return NULL;
    }

  /* Some servers send the end marker of a stream after a plain reply.  Other data after the reply
   * is an error, since it would be lost. */
  doc = oai_json_doc_new_take (data, length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, &reason);
  if (doc != NULL)
    {
      used = oai_json_doc_get_consumed (doc);
      hidden = find_hidden_error (call, doc, type, TRUE, secret);
    }
  if (hidden == NULL && (doc == NULL || !oai_event_reader_is_end (data + used, length - used)))
    hidden = new_no_json_error (g_steal_pointer (&reason));
  if (hidden != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&hidden));
      return NULL;
    }

  return g_steal_pointer (&doc);
}

static const char *
skip_blanks (GBytes *body, gsize *length)
{
  return skip_blanks_of_data (g_bytes_get_data (body, length), length);
}

gboolean
oai_reply_body_is_event_stream (OaiCall *call, GBytes *body)
{
  gsize length;
  const char *data = skip_blanks (body, &length);

  if ((length >= 5 && memcmp (data, "data:", 5) == 0)
      || (length >= 6 && memcmp (data, "event:", 6) == 0)
      || (length >= 1 && *data == ':'))
    return TRUE;

  return has_type (call, "text/event-stream") && length > 0 && *data != '{' && *data != '[';
}

gboolean
oai_reply_body_is_page (OaiCall *call, GBytes *body)
{
  gsize length;
  const char *data = g_bytes_get_data (body, &length);

  return is_page (call, data, length);
}

/* Content types are unreliable: the requested format takes precedence over them, and an object
 * that is a result or an error takes precedence over both. */
gboolean
oai_reply_body_is_text (OaiCall *call, const char *text_member, OaiFormat format, GBytes *body)
{
  gsize length;
  const char *data = skip_blanks (body, &length);

  if (format == OAI_FORMAT_JSON)
    return FALSE;
  if (length > 0 && *data == '{')
    {
      g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (data, length, OAI_JSON_TOLERANT, NULL);

      if (is_json (call))
        return FALSE;

      return doc == NULL || (oai_json_get_member (doc, 0, text_member) == OAI_JSON_NONE && oai_json_get_member (doc, 0, "error") == OAI_JSON_NONE);
    }
  if (format == OAI_FORMAT_TEXT || !is_json (call))
    return TRUE;

  return length > 0 && *data != '[';
}

GError *
oai_reply_body_new_foreign_error (OaiCall *call, const char *data, gsize length, const char *secret)
{
  const char *type = oai_call_get_header (call, "content-type");
  g_autofree char *what = NULL;

  if (is_page (call, data, length))
    return oai_error_new_for_page (call, data, length, secret);
  if (type == NULL || *type == '\0')
    return new_protocol_error (_("The server sent a reply of an unexpected type"));

  /* Translators: %s is a media type such as text/html. */
  what = g_strdup_printf (_("The server sent a reply of the unexpected type %s"), type);

  return new_protocol_error (what);
}

gboolean
oai_reply_body_is_no_media (OaiCall *call)
{
  return has_type (call, "text/") || has_type (call, "application/json") || has_type (call, "application/problem+json")
         || g_strcmp0 (oai_call_get_header (call, "content-length"), "0") == 0;
}

GError *
oai_reply_body_new_media_error (OaiCall *call, GBytes *body, const char *secret)
{
  g_autoptr(GBytes) owned = body;
  g_autoptr(OaiJsonDoc) doc = NULL;
  GError *hidden = NULL;
  gsize length;
  const char *data = g_bytes_get_data (owned, &length);

  if (length == 0)
    return new_protocol_error (_("The reply has no body"));
  doc = oai_json_doc_new_copy (data, length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL);
  if (doc != NULL)
    hidden = find_hidden_error (call, doc, G_TYPE_INVALID, TRUE, secret);

  return hidden != NULL ? hidden : oai_reply_body_new_foreign_error (call, data, length, secret);
}

OaiJsonDoc *
oai_reply_body_new_text_doc (const char *text_member, GBytes *body)
{
  g_autoptr(GBytes) owned = body;
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  g_autoptr(OaiJsonDoc) quoted = NULL;
  gsize length;
  const char *data = g_bytes_get_data (owned, &length);

  if (length > 0 && *data == '"')
    quoted = oai_json_doc_new_copy (data, length, OAI_JSON_TOLERANT, NULL);
  if (quoted != NULL && oai_json_get_string (quoted, 0, NULL) != NULL)
    data = oai_json_get_string (quoted, 0, &length);
  oai_json_builder_add_string (builder, text_member, length > 0 ? data : "", (gssize) length);

  return oai_json_builder_finish (builder);
}

OaiJsonDoc *
oai_reply_body_parse_first (OaiCall *call, const char *text_member, OaiFormat format, GBytes *body, gsize *used, const char *secret, GError **error)
{
  g_autoptr(GBytes) owned = body;
  g_autoptr(GError) reason = NULL;
  OaiJsonDoc *doc = NULL;
  gsize length;
  const char *data = g_bytes_get_data (owned, &length);
  gboolean page = oai_reply_body_is_page (call, owned);

  *used = length;
  if (!page && text_member != NULL && oai_reply_body_is_text (call, text_member, format, owned))
    return oai_reply_body_new_text_doc (text_member, g_steal_pointer (&owned));
  if (!page)
    doc = oai_json_doc_new_copy (data, length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, &reason);
  if (doc == NULL)
    g_propagate_error (error, reason != NULL && is_json (call) ? new_no_json_error (g_steal_pointer (&reason)) : oai_reply_body_new_foreign_error (call, data, length, secret));
  else
    *used = oai_json_doc_get_consumed (doc);

  return doc;
}

char *
oai_reply_body_dup_text (OaiCall *call, GBytes *body, const char *secret, GError **error)
{
  g_autoptr(GBytes) owned = body;
  g_autoptr(OaiJsonDoc) doc = NULL;
  GError *hidden = NULL;
  g_autoptr(GError) reason = NULL;
  gsize length;
  const char *data = g_bytes_get_data (owned, &length);
  gboolean declared = oai_call_get_header (call, "content-type") != NULL;

  if (length == 0 || oai_call_get_status_code (call) == 204)
    return NULL;
  if (!declared || !is_json (call))
    return g_utf8_make_valid (data, length);

  /* The program gets the whole text, so several values, as in JSON Lines, are accepted, and so is
   * "detail", which is an error only from some servers. */
  doc = oai_json_doc_new_copy (data, length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, &reason);
  if (doc == NULL && is_blank (data, length))
    hidden = new_protocol_error (_("The reply has no body"));
  else if (doc == NULL)
    hidden = new_no_json_error (g_steal_pointer (&reason));
  else
    hidden = find_hidden_error (call, doc, G_TYPE_INVALID, FALSE, secret);
  if (hidden != NULL)
    {
      g_propagate_error (error, hidden);
      return NULL;
    }

  return g_utf8_make_valid (data, length);
}
