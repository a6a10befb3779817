/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The purposes for which an authority issued a certificate, which GIO does not check. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* der: an X.509 certificate.  Returns TRUE if the extended key usage contains the authentication of TLS clients, or if the
 * certificate is for any purpose.  Returns FALSE for data that is no certificate. */
gboolean oai_key_purpose_allows_clients (const guint8 *der, gsize size);

G_END_DECLS
