/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-path-template-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"

/* RFC 3986: characters that need no encoding, besides letters, digits and "-._~". */
#define SEGMENT_SAFE "!$&'()*+,;=:@"
#define QUERY_SAFE "!$'()*+,;:@/?"
#define FRAGMENT_SAFE SEGMENT_SAFE "/?"

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

/* The value of a placeholder, by name or by position; NULL if there is none. */
typedef char *(*LookupFunc) (const char *name, gsize length, guint nth, gpointer user_data);

typedef struct
{
  LookupFunc lookup;
  gpointer user_data;
  guint count;
} Expansion;

/* The length of the placeholder at the beginning of text, including the braces; 0 if there is
 * none. */
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

/* placeholder: the last one of the segment, including the braces, or NULL */
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

/* The path, up to its query, the URL fragment or the end; *text is moved there. */
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
