/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The contents of a key file, the keyring or the environment: keys, organization and project. */

#pragma once

#include "oai-secret-private.h"

G_BEGIN_DECLS

typedef struct
{
  char *api_key;
  char *admin_key;
  char *organization;
  char *project;
  gboolean has_others; /* the file contains more than these values and comments, or several of a kind */
} OaiCredentials;

void oai_credentials_clear (OaiCredentials *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OaiCredentials, oai_credentials_clear)
/* Whether there is a key that is not empty, or an admin key. */
gboolean oai_credentials_have_key (const OaiCredentials *self);
/* The text of a key file, or only the key if there is nothing else; NULL if there is no key. */
char *oai_credentials_to_text (const OaiCredentials *self);

G_END_DECLS
