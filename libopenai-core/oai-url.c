/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-url-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"

/* RFC 3986: what may stand unescaped besides letters, digits and "-._~". */
#define SEGMENT_SAFE "!$&'()*+,;=:@"
#define QUERY_SAFE "!$'()*+,;:@/?"
#define FRAGMENT_SAFE SEGMENT_SAFE "/?"

#define OFFICIAL_VERSION "/v1"
#define OPENAI_HOST "api.openai.com"

/* The host is decoded when it is read, and encoded again when it is written. */
#define BASE_URL_FLAGS (G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_ENCODED_FRAGMENT | G_URI_FLAGS_SCHEME_NORMALIZE)

static void
append_escaped (GString *out, const char *text, const char *safe)
{
  for (; *text != '\0'; text++)
    {
      guchar byte = (guchar) *text;

      if (g_ascii_isalnum (byte) || strchr ("-._~", byte) != NULL || strchr (safe, byte) != NULL)
        g_string_append_c (out, (char) byte);
      else
        g_string_append_printf (out, "%%%02X", byte);
    }
}

static gsize
dot_length (const char *text)
{
  if (*text == '.')
    return 1;
  if (g_ascii_strncasecmp (text, "%2e", 3) == 0)
    return 3;

  return 0;
}

static gboolean
is_dot_segment (const char *segment)
{
  gsize first = dot_length (segment);
  gsize second = first > 0 ? dot_length (segment + first) : 0;

  return first > 0 && segment[first + second] == '\0';
}

static gboolean
refuse_empty (const char *name, gsize length, GError **error)
{
  /* Translators: %.*s is the name of a parameter, such as file_id. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The path parameter “%.*s” is empty"), (int) length, name);
  return FALSE;
}

static gboolean
refuse_dots (const char *name, gsize length, const char *segment, GError **error)
{
  /* Translators: %.*s is the name of a parameter, such as file_id. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The path parameter “%.*s” must not be the dot-segment “%s”"), (int) length, name, segment);
  return FALSE;
}

char *
oai_path_segment (const char *name, const char *text, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  append_escaped (out, text, SEGMENT_SAFE);

  if (out->len == 0)
    {
      refuse_empty (name, strlen (name), error);
      return NULL;
    }
  if (is_dot_segment (out->str))
    {
      refuse_dots (name, strlen (name), out->str, error);
      return NULL;
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* The value of a placeholder: name of so many bytes, or the nth of all. NULL: there is none. */
typedef char *(*LookupFunc) (const char *name, gsize length, guint nth, gpointer user_data);

typedef struct
{
  LookupFunc lookup;
  gpointer user_data;
  guint count;
} Expansion;

/* Length of the placeholder that text begins with, braces included; 0: none. */
static gsize
placeholder_length (const char *text)
{
  gsize length = 1;

  if (*text != '{')
    return 0;
  while (g_ascii_isalnum (text[length]) || text[length] == '_')
    length++;

  return length > 1 && text[length] == '}' ? length + 1 : 0;
}

static gboolean
expand_placeholder (Expansion *self, GString *out, const char *text, gsize length, const char *safe, GError **error)
{
  g_autofree char *value = self->lookup (text + 1, length - 2, self->count++, self->user_data);

  if (value == NULL)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The path parameter “%.*s” is missing"), (int) length - 2, text + 1);
      return FALSE;
    }

  append_escaped (out, value, safe);
  return TRUE;
}

static gboolean
refuse_path (const char *path, const char *segment, GError **error)
{
  g_autofree char *shown = g_utf8_make_valid (path, -1);

  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The path “%s” contains the dot-segment “%s”, which is not allowed"), shown, segment);
  return FALSE;
}

/* placeholder: the last one of the segment, braces included, or NULL where there is none. */
static gboolean
end_segment (GString *out, gsize start, const char *placeholder, GError **error)
{
  const char *segment = out->str + start;
  gsize length = placeholder != NULL ? placeholder_length (placeholder) - 2 : 0;

  if (placeholder != NULL && *segment == '\0')
    return refuse_empty (placeholder + 1, length, error);
  if (placeholder != NULL && is_dot_segment (segment))
    return refuse_dots (placeholder + 1, length, segment, error);
  if (is_dot_segment (segment))
    return refuse_path (out->str, segment, error);

  return TRUE;
}

