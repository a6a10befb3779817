/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What errors say about the address of a server. */

#pragma once

#include "oai-call-private.h"

G_BEGIN_DECLS

/* Returns the host and the port of a URL, such as "localhost:11434". */
char *oai_server_hint_dup_authority (const char *url);
/* The URL of a call without its query, which can contain keys. */
char *oai_server_hint_dup_url (OaiCall *call);
/* Appends a sentence to a message, which it takes.  sentence: nullable, not taken. */
char *oai_server_hint_append (char *message, const char *sentence);
/* Appends what is unusual about the base URL of the call: it has no version, or is that of an
 * environment variable.  Takes the message. */
char *oai_server_hint_append_base_url (char *message, OaiCall *call);
/* The same, without what concerns the version. */
char *oai_server_hint_append_variable (char *message, OaiCall *call);

G_END_DECLS
