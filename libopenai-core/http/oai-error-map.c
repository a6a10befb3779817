/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-error-map-private.h"

#include <string.h>

#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-member-private.h"
#include "oai-json-writer-private.h"
#include "oai-redact-private.h"
#include "oai-server-hint-private.h"

/* The maximum length of text from a body that is not JSON, which may be a web page. */
#define MAX_TEXT 2000
/* The maximum length of a message from JSON. */
#define MAX_MESSAGE (64 * 1024)

/* Returns a member as text: a string itself, any other value as JSON; NULL if it is absent or
 * null. */
static char *
dup_text (OaiJsonDoc *doc, OaiJsonNode object, const char *member)
{
  OaiJsonNode node = oai_json_get_member (doc, object, member);
  OaiJsonType type = oai_json_get_type (doc, node);
  const char *text = oai_json_get_string (doc, node, NULL);
  GString *json;

  if (text != NULL)
    return *text != '\0' ? g_strdup (text) : NULL;
  if (type == OAI_JSON_INVALID || type == OAI_JSON_NULL)
    return NULL;

  json = g_string_new (NULL);
  oai_json_write_node (json, doc, node);

  return g_string_free (json, FALSE);
}

static void
read_status (OaiErrorDetails *details, OaiJsonDoc *doc, OaiJsonNode object)
{
  static const char *const names[] = { "status", "status_code", "statusCode" };

  for (guint i = 0; i < G_N_ELEMENTS (names) && details->status == NULL; i++)
    details->status = dup_text (doc, object, names[i]);
}

static void
read_object (OaiErrorDetails *details, OaiJsonDoc *doc, OaiJsonNode object)
{
  static const char *const names[] = { "message", "detail", "error_description", "reason", "title" };

  for (guint i = 0; i < G_N_ELEMENTS (names) && details->message == NULL; i++)
    details->message = dup_text (doc, object, names[i]);
  details->type = dup_text (doc, object, "type");
  details->code = dup_text (doc, object, "code");
  details->param = dup_text (doc, object, "param");
}

static void
take_scalar (OaiErrorDetails *details, OaiJsonDoc *doc, OaiJsonNode node)
{
  const char *text = oai_json_get_string (doc, node, NULL);
  GString *json;

  if (text != NULL)
    {
      details->message = *text != '\0' ? g_strdup (text) : NULL;
      return;
    }

  json = g_string_new (NULL);
  oai_json_write_node (json, doc, node);
  details->message = g_string_free (json, FALSE);
}

/* The error may be the first element of an array. */
static OaiJsonNode
get_envelope (OaiJsonDoc *doc, OaiJsonNode node)
{
  return oai_json_get_type (doc, node) == OAI_JSON_ARRAY ? oai_json_get_element (doc, node, 0) : node;
}

/* Whether "error" is an empty value, which some servers send with each result: OpenAI sends {} with
 * jobs of fine-tuning.  Beside no other member, it is an error. */
static gboolean
is_empty_error (OaiJsonDoc *doc, OaiJsonNode envelope, OaiJsonNode error)
{
  const char *text = oai_json_get_string (doc, error, NULL);
  gboolean truth = TRUE;
  gint64 number = 1;

  if (oai_json_get_size (doc, envelope) < 2)
    return FALSE;
  if (text != NULL)
    return *text == '\0';
  if (oai_json_get_type (doc, error) >= OAI_JSON_ARRAY)
    return oai_json_get_size (doc, error) == 0;

  oai_json_get_boolean (doc, error, &truth);
  oai_json_get_int (doc, error, &number);

  return !truth || number == 0;
}

