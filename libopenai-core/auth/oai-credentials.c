/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-credentials-private.h"

#include <string.h>

void
oai_credentials_clear (OaiCredentials *self)
{
  g_clear_pointer (&self->api_key, oai_secret_free);
  g_clear_pointer (&self->admin_key, oai_secret_free);
  g_clear_pointer (&self->organization, g_free);
  g_clear_pointer (&self->project, g_free);
}

gboolean
oai_credentials_have_key (const OaiCredentials *self)
{
  return (self->api_key != NULL && *self->api_key != '\0') || self->admin_key != NULL;
}

/* A value with a line end would be read as two lines. */
static void
append_line (GString *out, const char *name, const char *value)
{
  if (value != NULL && *value != '\0' && strpbrk (value, "\r\n") == NULL)
    g_string_append_printf (out, "%s=%s\n", name, value);
}

char *
oai_credentials_to_text (const OaiCredentials *self)
{
  gsize room = 256;
  GString *out;

  if (!oai_credentials_have_key (self))
    return NULL;

  if (self->admin_key == NULL && self->organization == NULL && self->project == NULL)
    return g_strdup (self->api_key);

  /* Reallocating the string would leave a copy of the keys behind. */
  room += self->api_key != NULL ? strlen (self->api_key) : 0;
  room += self->admin_key != NULL ? strlen (self->admin_key) : 0;
  room += self->organization != NULL ? strlen (self->organization) : 0;
  room += self->project != NULL ? strlen (self->project) : 0;
  out = g_string_sized_new (room);

  append_line (out, "OPENAI_API_KEY", self->api_key);
  append_line (out, "OPENAI_ADMIN_KEY", self->admin_key);
  append_line (out, "OPENAI_ORGANIZATION_ID", self->organization);
  append_line (out, "OPENAI_PROJECT_ID", self->project);

  return g_string_free (out, FALSE);
}
