/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-message-builder-private.h"

#include "oai-bytes-stream-private.h"
#include "oai-call-options-private.h"
#include "oai-content-decoder-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-redact-private.h"
#include "oai-settings-private.h"
#include "oai-url-private.h"
#include "oai-wipe-private.h"

#include <string.h>

/* Shorter parts of credentials may appear in a text by chance. */
#define MIN_PART 8

#define IDEMPOTENCY_KEY "Idempotency-Key"
#define USER_AGENT "openai-gnome/" OAI_VERSION_STRING

/* A NULL value removes a header of the library. */
static void
set_header (const char *name, const char *value, gpointer user_data)
{
  SoupMessageHeaders *headers = user_data;

  if (value != NULL)
    soup_message_headers_replace (headers, name, value);
  else
    soup_message_headers_remove (headers, name);
}

gboolean
oai_message_builder_is_credential (const char *name)
{
  static const char *const ends[] = { "authorization", "key", "token", "secret", "cookie" };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  if (strcmp (lower, "idempotency-key") == 0)
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      if (g_str_has_suffix (lower, ends[i]))
        return TRUE;
    }

  return FALSE;
}

static void
set_plain_header (const char *name, const char *value, gpointer user_data)
{
  if (!oai_message_builder_is_credential (name))
    set_header (name, value, user_data);
}

/* Sets the headers that are also sent to the target of a redirect. */
static void
set_harmless_header (const char *name, const char *value, gpointer user_data)
{
  static const char *const names[] = { "accept", "accept-language", "content-type", "openai-beta", "user-agent" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_ascii_strcasecmp (name, names[i]) == 0)
        set_header (name, value, user_data);
    }
}

static OaiNameValueFunc
choose_set_header (const OaiMessageSpec *spec)
{
  if (spec->with_credentials)
    return set_header;

  return oai_settings_get_trust_redirects (spec->settings) ? set_plain_header : set_harmless_header;
}

static void
add_secret (GString *secrets, const char *text, gsize length)
{
  g_string_append_len (secrets, text, length);
  g_string_append_c (secrets, '\n');
}

/* Adds the value, and the parts that a server may quote: a key without its scheme, a cookie
 * without its name. */
static void
add_header_secret (const char *name, const char *value, gpointer user_data)
{
  GString *secrets = user_data;

  if (value == NULL || !oai_message_builder_is_credential (name))
    return;

  add_secret (secrets, value, strlen (value));
  for (const char *end = strpbrk (value, " =;"); end != NULL; end = strpbrk (value, " =;"))
    {
      if (end - value >= MIN_PART)
        add_secret (secrets, value, end - value);
      value = end + 1;
    }
  if (strlen (value) >= MIN_PART)
    add_secret (secrets, value, strlen (value));
}

/* Short values and the version are not redacted, since they are useful in errors. */
static void
add_query_secret (const char *name, const char *value, gpointer user_data)
{
  if (value != NULL && strlen (value) >= MIN_PART && strcmp (name, "api-version") != 0)
    g_string_append_printf (user_data, "%c%s\n", OAI_REDACT_INDIVISIBLE, value);
}

/* Signed URLs carry their signature in the query. */
static void
add_url_secrets (const char *query, GString *secrets)
{
  g_auto(GStrv) pairs = g_strsplit (query, "&", -1);

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      const char *value = strchr (pairs[i], '=');
      g_autofree char *decoded = value != NULL ? g_uri_unescape_string (value + 1, NULL) : NULL;

      if (value != NULL)
        add_query_secret ("", value + 1, secrets);
      if (decoded != NULL && strpbrk (decoded, "\r\n") == NULL && strcmp (decoded, value + 1) != 0)
        add_query_secret ("", decoded, secrets);
    }
}

char *
oai_message_builder_dup_secrets (const OaiMessageSpec *spec)
{
  GString *secrets = g_string_new (NULL);

  if (spec->request->external)
    {
      if (g_uri_get_query (spec->uri) != NULL)
        add_url_secrets (g_uri_get_query (spec->uri), secrets);
      return g_string_free (secrets, secrets->len == 0);
    }

  if (spec->token != NULL)
    add_secret (secrets, spec->token, strlen (spec->token));
  oai_settings_foreach_header (spec->settings, add_header_secret, secrets);
  oai_settings_foreach_query (spec->settings, add_query_secret, secrets);
  if (spec->request->options != NULL)
    {
      oai_call_options_foreach_header (spec->request->options, add_header_secret, secrets);
      oai_call_options_foreach_query (spec->request->options, add_query_secret, secrets);
    }

  return g_string_free (secrets, secrets->len == 0);
}

static void
note_credentials (const char *name, const char *value, gpointer user_data)
{
  gboolean *found = user_data;

  if (value != NULL && (g_ascii_strcasecmp (name, "Authorization") == 0 || g_ascii_strcasecmp (name, "api-key") == 0))
    *found = TRUE;
}