/* Whether a value is an error: it has the member "error", or is a flat object that says so. */
static gboolean
is_error (OaiJsonDoc *doc, OaiJsonNode envelope, OaiJsonNode *error)
{
  OaiJsonMember member;
  OaiJsonNode object = OAI_JSON_NONE;

  *error = OAI_JSON_NONE;
  oai_json_member_init (&member, doc, envelope);
  while (oai_json_member_next (&member))
    {
      if (oai_json_member_is (&member, "error"))
        *error = member.value;
      else if (oai_json_member_is (&member, "object"))
        object = member.value;
    }
  if (G_UNLIKELY (oai_json_get_type (doc, *error) > OAI_JSON_NULL) && !is_empty_error (doc, envelope, *error))
    return TRUE;

  *error = OAI_JSON_NONE;

  return g_strcmp0 (oai_json_get_string (doc, object, NULL), "error") == 0;
}

static void
read_flat (OaiErrorDetails *details, OaiJsonDoc *doc, OaiJsonNode node)
{
  if (oai_json_get_type (doc, node) == OAI_JSON_OBJECT)
    read_object (details, doc, node);
  else if (oai_json_get_type (doc, node) > OAI_JSON_NULL)
    take_scalar (details, doc, node);
}

gboolean
oai_error_details_read_node (OaiErrorDetails *details, OaiJsonDoc *doc, OaiJsonNode node, gboolean flat)
{
  OaiJsonNode envelope = get_envelope (doc, node);
  OaiJsonNode error;

  if (!is_error (doc, envelope, &error))
    {
      if (flat)
        read_flat (details, doc, envelope);
      return flat;
    }

  if (oai_json_get_type (doc, error) == OAI_JSON_OBJECT)
    {
      read_object (details, doc, error);
      read_status (details, doc, error);
    }
  else if (error != OAI_JSON_NONE)
    {
      take_scalar (details, doc, error);
      if (details->message == NULL || oai_json_get_type (doc, envelope) != OAI_JSON_OBJECT)
        return TRUE;
      details->type = dup_text (doc, envelope, "type");
      details->code = dup_text (doc, envelope, "code");
    }
  else
    {
      read_flat (details, doc, envelope);
    }
  read_status (details, doc, envelope);

  return TRUE;
}

/* Returns the title of an HTML page; NULL for other text, and for an empty title. */
static char *
dup_html_title (const char *text)
{
  const char *start = strcasestr (text, "<title");
  const char *after = start != NULL ? strchr (start, '>') : NULL;
  const char *end = after != NULL ? strcasestr (after, "</title>") : NULL;
  g_autofree char *title = NULL;

  if (end == NULL)
    return NULL;

  title = g_strdelimit (g_strndup (after + 1, end - after - 1), "\r\n\t", ' ');
  g_strstrip (title);

  return *title != '\0' ? g_steal_pointer (&title) : NULL;
}

void
oai_error_details_read (OaiErrorDetails *details, const char *body, gsize length, const char *secrets)
{
  g_autoptr(OaiJsonDoc) doc = NULL;
  g_autofree char *text = NULL;

  if (length == 0)
    return;

  doc = oai_json_doc_new_copy (body, length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL);
  if (doc != NULL && oai_json_get_type (doc, 0) >= OAI_JSON_ARRAY)
    {
      oai_error_details_read_node (details, doc, 0, TRUE);
      if (details->message == NULL)
        take_scalar (details, doc, 0);
      return;
    }

  text = oai_redact_and_truncate (body, length, secrets, MAX_TEXT);
  g_strstrip (text);
  if (*text == '<')
    details->message = dup_html_title (text);
  else if (*text != '\0')
    details->message = g_steal_pointer (&text);
}

static gboolean
mentions (const OaiErrorDetails *details, const char *word)
{
  return (details->code != NULL && strstr (details->code, word) != NULL)
         || (details->type != NULL && strstr (details->type, word) != NULL);
}

/* Parses "401" and "401 Unauthorized".  Returns 0 for other text. */
static guint
read_number (const char *text)
{
  char *end;
  guint64 number = text != NULL ? g_ascii_strtoull (text, &end, 10) : 0;

  return number >= 400 && number < 600 && !g_ascii_isalnum (*end) ? number : 0;
}

/* Names of errors, without case and punctuation.  The first one that is part of the server's
 * name determines the status. */
