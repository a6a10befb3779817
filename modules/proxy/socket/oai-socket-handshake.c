/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-socket-handshake-private.h"

#include <string.h>

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_LENGTH 24
#define KEY_SIZE 16
/* Subprotocols that contain credentials. */
#define SECRET_PREFIX "openai-insecure-api-key."
static const char *const private_prefixes[] = { SECRET_PREFIX, "openai-organization.", "openai-project." };

static guint
count_fields (OaiHttpFields *fields, const char *name)
{
  guint count = 0;

  for (guint i = 0; i < oai_http_fields_get_n (fields); i++)
    count += g_ascii_strcasecmp (oai_http_fields_get_nth (fields, i)->name, name) == 0;

  return count;
}

/* The key is the Base64 text of 16 bytes. */
static gboolean
is_key (const char *text)
{
  gsize size = 0;
  g_autofree guchar *bytes = NULL;
  g_autofree char *again = NULL;

  if (text == NULL || strlen (text) != KEY_LENGTH)
    return FALSE;

  bytes = g_base64_decode (text, &size);
  again = g_base64_encode (bytes, size);

  return size == KEY_SIZE && strcmp (again, text) == 0;
}

static gboolean
is_token_character (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

static gboolean
is_token (const char *text)
{
  const char *p = text;

  while (is_token_character (*p))
    p++;

  return p > text && *p == '\0';
}

typedef gboolean (*ProtocolFunc) (const char *protocol, gpointer user_data);

/* Calls a function for each subprotocol.  Returns FALSE if it did, or if the list is invalid. */
static gboolean
foreach_protocol (const OaiHttpHead *head, ProtocolFunc func, gpointer user_data)
{
  for (guint i = 0; i < oai_http_fields_get_n (head->fields); i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (head->fields, i);
      g_auto(GStrv) names = NULL;

      if (g_ascii_strcasecmp (field->name, "Sec-WebSocket-Protocol") != 0)
        continue;
      names = g_strsplit (field->value, ",", -1);
      for (guint n = 0; names[n] != NULL; n++)
        if (!is_token (g_strstrip (names[n])) || !func (names[n], user_data))
          return FALSE;
    }

  return TRUE;
}

static gboolean
accept_any (const char *protocol, gpointer user_data)
{
  return TRUE;
}

OaiSocketRefusal
oai_socket_handshake_check (const OaiHttpHead *head)
{
  OaiHttpFields *fields = head->fields;
  const char *version = oai_http_fields_get (fields, "Sec-WebSocket-Version");

  if (strcmp (head->method, "GET") != 0)
    return (OaiSocketRefusal) { 405, "A WebSocket connection is opened with the method GET" };
  if (head->minor_version < 1)
    return (OaiSocketRefusal) { 400, "A WebSocket connection requires HTTP/1.1" };
  if (head->content_length > 0 || head->chunked)
    return (OaiSocketRefusal) { 400, "The request for a WebSocket connection has a body" };
  if (!oai_http_fields_has_token (fields, "Upgrade", "websocket") || !oai_http_fields_has_token (fields, "Connection", "Upgrade"))
    return (OaiSocketRefusal) { 426, "The request is for a WebSocket connection only" };
  if (version == NULL || count_fields (fields, "Sec-WebSocket-Version") > 1 || strcmp (version, "13") != 0)
    return (OaiSocketRefusal) { 426, "The version of the WebSocket protocol must be 13" };
  if (count_fields (fields, "Sec-WebSocket-Key") != 1 || !is_key (oai_http_fields_get (fields, "Sec-WebSocket-Key")))
    return (OaiSocketRefusal) { 400, "The header Sec-WebSocket-Key is missing or invalid" };
  if (!foreach_protocol (head, accept_any, NULL))
    return (OaiSocketRefusal) { 400, "The header Sec-WebSocket-Protocol is invalid" };

  return (OaiSocketRefusal) { 0, NULL };
}

static gboolean
is_private (const char *protocol)
{
  for (guint i = 0; i < G_N_ELEMENTS (private_prefixes); i++)
    if (g_ascii_strncasecmp (protocol, private_prefixes[i], strlen (private_prefixes[i])) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
append_protocol (const char *protocol, gpointer user_data)
{
  GString *list = user_data;

  if (!is_private (protocol))
    g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", protocol);

  return TRUE;
}

char *
oai_socket_handshake_dup_protocols (const OaiHttpHead *head)
{
  GString *list = g_string_new (NULL);

  foreach_protocol (head, append_protocol, list);

  return g_string_free (list, list->len == 0);
}

static gboolean
differs (const char *protocol, gpointer user_data)
{
  return strcmp (protocol, user_data) != 0;
}

static gboolean
has_protocol (const OaiHttpHead *head, const char *protocol)
{
  return !foreach_protocol (head, differs, (gpointer) protocol);
}

const char *
oai_socket_handshake_choose_protocol (const OaiHttpHead *head, const char *chosen)
{
  if (chosen != NULL && !is_private (chosen) && has_protocol (head, chosen))
    return chosen;

  return has_protocol (head, "realtime") ? "realtime" : NULL;
}

static char *
make_accept (const char *key)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize length = sizeof digest;

  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_update (checksum, (const guchar *) GUID, -1);
  g_checksum_get_digest (checksum, digest, &length);

  return g_base64_encode (digest, length);
}

/* Values with line breaks are omitted. */
static void
append_field (GString *reply, const char *name, const char *value)
{
  if (is_token (name) && strpbrk (value, "\r\n") == NULL)
    g_string_append_printf (reply, "%s: %s\r\n", name, value);
}

char *
oai_socket_handshake_make_reply (const OaiHttpHead *head, const char *protocol, OaiHttpFields *fields)
{
  g_autofree char *accept = make_accept (oai_http_fields_get (head->fields, "Sec-WebSocket-Key"));
  GString *reply = g_string_new ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");

  append_field (reply, "Sec-WebSocket-Accept", accept);
  if (protocol != NULL)
    append_field (reply, "Sec-WebSocket-Protocol", protocol);
  for (guint i = 0; fields != NULL && i < oai_http_fields_get_n (fields); i++)
    append_field (reply, oai_http_fields_get_nth (fields, i)->name, oai_http_fields_get_nth (fields, i)->value);
  g_string_append (reply, "\r\n");

  return g_string_free (reply, FALSE);
}
