/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-body-inspector-private.h"

#include <string.h>

#include "oai-form-scanner-private.h"
#include "oai-header-parameters-private.h"
#include "oai-json-scanner-private.h"
#include "oai-proxy-error.h"
#include "oai-proxy-pattern-private.h"

enum
{
  NAME_MODEL,
  NAME_STREAM,
  NAME_STREAM_OPTIONS,
  NAME_INCLUDE_USAGE,
  NAME_SESSION,
  NAME_RESPONSE,
  NAME_TYPE,
};

static const char *const names[] = { "model", "stream", "stream_options", "include_usage", "session", "response", "type", NULL };
static const char *const form_names[] = { "model", "stream", NULL };

/* Values that were read; each must exist once. */
typedef enum
{
  MEMBER_MODEL,
  MEMBER_STREAM,
  MEMBER_STREAM_OPTIONS,
  MEMBER_INCLUDE_USAGE,
  MEMBER_SESSION,
  MEMBER_SESSION_MODEL,
  MEMBER_RESPONSE,
  MEMBER_RESPONSE_MODEL,
  MEMBER_TYPE,
  MEMBER_NONE
} Member;

static const char *const member_names[] = {
  "model", "stream", "stream_options", "stream_options.include_usage", "session", "session.model", "response", "response.model", "type",
};

typedef struct
{
  gboolean present;
  OaiJsonScannerType type;
  gboolean empty;
  guint64 begin;
  guint64 end;
} Found;

struct _OaiBodyInspector
{
  OaiBodyInfo info;
  OaiJsonScanner *json;
  OaiFormScanner *form;
  guint64 size;
  gboolean is_object;
  guint64 root;      /* position of the object */
  Found found[MEMBER_NONE];
  char *model;
  char *nested_model;
  char *event;
  GError *error;
};

static void G_GNUC_PRINTF (2, 3)
refuse (OaiBodyInspector *self, const char *format, ...)
{
  va_list arguments;

  if (self->error != NULL)
    return;

  va_start (arguments, format);
  self->error = g_error_new_valist (OAI_PROXY_ERROR, OAI_PROXY_ERROR_BAD_REQUEST, format, arguments);
  va_end (arguments);
}

static Member
get_nested_member (guint outer, guint inner)
{
  if (outer == NAME_STREAM_OPTIONS && inner == NAME_INCLUDE_USAGE)
    return MEMBER_INCLUDE_USAGE;
  if (outer == NAME_SESSION && inner == NAME_MODEL)
    return MEMBER_SESSION_MODEL;
  if (outer == NAME_RESPONSE && inner == NAME_MODEL)
    return MEMBER_RESPONSE_MODEL;

  return MEMBER_NONE;
}

/* name: the last one of a path with depth names. */
static Member
get_member (guint depth, const guint8 *path, guint name)
{
  static const Member members[] = {
    [NAME_MODEL] = MEMBER_MODEL,
    [NAME_STREAM] = MEMBER_STREAM,
    [NAME_STREAM_OPTIONS] = MEMBER_STREAM_OPTIONS,
    [NAME_INCLUDE_USAGE] = MEMBER_NONE,
    [NAME_SESSION] = MEMBER_SESSION,
    [NAME_RESPONSE] = MEMBER_RESPONSE,
    [NAME_TYPE] = MEMBER_TYPE,
  };

  if (depth == 1)
    return members[name];

  return depth == 2 ? get_nested_member (path[0], name) : MEMBER_NONE;
}

static void
on_begin (const OaiJsonScannerValue *value, gpointer user_data)
{
  OaiBodyInspector *self = user_data;
  Member member;

  if (value->depth == 0)
    {
      self->is_object = value->type == OAI_JSON_SCANNER_OBJECT;
      self->root = value->begin;
      return;
    }
  member = get_member (value->depth, value->path, value->path[value->depth - 1]);
  if (member == MEMBER_NONE)
    return;
  if (self->found[member].present)
    refuse (self, "The member '%s' is given twice", member_names[member]);
  self->found[member].present = TRUE;
  self->found[member].type = value->type;
  self->found[member].begin = value->begin;
}

static void
set_model (OaiBodyInspector *self, char **model, const char *name, const char *text)
{
  if (text == NULL || !oai_proxy_name_is_valid (text))
    refuse (self, "The member '%s' must be a name of at most %d bytes", name, OAI_PROXY_MAX_NAME);
  else if (*model != NULL && strcmp (*model, text) != 0)
    refuse (self, "Two different models are given");
  else if (*model == NULL)
    *model = g_strdup (text);
}