static const struct
{
  const char *word;
  guint status;
} status_words[] = {
  { "apikey", 401 },
  { "authentication", 401 },
  { "unauthenticated", 401 },
  { "unauthorized", 401 },
  { "permission", 403 },
  { "forbidden", 403 },
  { "notfound", 404 },
  { "conflict", 409 },
  { "alreadyexists", 409 },
  { "aborted", 409 },
  { "unprocessable", 422 },
  { "ratelimit", 429 },
  { "toomanyrequests", 429 },
  { "resourceexhausted", 429 },
  { "overloaded", 503 },
  { "unavailable", 503 },
  { "timeout", 504 },
  { "deadlineexceeded", 504 },
  { "servererror", 500 },
  { "internal", 500 },
  { "apierror", 500 },
  { "badrequest", 400 },
  { "invalidrequest", 400 },
  { "invalidargument", 400 },
  { "failedprecondition", 400 },
  { "invalid", 400 },
  { "unsupported", 400 },
  { "toolarge", 400 },
  { "toosmall", 400 },
};

static guint
read_word (const char *text)
{
  g_autoptr(GString) plain = g_string_new (NULL);

  for (; text != NULL && *text != '\0'; text++)
    if (g_ascii_isalpha (*text))
      g_string_append_c (plain, g_ascii_tolower (*text));
  for (guint i = 0; i < G_N_ELEMENTS (status_words); i++)
    if (strstr (plain->str, status_words[i].word) != NULL)
      return status_words[i].status;

  return 0;
}

/* An error in a reply with a status of success contains its status as a number or a word. */
static guint
get_effective_status (guint status, const OaiErrorDetails *details)
{
  const char *const names[] = { details->code, details->status, details->type };
  guint found = 0;

  if (status >= 300)
    return status;

  for (guint i = 0; i < G_N_ELEMENTS (names) && found == 0; i++)
    found = read_number (names[i]);
  for (guint i = 0; i < G_N_ELEMENTS (names) && found == 0; i++)
    found = read_word (names[i]);

  return found != 0 ? found : status;
}

/* OpenAI uses 401 if an operation is restricted to owners of an organization, although the key
 * is valid. */
static gboolean
wants_owner (const OaiErrorDetails *details)
{
  const char *must = details->message != NULL ? strstr (details->message, "must be") : NULL;

  return must != NULL && strcasestr (must, "owner") != NULL;
}

/* llama.cpp sends no code for this error. */
static gboolean
is_too_large (const OaiErrorDetails *details)
{
  const char *input = details->message != NULL ? strstr (details->message, "input") : NULL;

  return input != NULL && strstr (input, "too large to process") != NULL;
}

int
oai_error_code_for (guint status, const OaiErrorDetails *details)
{
  if (is_too_large (details))
    return OAI_ERROR_CONTEXT_LENGTH;
  if (mentions (details, "insufficient_quota") || mentions (details, "billing"))
    return OAI_ERROR_QUOTA_EXCEEDED;
  if (mentions (details, "context_length") || mentions (details, "exceed_context_size"))
    return OAI_ERROR_CONTEXT_LENGTH;
  if (mentions (details, "content_filter") || mentions (details, "_policy"))
    return OAI_ERROR_CONTENT_FILTER;

  switch (get_effective_status (status, details))
    {
    case 400:
      return OAI_ERROR_BAD_REQUEST;
    case 401:
      return wants_owner (details) ? OAI_ERROR_PERMISSION_DENIED : OAI_ERROR_AUTHENTICATION;
    case 407:
      return OAI_ERROR_AUTHENTICATION;
    case 402:
      return OAI_ERROR_QUOTA_EXCEEDED;
    case 403:
      return OAI_ERROR_PERMISSION_DENIED;
    case 404:
      return OAI_ERROR_NOT_FOUND;
    case 409:
      return OAI_ERROR_CONFLICT;
    case 422:
      return OAI_ERROR_UNPROCESSABLE;
    case 429:
      return OAI_ERROR_RATE_LIMITED;
    default:
      break;
    }
  if (mentions (details, "rate_limit"))
    return OAI_ERROR_RATE_LIMITED;
  if (get_effective_status (status, details) >= 500 || mentions (details, "server_error"))
    return OAI_ERROR_SERVER;

  return OAI_ERROR_FAILED;
}

