/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Adapts the request of an exchange to the server: with its profile, with what the client has learned, and after a
 * refusal. */

#pragma once

#include "oai-adaptation-private.h"
#include "oai-client-private.h"
#include "oai-server-profile-private.h"

G_BEGIN_DECLS

typedef struct
{
  OaiAdaptations repairs; /* after refusals */
  OaiAdaptations shown;   /* those that have changed the body */
  OaiServerProfile *profile; /* if its separate edits have changed the body, or NULL */
  gboolean differs;       /* the body differs from the one that the server refused, now or earlier */
  guint n_repairs;        /* how often the request was sent again */
  guint status;           /* the first refusal */
  SoupMessageHeaders *headers;
  GBytes *refusal;
} OaiAdapter;

void oai_adapter_clear (OaiAdapter *self);

/* Before the first request. */
void oai_adapter_prepare (OaiAdapter *self, OaiClient *client, OaiCall *call, OaiRequest *request, GUri *uri);
/* Whether a refusal of the request may be repaired. */
gboolean oai_adapter_can_repair (OaiCall *call, OaiRequest *request);
/* Returns whether the body was changed so that the server may accept it.  refusal: the body of the error.  The call notifies
 * the change. */
gboolean oai_adapter_repair (OaiAdapter *self, OaiCall *call, OaiRequest *request, GUri *uri, SoupMessageHeaders *headers, GBytes *refusal, const char *secrets);
/* The server has accepted the request. */
void oai_adapter_learn (OaiAdapter *self, OaiClient *client, OaiCall *call, OaiRequest *request);
/* Replaces the error of a repaired request, and its body, by the first refusal, unless it gives a better reason. */
void oai_adapter_choose_error (OaiAdapter *self, OaiCall *call, GBytes **body, GError **error, const char *secrets);

G_END_DECLS