static void
read_model (OaiBodyInspector *self, char **model, Member member, const OaiJsonScannerValue *value)
{
  if (value->type != OAI_JSON_SCANNER_NULL)
    set_model (self, model, member_names[member], value->type == OAI_JSON_SCANNER_STRING ? value->text : NULL);
}

static gboolean
read_boolean (OaiBodyInspector *self, Member member, const OaiJsonScannerValue *value)
{
  if (value->type > OAI_JSON_SCANNER_TRUE)
    refuse (self, "The member '%s' must be true or false", member_names[member]);

  return value->type == OAI_JSON_SCANNER_TRUE;
}

static void
read_member (OaiBodyInspector *self, Member member, const OaiJsonScannerValue *value)
{
  switch (member)
    {
    case MEMBER_MODEL:
      read_model (self, &self->model, member, value);
      break;
    case MEMBER_SESSION_MODEL:
    case MEMBER_RESPONSE_MODEL:
      read_model (self, &self->nested_model, member, value);
      break;
    case MEMBER_STREAM:
      self->info.stream = read_boolean (self, member, value);
      break;
    case MEMBER_INCLUDE_USAGE:
      self->info.include_usage = read_boolean (self, member, value);
      break;
    case MEMBER_STREAM_OPTIONS:
      if (value->type != OAI_JSON_SCANNER_NULL && value->type != OAI_JSON_SCANNER_OBJECT)
        refuse (self, "The member 'stream_options' must be an object");
      break;
    case MEMBER_TYPE:
      g_free (self->event);
      self->event = value->type == OAI_JSON_SCANNER_STRING ? g_strdup (value->text) : NULL;
      break;
    case MEMBER_SESSION:
    case MEMBER_RESPONSE:
    case MEMBER_NONE:
    default:
      break;
    }
}

static void
on_end (const OaiJsonScannerValue *value, gpointer user_data)
{
  OaiBodyInspector *self = user_data;
  Member member;

  if (value->depth == 0)
    return;
  member = get_member (value->depth, value->path, value->path[value->depth - 1]);
  if (member == MEMBER_NONE)
    return;
  self->found[member].end = value->end;
  self->found[member].empty = value->empty;
  read_member (self, member, value);
}

static void
on_similar (guint name, guint depth, const guint8 *path, gpointer user_data)
{
  OaiBodyInspector *self = user_data;
  Member member = get_member (depth, path, name);

  if (member != MEMBER_NONE)
    refuse (self, "The name of the member '%s' must be in lower case", member_names[member]);
}

static const OaiJsonScannerFuncs json_funcs = { names, on_begin, on_end, on_similar };

static void
on_form_value (guint name, const char *text, gsize length, gpointer user_data)
{
  OaiBodyInspector *self = user_data;
  Member member = name == 0 ? MEMBER_MODEL : MEMBER_STREAM;

  if (self->found[member].present)
    refuse (self, "The part '%s' is given twice", form_names[name]);
  self->found[member].present = TRUE;
  if (text == NULL || strlen (text) != length)
    refuse (self, "The part '%s' must be a short text", form_names[name]);
  else if (member == MEMBER_MODEL)
    set_model (self, &self->model, "model", text);
  else
    self->info.stream = g_ascii_strcasecmp (text, "true") == 0 || strcmp (text, "1") == 0;
}

static gboolean
set_unsupported (GError **error, const char *message)
{
  g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNSUPPORTED, message);

  return FALSE;
}

/* charset, boundary: set if they are present. */
static gboolean
read_parameters (const char *rest, char **charset, char **boundary, GError **error)
{
  char *name, *value;

  while (oai_header_read_parameter (&rest, &name, &value))
    {
      char **target = strcmp (name, "charset") == 0 ? charset : strcmp (name, "boundary") == 0 ? boundary : NULL;
      gboolean repeated = target != NULL && *target != NULL;

      g_free (name);
      if (target != NULL && !repeated)
        *target = g_steal_pointer (&value);
      g_free (value);
      if (repeated)
        return set_unsupported (error, "A parameter of the content type is given twice");
    }

  return *rest == '\0' || set_unsupported (error, "The content type is invalid");
}

static gboolean
is_valid_boundary (const char *boundary)
{
  gsize length = boundary != NULL ? strlen (boundary) : 0;

  if (length == 0 || length > 70 || boundary[length - 1] == ' ')
    return FALSE;
  for (const char *p = boundary; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("'()+_,-./:=? ", *p) == NULL)
      return FALSE;

  return TRUE;
}

static gboolean
is_utf8 (const char *charset)
{
  return charset == NULL || g_ascii_strcasecmp (charset, "utf-8") == 0 || g_ascii_strcasecmp (charset, "utf8") == 0 || g_ascii_strcasecmp (charset, "us-ascii") == 0;
}