int
oai_error_code_for_name (const char *name)
{
  const OaiErrorDetails details = { .code = (char *) name };

  return oai_error_code_for (0, &details);
}

/* Ollama and others send neither a type nor a code for a model that does not exist.  "models" is part of paths. */
static gboolean
names_model (const char *message)
{
  const char *found = strcasestr (message, "model");

  return found != NULL && g_ascii_tolower (found[strlen ("model")]) != 's';
}

/* Whether an error concerns the URL of the request, and not an object or a model of the API. */
static gboolean
concerns_url (guint status, const OaiErrorDetails *details)
{
  const char *message = details->message;

  /* LM Studio sends it with a status of success. */
  if (message != NULL && strcasestr (message, "unexpected endpoint") != NULL)
    return TRUE;
  if (status != 404 && status != 405)
    return FALSE;
  if (message != NULL && details->param == NULL && (strcasestr (message, "invalid URL") != NULL || strcmp (message, "File Not Found") == 0))
    return TRUE;

  return details->type == NULL && details->code == NULL && (message == NULL || !names_model (message));
}

static char *
explain_url (OaiCall *call, const char *message)
{
  g_autofree char *url = oai_server_hint_dup_url (call);
  char *text;

  if (message != NULL)
    /* Translators: the first %s is a URL, the second is what the server wrote. */
    text = g_strdup_printf (_("The server did not find %s: %s"), url, message);
  else
    /* Translators: %s is a URL. */
    text = g_strdup_printf (_("The server did not find %s"), url);

  return oai_server_hint_append_base_url (text, call);
}

/* Proxies and frameworks for servers of TLS write this to clients without TLS. */
static gboolean
requires_tls (OaiCall *call, const OaiErrorDetails *details)
{
  const char *url = oai_call_get_url (call);

  return oai_call_get_status_code (call) == 400 && details->message != NULL && url != NULL && g_str_has_prefix (url, "http:")
         && (strcasestr (details->message, "request was sent to HTTPS") != NULL || strcasestr (details->message, "to an HTTPS server") != NULL);
}

static GError *
new_tls_required (const char *url)
{
  g_autofree char *server = oai_server_hint_dup_authority (url);

  /* Translators: %s is a host and a port. */
  return g_error_new (OAI_ERROR, OAI_ERROR_CONNECTION, _("The server at %s requires TLS. Use https:// instead of http://."), server);
}

/* Returns the message of the server, or a better one for an error that concerns its address; NULL if there is none. */
static char *
dup_message (OaiCall *call, const OaiErrorDetails *details)
{
  guint status = oai_call_get_status_code (call);

  if (status == 511)
    return g_strdup (_("The network requires you to sign in. Open any page in a web browser, and try again."));
  if (oai_call_get_url (call) != NULL && concerns_url (status, details))
    return explain_url (call, details->message);

  return g_strdup (details->message);
}

static char *
redact (const char *text, const char *secret)
{
  char *redacted = text != NULL ? oai_redact_and_truncate (text, strlen (text), secret, MAX_MESSAGE) : NULL;

  if (redacted != NULL)
    oai_make_printable (redacted);

  return redacted;
}

/* Returns NULL for a blank message. */
static char *
redact_message (const char *text, const char *secret)
{
  g_autofree char *message = redact (text, secret);

  return message != NULL && *g_strstrip (message) != '\0' ? g_steal_pointer (&message) : NULL;
}

