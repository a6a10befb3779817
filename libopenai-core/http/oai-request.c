/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-request-private.h"

OaiRequest *
oai_request_new (const char *operation, const char *method, char *path)
{
  OaiRequest *self = g_new0 (OaiRequest, 1);

  self->operation = operation;
  self->method = g_intern_string (method);
  self->path = path;
  self->accept = "application/json";

  return self;
}

void
oai_request_free (OaiRequest *self)
{
  g_free (self->path);
  g_free (self->query);
  g_free (self->model);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->multipart, oai_multipart_free);
  g_clear_object (&self->options);
  g_free (self);
}

gboolean
oai_request_can_retry (OaiRequest *self)
{
  return self->multipart == NULL || oai_multipart_can_open (self->multipart);
}

gboolean
oai_request_may_block (OaiRequest *self)
{
  return self->multipart != NULL && oai_multipart_may_block (self->multipart);
}