/* The path, up to its query, its fragment or its end; *text moves there. */
static gboolean
expand_path (Expansion *self, GString *out, const char **text, GError **error)
{
  gsize start = out->len;
  const char *placeholder = NULL;

  while (**text != '\0' && **text != '?' && **text != '#')
    {
      gsize length = placeholder_length (*text);

      if (length > 0)
        {
          if (!expand_placeholder (self, out, *text, length, SEGMENT_SAFE, error))
            return FALSE;
          placeholder = *text;
          *text += length;
          continue;
        }

      if (**text == '/')
        {
          if (!end_segment (out, start, placeholder, error))
            return FALSE;
          start = out->len + 1;
          placeholder = NULL;
        }
      g_string_append_c (out, **text);
      (*text)++;
    }

  return end_segment (out, start, placeholder, error);
}

static gboolean
expand_rest (Expansion *self, GString *out, const char *text, GError **error)
{
  const char *safe = QUERY_SAFE;

  while (*text != '\0')
    {
      gsize length = placeholder_length (text);

      if (length > 0)
        {
          if (!expand_placeholder (self, out, text, length, safe, error))
            return FALSE;
          text += length;
          continue;
        }

      if (*text == '#')
        safe = FRAGMENT_SAFE;
      g_string_append_c (out, *text++);
    }

  return TRUE;
}

static char *
expand (const char *text, LookupFunc lookup, gpointer user_data, GError **error)
{
  Expansion expansion = { lookup, user_data, 0 };
  g_autoptr (GString) out = g_string_new (NULL);

  if (!expand_path (&expansion, out, &text, error) || !expand_rest (&expansion, out, text, error))
    return NULL;

  return g_string_free (g_steal_pointer (&out), FALSE);
}

gboolean
oai_path_check (const char *path, GError **error)
{
  g_autofree char *plain = g_strndup (path, strcspn (path, "?#"));
  g_auto (GStrv) segments = g_strsplit (plain, "/", -1);

  for (guint i = 0; segments[i] != NULL; i++)
    {
      if (!is_dot_segment (segments[i]))
        continue;

      return refuse_path (plain, segments[i], error);
    }

  return TRUE;
}

typedef struct
{
  const char *const *arguments;
  guint length;
} Ordered;

static char *
lookup_ordered (const char *name, gsize length, guint nth, gpointer user_data)
{
  Ordered *ordered = user_data;

  return nth < ordered->length ? g_strdup (ordered->arguments[nth]) : NULL;
}

char *
oai_path_expand (const char *template_, const char *const *arguments, GError **error)
{
  Ordered ordered = { arguments, arguments != NULL ? g_strv_length ((char **) arguments) : 0 };

  return expand (template_, lookup_ordered, &ordered, error);
}

typedef struct
{
  OaiJsonDoc *doc;
  OaiJsonNode arguments;
} Named;

static char *
lookup_named (const char *name, gsize length, guint nth, gpointer user_data)
{
  Named *named = user_data;
  g_autofree char *key = g_strndup (name, length);
  OaiJsonNode value = oai_json_get_member (named->doc, named->arguments, key);

  switch (oai_json_get_type (named->doc, value))
    {
    case OAI_JSON_STRING:
      return g_strdup (oai_json_get_string (named->doc, value, NULL));
    case OAI_JSON_NULL:
    case OAI_JSON_BOOLEAN:
    case OAI_JSON_INT:
    case OAI_JSON_DOUBLE:
      {
        g_autoptr (GString) text = g_string_new (NULL);

        oai_json_write_node (text, named->doc, value);
        return g_string_free (g_steal_pointer (&text), FALSE);
      }
    default:
      return NULL;
    }
}

char *
oai_path_expand_named (const char *template_, OaiJsonDoc *doc, OaiJsonNode arguments, GError **error)
{
  Named named = { doc, arguments };

  return expand (template_, lookup_named, &named, error);
}