/* Replies of which only the status is known. */
static char *
explain_status (guint status)
{
  if (status == 401)
    return g_strdup (_("The server rejected the API key, or requires one (status 401)"));
  if (status == 429)
    return g_strdup (_("The server receives too many requests (status 429). Try again later."));
  if (status >= 500)
    /* Translators: %u is an HTTP status such as 502. */
    return g_strdup_printf (_("The server is not able to reply at the moment (status %u). Try again later."), status);

  /* Translators: %u is an HTTP status such as 418. */
  return g_strdup_printf (_("The server replied with status %u and no error message"), status);
}

GError *
oai_error_new_for_details (OaiCall *call, const OaiErrorDetails *details, const char *secret)
{
  guint status = oai_call_get_status_code (call);
  int code = oai_error_code_for (status, details);
  g_autofree char *message = dup_message (call, details);
  g_auto(OaiErrorDetails) clean = {
    .message = redact_message (message, secret),
    .type = redact (details->type, secret),
    .code = redact (details->code, secret),
    .param = redact (details->param, secret),
  };

  if (clean.message == NULL)
    clean.message = explain_status (status);
  oai_call_set_details (call, &clean);

  return g_error_new_literal (OAI_ERROR, code, clean.message);
}

GError *
oai_error_new_for_reply (OaiCall *call, GBytes *body, const char *secret)
{
  g_auto(OaiErrorDetails) details = { 0 };
  gsize length = 0;
  const char *data = body != NULL ? g_bytes_get_data (body, &length) : NULL;

  if (oai_call_get_status_code (call) == 407)
    details.message = g_strdup (_("The proxy requires a user name and a password, or rejected the given ones (status 407)"));
  else
    oai_error_details_read (&details, data, length, secret);
  if (requires_tls (call, &details))
    return new_tls_required (oai_call_get_url (call));

  return oai_error_new_for_details (call, &details, secret);
}

GError *
oai_error_new_for_proxy (OaiCall *call, const char *host)
{
  g_auto(OaiErrorDetails) details = { 0 };
  guint status = oai_call_get_status_code (call);

  if (status == 407)
    return oai_error_new_for_reply (call, NULL, NULL);

  /* Translators: %s is the name of a server, %u is an HTTP status such as 403. */
  details.message = g_strdup_printf (_("The proxy refused to connect to %s (status %u)"), host, status);

  return oai_error_new_for_details (call, &details, NULL);
}

static GError *
new_for_failed_event (OaiCall *call, OaiJsonDoc *doc, OaiJsonNode node, const char *secret)
{
  g_auto(OaiErrorDetails) details = { 0 };

  oai_error_details_read_node (&details, doc, node, TRUE);
  if (details.message == NULL)
    details.message = g_strdup (_("An error occurred during streaming"));

  return oai_error_new_for_details (call, &details, secret);
}

GError *
oai_error_find_in_event (OaiCall *call, const char *event, OaiJsonDoc *doc, OaiJsonNode node, const char *secret)
{
  gboolean named = event != NULL && strcmp (event, "error") == 0;
  OaiJsonNode error;

  if (G_LIKELY (!named && !is_error (doc, get_envelope (doc, node), &error)))
    return NULL;

  return new_for_failed_event (call, doc, node, secret);
}

GError *
oai_error_new_for_event (OaiCall *call, const char *event, const char *data, gsize length, const char *secret)
{
  g_auto(OaiErrorDetails) details = { 0 };

  if (g_strcmp0 (event, "error") == 0)
    oai_error_details_read (&details, data, length, secret);
  if (details.message == NULL)
    return g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("Error reading response: malformed server-sent event JSON."));

  return oai_error_new_for_details (call, &details, secret);
}

