/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the head of a reply says of its body, or of where to look instead. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

gboolean oai_redirect_is_redirect (guint status);
/* Whether the next request is a GET without a body. */
gboolean oai_redirect_becomes_get (guint status, const char *method);
/* An address that requests can go to; so with the next, or it is NULL. */
GUri *oai_redirect_parse_url (const char *url, GError **error);
GUri *oai_redirect_resolve_location (GUri *from, const char *location);
/* Takes the body.  What cannot be read by its headers fails when it is read. */
GInputStream *oai_content_decoder_wrap (GInputStream *body, SoupMessageHeaders *headers);

G_END_DECLS