gboolean
oai_message_builder_has_own_credentials (OaiSettings *settings, OaiCallOptions *options)
{
  gboolean found = FALSE;

  oai_settings_foreach_header (settings, note_credentials, &found);
  if (options != NULL)
    oai_call_options_foreach_header (options, note_credentials, &found);

  return found;
}

static void
add_identity (const OaiMessageSpec *spec, OaiNameValueFunc func, gpointer user_data)
{
  const char *organization = oai_settings_resolve_organization (spec->settings, spec->auth);
  const char *project = oai_settings_resolve_project (spec->settings, spec->auth);

  if (organization != NULL)
    func ("OpenAI-Organization", organization, user_data);
  if (project != NULL)
    func ("OpenAI-Project", project, user_data);
}

static void
add_token (const OaiMessageSpec *spec, OaiNameValueFunc func, gpointer user_data)
{
  g_autofree char *bearer = NULL;

  if (spec->token == NULL || *spec->token == '\0')
    return;

  if (oai_settings_uses_api_key_header (spec->settings, spec->auth))
    {
      func ("api-key", spec->token, user_data);
      return;
    }

  bearer = g_strconcat ("Bearer ", spec->token, NULL);
  func ("Authorization", bearer, user_data);
  oai_wipe (bearer, strlen (bearer));
}

/* Credentials of the other client are removed first. */
void
oai_message_builder_foreach_own_header (const OaiMessageSpec *spec, OaiNameValueFunc func, gpointer user_data)
{
  static const char *const own[] = { "Authorization", "api-key", "OpenAI-Organization", "OpenAI-Project" };

  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    func (own[i], NULL, user_data);
  add_identity (spec, func, user_data);
  add_token (spec, func, user_data);
  oai_settings_foreach_header (spec->settings, func, user_data);
}

static void
copy_header (const char *name, const char *value, gpointer user_data)
{
  soup_message_headers_append (user_data, name, value);
}

/* Those of the other client, then those of the library and of the program, which replace them. */
static void
set_passed_headers (SoupMessageHeaders *headers, const OaiMessageSpec *spec)
{
  if (spec->request->headers != NULL)
    soup_message_headers_foreach (spec->request->headers, copy_header, headers);
  oai_message_builder_foreach_own_header (spec, set_header, headers);
}

/* A server would refuse the key of another body, or repeat its reply to that.  The new key depends on the body, so that it is
 * the same if the program sends its request again. */
static void
renew_idempotency_key (SoupMessageHeaders *headers, GBytes *body)
{
  const char *key = soup_message_headers_get_one (headers, IDEMPOTENCY_KEY);
  g_autofree char *digest = NULL;
  g_autofree char *renewed = NULL;

  if (key == NULL || body == NULL)
    return;

  digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, body);
  renewed = g_strdup_printf ("%s-%.16s", key, digest);
  soup_message_headers_replace (headers, IDEMPOTENCY_KEY, renewed);
}

/* The headers are new, so that those of the library need not replace others. */
static void
set_headers (SoupMessage *message, const OaiMessageSpec *spec)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  OaiNameValueFunc set = choose_set_header (spec);
  char count[16];

  if (spec->request->passthrough)
    {
      set_passed_headers (headers, spec);
      return;
    }

  soup_message_headers_append (headers, "User-Agent", USER_AGENT);
  soup_message_headers_append (headers, "Accept", spec->request->accept);
  if (spec->request->external)
    return;

  soup_message_headers_append (headers, "X-Stainless-Lang", "gobject");
  g_snprintf (count, sizeof count, "%u", spec->attempt - 1);
  soup_message_headers_append (headers, "X-Stainless-Retry-Count", count);
  if (!spec->streamed)
    soup_message_headers_append (headers, "Accept-Encoding", "gzip, deflate");
  if (spec->request->beta != NULL)
    soup_message_headers_append (headers, "OpenAI-Beta", spec->request->beta);
  if (spec->with_credentials)
    {
      add_identity (spec, copy_header, headers);
      add_token (spec, copy_header, headers);
    }

  oai_settings_foreach_header (spec->settings, set, headers);
  if (spec->request->options != NULL)
    oai_call_options_foreach_header (spec->request->options, set, headers);
  if (spec->repaired)
    renew_idempotency_key (headers, spec->request->body);
}

/* type: NULL keeps the header. */
static gboolean
set_body (SoupMessage *message, OaiRequest *request, const char *type, GError **error)
{
  goffset length = -1;
  g_autoptr(GInputStream) stream = NULL;

  if (request->multipart != NULL)
    stream = oai_multipart_open (request->multipart, &length, error);
  else
    stream = oai_bytes_stream_new (request->body);
  if (stream == NULL)
    return FALSE;

  if (request->body != NULL)
    length = g_bytes_get_size (request->body);
  soup_message_set_request_body (message, type, stream, length);

  return TRUE;
}