static gboolean
is_json (const char *type)
{
  return strcmp (type, "application/json") == 0 || (g_str_has_prefix (type, "application/") && g_str_has_suffix (type, "+json"));
}

static gboolean
prepare (OaiBodyInspector *self, const char *content_type, GError **error)
{
  const char *rest = content_type;
  g_autofree char *type = oai_header_read_value (&rest);
  g_autofree char *charset = NULL;
  g_autofree char *boundary = NULL;

  if (type == NULL || !read_parameters (rest, &charset, &boundary, error))
    return type != NULL ? FALSE : set_unsupported (error, "The content type is invalid");
  if (is_json (type))
    {
      if (!is_utf8 (charset))
        return set_unsupported (error, "JSON must be sent in UTF-8");
      self->info.type = OAI_BODY_JSON;
      self->json = oai_json_scanner_new (&json_funcs, self);
    }
  else if (strcmp (type, "multipart/form-data") == 0)
    {
      if (!is_valid_boundary (boundary))
        return set_unsupported (error, "The content type needs a valid boundary");
      self->info.type = OAI_BODY_MULTIPART;
      self->form = oai_form_scanner_new (boundary, form_names, on_form_value, self);
    }

  return TRUE;
}

OaiBodyInspector *
oai_body_inspector_new (const char *content_type, GError **error)
{
  g_autoptr(OaiBodyInspector) self = g_new0 (OaiBodyInspector, 1);

  self->info.type = OAI_BODY_OTHER;
  if (content_type != NULL && !prepare (self, content_type, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
oai_body_inspector_free (OaiBodyInspector *self)
{
  g_clear_pointer (&self->json, oai_json_scanner_free);
  g_clear_pointer (&self->form, oai_form_scanner_free);
  g_free (self->model);
  g_free (self->nested_model);
  g_free (self->event);
  g_clear_error (&self->error);
  g_free (self);
}

static gboolean
report_error (OaiBodyInspector *self, GError **error)
{
  if (self->error == NULL)
    return TRUE;
  if (error != NULL)
    *error = g_error_copy (self->error);

  return FALSE;
}

gboolean
oai_body_inspector_feed (OaiBodyInspector *self, const char *data, gsize size, GError **error)
{
  if (self->error != NULL)
    return report_error (self, error);

  self->size += size;
  if (self->json != NULL && !oai_json_scanner_feed (self->json, data, size))
    refuse (self, "The body is not valid JSON at byte %" G_GUINT64_FORMAT, oai_json_scanner_get_position (self->json));
  if (self->form != NULL && !oai_form_scanner_feed (self->form, data, size))
    refuse (self, "The body is not a valid form");

  return report_error (self, error);
}

gboolean
oai_body_inspector_end (OaiBodyInspector *self, GError **error)
{
  if (self->size == 0)
    return report_error (self, error);
  if (self->json != NULL && !oai_json_scanner_end (self->json))
    refuse (self, "The JSON of the body is not complete");
  if (self->form != NULL && !oai_form_scanner_end (self->form))
    refuse (self, "The form of the body is not complete");

  return report_error (self, error);
}

const OaiBodyInfo *
oai_body_inspector_get_info (OaiBodyInspector *self)
{
  self->info.model = self->model;
  self->info.nested_model = self->nested_model;
  self->info.event = self->event;

  return &self->info;
}

static gboolean
set_edit (OaiBodyEdit *edit, guint64 offset, guint64 n_removed, const char *text)
{
  edit->offset = offset;
  edit->n_removed = n_removed;
  edit->text = text;

  return TRUE;
}

gboolean
oai_body_inspector_get_usage_edit (OaiBodyInspector *self, OaiBodyEdit *edit)
{
  const Found *options = &self->found[MEMBER_STREAM_OPTIONS];
  const Found *include = &self->found[MEMBER_INCLUDE_USAGE];

  if (self->json == NULL || self->error != NULL || !self->is_object || !self->info.stream || self->info.include_usage)
    return FALSE;
  if (include->present)
    return set_edit (edit, include->begin, include->end - include->begin, "true");
  if (!options->present)
    return set_edit (edit, self->root + 1, 0, "\"stream_options\":{\"include_usage\":true},");
  if (options->type == OAI_JSON_SCANNER_NULL)
    return set_edit (edit, options->begin, options->end - options->begin, "{\"include_usage\":true}");

  return set_edit (edit, options->begin + 1, 0, options->empty ? "\"include_usage\":true" : "\"include_usage\":true,");
}
