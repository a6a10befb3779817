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
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_object (&self->options);
  g_free (self);
}

gboolean
oai_request_has_body (OaiRequest *self)
{
  return self->multipart != NULL || self->body != NULL;
}

gboolean
oai_request_has_body_once (OaiRequest *self)
{
  return self->multipart != NULL && !oai_multipart_can_rewind (self->multipart);
}

gboolean
oai_request_can_retry (OaiRequest *self)
{
  if (self->passthrough)
    return FALSE;

  return self->multipart == NULL || oai_multipart_can_open (self->multipart);
}

/* libsoup reads the body of a request over HTTP/2 within a callback of nghttp2, where a handler of the
 * progress of a file must not iterate the main loop, and 3.2 aborts if it must wait for the body twice.
 * It opens WebSocket connections over HTTP/1.1 only.  Before 3.6.3, it reads the body of a reply
 * without a limit if the program does not read it as fast as it arrives; before 3.4.4, the time for
 * this is proportional to the square of the size. */
gboolean
oai_request_requires_http1 (OaiRequest *self)
{
  return self->multipart != NULL || self->upgrade || (self->large && !soup_check_version (3, 6, 3));
}