static int
get_port (GUri *uri)
{
  int port = g_uri_get_port (uri);
  const char *scheme = g_uri_get_scheme (uri);

  if (port >= 0)
    return port;
  if (strcmp (scheme, "https") == 0 || strcmp (scheme, "wss") == 0)
    return 443;
  if (strcmp (scheme, "http") == 0 || strcmp (scheme, "ws") == 0)
    return 80;

  return -1;
}

gboolean
oai_url_same_origin (GUri *a, GUri *b)
{
  const char *host_a = g_uri_get_host (a);
  const char *host_b = g_uri_get_host (b);

  if (host_a == NULL || host_b == NULL)
    return FALSE;

  return strcmp (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0
         && g_ascii_strcasecmp (host_a, host_b) == 0
         && get_port (a) == get_port (b);
}

/* What can be shown of an address: its scheme and its host.  People paste keys into
 * all other parts, and a text without a scheme may be nothing but a key. */
static char *
dup_shown (const char *text)
{
  const char *colon = strstr (text, "://");
  gsize length = 0;

  if (colon != NULL && strchr (colon, '@') == NULL && g_utf8_validate (text, colon - text, NULL))
    length = colon + 3 + strspn (colon + 3, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-._") - text;

  return g_strdup_printf ("%.*s%s", (int) length, text, text[length] != '\0' ? "…" : "");
}

static gboolean
refuse (GError **error, const char *text, const char *why)
{
  g_autofree char *shown = dup_shown (text);

  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is not the address of a server: %s"), shown, why);
  return FALSE;
}

/* GUri decodes what is percent-encoded in a host.  A delimiter among it ("@", ":", "/")
 * would be a delimiter indeed as soon as the URL is written and read again. */
gboolean
oai_url_host_is_valid (const char *host)
{
  gboolean is_address = strchr (host, ':') != NULL;

  if (*host == '\0')
    return FALSE;

  for (const char *c = host; *c != '\0'; c++)
    {
      if (g_ascii_isalnum (*c) || strchr ("-._", *c) != NULL)
        continue;
      if (!is_address || (*c != ':' && *c != '%'))
        return FALSE;
    }

  /* The zone of an address stands behind "%". */
  return !is_address || strspn (host, "0123456789abcdefABCDEF:.") == strcspn (host, "%");
}

gboolean
oai_url_is_openai (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  g_autofree char *host = NULL;
  gsize length;

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return FALSE;

  host = g_ascii_strdown (g_uri_get_host (uri), -1);
  length = strlen (host);
  if (length > 0 && host[length - 1] == '.')
    host[length - 1] = '\0';

  return strcmp (host, OPENAI_HOST) == 0 || g_str_has_suffix (host, "." OPENAI_HOST);
}

gboolean
oai_url_check_http (GUri *uri, const char *text, GError **error)
{
  const char *scheme = g_uri_get_scheme (uri);
  const char *host = g_uri_get_host (uri);

  if (strcmp (scheme, "http") != 0 && strcmp (scheme, "https") != 0)
    return refuse (error, text, _("it must begin with http:// or https://"));
  if (host == NULL || *host == '\0')
    return refuse (error, text, _("it names no host"));
  if (strpbrk (host, " \t\r\n") != NULL)
    return refuse (error, text, _("its host contains a blank"));
  if (!oai_url_host_is_valid (host))
    return refuse (error, text, _("its host contains characters that no host name has"));

  return TRUE;
}

/* The message of the parser is not shown: it quotes the text. */
gboolean
oai_url_refuse_text (GError **error, const char *text)
{
  if (g_ascii_strncasecmp (text, "http://", 7) != 0 && g_ascii_strncasecmp (text, "https://", 8) != 0)
    return refuse (error, text, _("it must begin with http:// or https://"));

  return refuse (error, text, _("its host or its port is malformed"));
}

static gboolean
check_base_uri (GUri *uri, const char *text, GError **error)
{
  if (!oai_url_check_http (uri, text, error))
    return FALSE;
  if (g_uri_get_query (uri) != NULL)
    return refuse (error, text, _("it must hold no query"));
  if (g_uri_get_fragment (uri) != NULL)
    return refuse (error, text, _("it must hold no fragment"));

  return TRUE;
}

static char *
uri_to_base (GUri *uri)
{
  g_autofree char *text = g_uri_to_string (uri);
  gsize length = strlen (text);

  while (length > 0 && text[length - 1] == '/')
    text[--length] = '\0';

  return g_steal_pointer (&text);
}

static GUri *
parse_base (const char *text, GError **error)
{
  g_autoptr (GUri) uri = NULL;

  /* Looked at first: no message may repeat what could be a password. */
  if (strchr (text, '@') != NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The address of a server must hold no user name or password"));
      return NULL;
    }

  uri = g_uri_parse (text, BASE_URL_FLAGS, NULL);
  if (uri == NULL)
    {
      oai_url_refuse_text (error, text);
      return NULL;
    }
  if (!check_base_uri (uri, text, error))
    return NULL;

  return g_steal_pointer (&uri);
}

char *
oai_base_url_normalize (const char *text, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));
  g_autoptr (GUri) uri = NULL;

  if (*trimmed == '\0')
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The address of the server is empty"));
      return NULL;
    }

  uri = parse_base (trimmed, error);
  return uri != NULL ? uri_to_base (uri) : NULL;
}