GError *
oai_error_new_incomplete (const char *reason)
{
  /* Translators: %s is why, such as that the connection was closed. */
  return g_error_new (OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The reply was truncated: %s"), reason);
}

GError *
oai_error_new_for_page (OaiCall *call, const char *body, gsize length, const char *secret)
{
  g_autofree char *server = oai_server_hint_dup_authority (oai_call_get_url (call));
  g_autofree char *text = oai_redact_and_truncate (body, length, secret, MAX_TEXT);
  g_autofree char *title = dup_html_title (text);
  g_autofree char *owned = NULL;
  g_autofree char *redacted = NULL;
  char *message;

  if (server == NULL)
    message = g_strdup (_("The reply is a web page"));
  else if (title != NULL)
    /* Translators: the first %s is a host and a port, the second is the title of the page. */
    message = g_strdup_printf (_("%s replied with a web page, “%s”. Check the base URL, or whether the network requires you to sign in."), server, title);
  else
    /* Translators: %s is a host and a port. */
    message = g_strdup_printf (_("%s replied with a web page. Check the base URL, or whether the network requires you to sign in."), server);
  owned = oai_server_hint_append_base_url (message, call);
  redacted = redact (owned, secret);

  return g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, redacted);
}

GError *
oai_error_new_cancelled (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Request was aborted"));
}

GError *
oai_error_new_timed_out (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("Request timed out"));
}

static char *
dup_server (OaiCall *call, const char *socket_path)
{
  return socket_path != NULL ? g_strdup (socket_path) : oai_server_hint_dup_authority (oai_call_get_url (call));
}

GError *
oai_error_new_no_reply (OaiCall *call, const char *socket_path)
{
  g_autofree char *server = dup_server (call, socket_path);
  g_autofree char *message = NULL;

  if (server == NULL)
    return oai_error_new_timed_out ();

  /* Translators: %s is a host and a port, or the path of a UNIX socket. */
  message = oai_server_hint_append_variable (g_strdup_printf (_("The request timed out: %s did not reply in time"), server), call);

  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, message);
}

GError *
oai_error_new_too_large (guint limit)
{
  g_autofree char *size = g_format_size_full (limit, G_FORMAT_SIZE_IEC_UNITS);

  /* Translators: %s is a size such as 100.0 MiB; do not translate max-reply-size. */
  return g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply is larger than %s, the limit of the setting max-reply-size"), size);
}

GError *
oai_error_new_stream_too_large (guint limit)
{
  g_autofree char *size = g_format_size_full (limit, G_FORMAT_SIZE_IEC_UNITS);

  /* Translators: %s is a size such as 256.0 MiB; do not translate max-stream-size. */
  return g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The events of the stream are larger than %s, the limit of the setting max-stream-size"), size);
}

GError *
oai_error_new_event_too_large (gsize limit)
{
  g_autofree char *size = g_format_size_full (limit, G_FORMAT_SIZE_IEC_UNITS);

  /* Translators: %s is a size such as 64.0 MiB. */
  return g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("An event of the stream is larger than %s"), size);
}

GError *
oai_error_new_offline (OaiCall *call)
{
  g_autofree char *server = oai_server_hint_dup_authority (oai_call_get_url (call));

  /* Translators: %s is a host and a port. */
  return g_error_new (OAI_ERROR, OAI_ERROR_OFFLINE, _("Could not connect to %s: this computer has no network connection"), server);
}

GError *
oai_error_new_untrusted_redirect (GUri *target)
{
  /* Translators: %s is the name of a server; do not translate trust-redirects. */
  return g_error_new (OAI_ERROR, OAI_ERROR_FAILED,
                      _("The server redirects the request to “%s”. Its body is sent there only if the setting trust-redirects is on"),
                      g_uri_get_host (target));
}

GError *
oai_error_new_foreign_socket (GUri *target)
{
  /* Translators: %s is the name of a server. */
  return g_error_new (OAI_ERROR, OAI_ERROR_FAILED, _("The server redirects the WebSocket connection to “%s”, which is not the same server"),
                      g_uri_get_host (target));
}

GError *
oai_error_new_left_socket (GUri *target)
{
  /* Translators: %s is the name of a server. */
  return g_error_new (OAI_ERROR, OAI_ERROR_FAILED, _("The server at the UNIX socket redirects the request to “%s”, which is not the same server"),
                      g_uri_get_host (target));
}