static gboolean
set_first_body (SoupMessage *message, const OaiMessageSpec *spec, GError **error)
{
  OaiRequest *request = spec->request;

  if (request->multipart != NULL)
    return set_body (message, request, oai_multipart_get_content_type (request->multipart), error);
  if (request->body != NULL)
    return set_body (message, request, "application/json", error);

  if (!request->raw && g_strcmp0 (spec->method, "GET") != 0)
    soup_message_headers_replace (soup_message_get_request_headers (message), "Content-Type", "application/json");

  return TRUE;
}

void
oai_message_builder_break_body (SoupMessage *message)
{
  g_autoptr(GInputStream) empty = g_memory_input_stream_new ();
  g_autoptr(GConverter) failing = oai_content_decoder_new_failing ("The request was abandoned");
  g_autoptr(GInputStream) stream = g_converter_input_stream_new (empty, failing);

  soup_message_set_request_body (message, NULL, stream, -1);
}

gboolean
oai_message_builder_renew_body (SoupMessage *message, OaiRequest *request, GError **error)
{
  g_autoptr(GError) reason = NULL;

  if (!oai_request_has_body (request))
    return TRUE;
  if (set_body (message, request, NULL, &reason))
    return TRUE;

  oai_message_builder_break_body (message);
  if (!oai_request_has_body_once (request))
    g_propagate_error (error, g_steal_pointer (&reason));
  else
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONNECTION,
                         _("The request has to be sent again, but its body comes from a stream that can only be read once"));

  return FALSE;
}

static void
note_any_credentials (const char *name, const char *value, gpointer user_data)
{
  gboolean *found = user_data;

  if (value != NULL && oai_message_builder_is_credential (name))
    *found = TRUE;
}

gboolean
oai_message_builder_has_any_credentials (OaiSettings *settings, OaiCallOptions *options)
{
  gboolean found = FALSE;

  oai_settings_foreach_header (settings, note_any_credentials, &found);
  oai_settings_foreach_query (settings, note_any_credentials, &found);
  if (options != NULL)
    {
      oai_call_options_foreach_header (options, note_any_credentials, &found);
      oai_call_options_foreach_query (options, note_any_credentials, &found);
    }

  return found;
}

/* Query parameters of the program are only sent to the origin that it specified. */
static gboolean
has_query_credentials (const OaiMessageSpec *spec)
{
  gboolean found = FALSE;

  if (!spec->with_credentials)
    return FALSE;

  oai_settings_foreach_query (spec->settings, note_any_credentials, &found);
  if (spec->request->options != NULL)
    oai_call_options_foreach_query (spec->request->options, note_any_credentials, &found);

  return found;
}

static gboolean
has_header_credentials (SoupMessage *message)
{
  SoupMessageHeadersIter iter;
  const char *name;
  const char *value;

  soup_message_headers_iter_init (&iter, soup_message_get_request_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (oai_message_builder_is_credential (name))
        return TRUE;
    }

  return FALSE;
}

gboolean
oai_message_builder_check_secure (const OaiMessageSpec *spec, gboolean has_header, GError **error)
{
  const char *host = g_uri_get_host (spec->uri);

  if (strcmp (g_uri_get_scheme (spec->uri), "https") == 0 || oai_url_host_is_local (host)
      || oai_settings_get_allow_insecure_http (spec->settings) || (!has_header && !has_query_credentials (spec)))
    return TRUE;

  /* Translators: %s is the name of a server; do not translate allow-insecure-http. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
               _("The key would be sent to “%s” unencrypted. Use https, or allow it with the setting allow-insecure-http."), host);
  return FALSE;
}

SoupMessage *
oai_message_builder_new (const OaiMessageSpec *spec, GError **error)
{
  g_autoptr(SoupMessage) message = soup_message_new_from_uri (spec->method, spec->uri);

  /* Without the first flag, libsoup opens a new connection for every POST. */
  soup_message_set_flags (message, SOUP_MESSAGE_IDEMPOTENT | SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
  /* The server may close a reused connection at any time, and this body can be sent once only. */
  if (spec->with_body && oai_request_has_body_once (spec->request))
    soup_message_add_flags (message, SOUP_MESSAGE_NEW_CONNECTION);
  /* The decoder of libsoup buffers compressed events until the end of the stream, and ignores
   * damaged data; see oai_content_decoder_wrap(). */
  soup_message_disable_feature (message, SOUP_TYPE_CONTENT_DECODER);

  if (spec->with_body && !set_first_body (message, spec, error))
    return NULL;
  set_headers (message, spec);
  if (!oai_message_builder_check_secure (spec, has_header_credentials (message), error))
    return NULL;

  return g_steal_pointer (&message);
}