/* Ends of addresses that belong to one operation: longest first. */
static const char *const operation_ends[] = {
  "/chat/completions",
  "/completions",
  "/embeddings",
  "/responses",
  "/models",
};

static void
cut_operation (char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (operation_ends); i++)
    {
      if (g_str_has_suffix (path, operation_ends[i]))
        {
          path[strlen (path) - strlen (operation_ends[i])] = '\0';
          return;
        }
    }
}

static void
cut_slashes (char *path)
{
  gsize length = strlen (path);

  while (length > 0 && path[length - 1] == '/')
    path[--length] = '\0';
}

/* Resolvers read "134744072" and "0x8080808" as IPv4 addresses. */
static gboolean
is_number (const char *host)
{
  const char *digits = g_str_has_prefix (host, "0x") ? "0123456789abcdefx" : "0123456789";

  return strspn (host, digits) == strlen (host);
}

/* lower: in lower case */
static gboolean
is_local_name (const char *lower)
{
  if (is_number (lower))
    return FALSE;

  return strchr (lower, '.') == NULL || g_str_has_suffix (lower, ".localhost") || g_str_has_suffix (lower, ".local");
}

gboolean
oai_url_host_is_local (const char *host)
{
  g_autofree char *lower = g_ascii_strdown (host, -1);
  g_autoptr (GInetAddress) address = NULL;

  /* Only an address of IPv6 contains a colon; its zone says nothing of where it is. */
  if (strchr (lower, ':') != NULL)
    lower[strcspn (lower, "%")] = '\0';
  address = g_inet_address_new_from_string (lower);
  if (address == NULL)
    return strchr (lower, ':') == NULL && is_local_name (lower);

  return g_inet_address_get_is_loopback (address) || g_inet_address_get_is_site_local (address)
         || g_inet_address_get_is_link_local (address) || g_inet_address_get_is_any (address);
}

/* text: begins with a host, as people write it. */
static gboolean
starts_with_local_host (const char *text)
{
  gboolean bracketed = *text == '[';
  g_autofree char *host = bracketed ? g_strndup (text + 1, strcspn (text + 1, "]")) : g_strndup (text, strcspn (text, ":/?#"));

  return oai_url_host_is_local (host);
}

char *
oai_base_url_repair (const char *text, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));
  g_autofree char *full = NULL;
  g_autofree char *base = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GUri) repaired = NULL;

  trimmed[strcspn (trimmed, "?#")] = '\0';
  if (strstr (trimmed, "://") == NULL && *trimmed != '\0')
    full = g_strconcat (starts_with_local_host (trimmed) ? "http://" : "https://", trimmed, NULL);
  else
    full = g_strdup (trimmed);

  base = oai_base_url_normalize (full, error);
  if (base == NULL)
    return NULL;

  uri = g_uri_parse (base, BASE_URL_FLAGS, error);
  if (uri == NULL)
    return NULL;

  path = g_strdup (g_uri_get_path (uri));
  cut_operation (path);
  cut_slashes (path);
  repaired = g_uri_build (BASE_URL_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri), g_uri_get_port (uri),
                          *path != '\0' ? path : OFFICIAL_VERSION, NULL, NULL);

  return uri_to_base (repaired);
}