static const char *
describe_certificate_errors (GTlsCertificateFlags errors)
{
  if (errors & G_TLS_CERTIFICATE_REVOKED)
    return _("it was revoked");
  if (errors & G_TLS_CERTIFICATE_EXPIRED)
    return _("it has expired");
  if (errors & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return _("it is not valid yet");
  if (errors & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return _("it is for another host");
  if (errors & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return _("its issuer is not known");

  return NULL;
}

GError *
oai_error_new_for_certificate (const char *host, GTlsCertificateFlags errors, const GError *cause)
{
  const char *why = describe_certificate_errors (errors);

  /* Translators: the first %s is the name of a server, the second is the reason, such as “it has
   * expired”. */
  return g_error_new (OAI_ERROR, OAI_ERROR_CERTIFICATE, _("The certificate of %s is not accepted: %s"), host, why != NULL ? why : cause->message);
}

static char *
dup_not_connected (const char *server, const GError *cause)
{
  /* Translators: the first %s is a host and a port, or the path of a UNIX socket; the second is what went wrong with the connection. */
  return g_strdup_printf (_("Could not connect to %s: %s"), server, cause->message);
}

/* The errors of a handshake with a server that does not use TLS. */
static gboolean
is_tls_failure (const GError *cause)
{
  return g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_NOT_TLS) || g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_MISC)
         || g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_EOF);
}

/* Why a server cannot be reached, and what to do.  The message of the cause names the host again, but
 * also a proxy. */
static char *
dup_unreachable (const char *server, const GError *cause)
{
  gboolean at_proxy = strcasestr (cause->message, "proxy") != NULL;
  char *message;

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) && !at_proxy)
    /* Translators: %s is a host and a port. */
    return g_strdup_printf (_("Could not connect to %s: the connection was refused. Check that a server is running there, and that the port is right."), server);
  if (cause->domain == G_RESOLVER_ERROR && !at_proxy)
    /* Translators: %s is a host and a port. */
    return g_strdup_printf (_("Could not connect to %s: no address was found for this host. Check its name and the network."), server);

  message = dup_not_connected (server, cause);
  if (!is_tls_failure (cause))
    return message;

  return oai_server_hint_append (message, _("If the server does not use TLS, write http:// instead of https://."));
}

/* Why the server at a UNIX socket cannot be reached, and what to do. */
static char *
dup_no_socket (const char *path, const GError *cause)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    /* Translators: %s is the path of a UNIX socket. */
    return g_strdup_printf (_("Could not connect to %s: no server listens at this socket. Check that a server is running, and that the path is right."), path);

  return dup_not_connected (path, cause);
}

/* A server of TLS closes the connection of a client without TLS, or sends an alert, which is not HTTP. */
static char *
dup_ended (const char *server, gboolean plain, const GError *cause)
{
  /* Translators: the first %s is a host and a port, the second what went wrong with the connection. */
  char *message = g_strdup_printf (_("The connection to %s ended before the reply: %s"), server, cause->message);

  return plain ? oai_server_hint_append (message, _("If the server uses TLS, write https:// instead of http://.")) : message;
}

static gboolean
is_end (const GError *cause)
{
  return g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)
         || g_error_matches (cause, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_PARSING);
}

GError *
oai_error_new_for_transport (const GError *cause, OaiCall *call, const char *socket_path)
{
  g_autofree char *server = NULL;
  g_autofree char *message = NULL;

  if (cause->domain == OAI_ERROR
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_error_copy (cause);

  if (call == NULL)
    /* Translators: %s is what went wrong with the connection. */
    return g_error_new (OAI_ERROR, OAI_ERROR_CONNECTION, _("The connection failed during the reply: %s"), cause->message);

  server = dup_server (call, socket_path);
  if (is_end (cause))
    message = dup_ended (server, socket_path == NULL && g_str_has_prefix (oai_call_get_url (call), "http:"), cause);
  else
    message = socket_path != NULL ? dup_no_socket (server, cause) : dup_unreachable (server, cause);
  message = oai_server_hint_append_variable (message, call);

  return g_error_new_literal (OAI_ERROR, OAI_ERROR_CONNECTION, message);
}
