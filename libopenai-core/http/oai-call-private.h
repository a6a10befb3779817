/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiCall for the files that send requests and read replies. */

#pragma once

#include <libsoup/soup.h>

#include "oai-call.h"
#include "oai-settings.h"

G_BEGIN_DECLS

/* The error of a reply, in any format. */
typedef struct
{
  char *message;
  char *type;
  char *code;
  char *param;
  char *status; /* a number or a word, of an error in a successful reply */
} OaiErrorDetails;

void oai_error_details_clear (OaiErrorDetails *details);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OaiErrorDetails, oai_error_details_clear)

/* operation: a static or interned string. */
OaiCall *oai_call_new (const char *operation, const char *method, const char *url);
void oai_call_set_url (OaiCall *self, const char *url);
/* The settings with which the call was made; NULL for a message of a WebSocket connection. */
void oai_call_set_settings (OaiCall *self, OaiSettings *settings);
OaiSettings *oai_call_get_settings (OaiCall *self);
void oai_call_set_state (OaiCall *self, OaiCallState state);
void oai_call_begin_attempt (OaiCall *self);
/* The head of a reply; headers are referenced, not copied. */
void oai_call_set_head (OaiCall *self, guint status, SoupMessageHeaders *headers);
void oai_call_set_body (OaiCall *self, GBytes *body);
void oai_call_set_details (OaiCall *self, const OaiErrorDetails *details);
void oai_call_set_certificate_errors (OaiCall *self, GTlsCertificateFlags errors);
/* The names of the adaptations of the request, which are copied. */
void oai_call_set_adaptations (OaiCall *self, const char *const *names);
/* Microseconds from now, or -1 for none. */
void oai_call_set_retry_in (OaiCall *self, gint64 delay);
void oai_call_take_error (OaiCall *self, GError *error);
/* Seconds since the call was made, for the log. */
double oai_call_get_elapsed (OaiCall *self);
/* Monotonic times in microseconds, of the call and of its newest attempt. */
gint64 oai_call_get_started (OaiCall *self);
/* For handlers of OaiClient::call-started: whether the call was started with this cancellable. */
gboolean oai_call_is_started_with (OaiCall *self, GCancellable *cancellable);
/* cancellable: borrowed, and NULL after the signal */
void oai_call_set_started_with (OaiCall *self, GCancellable *cancellable);
gint64 oai_call_get_attempt_started (OaiCall *self);

/* Attaches the call to the task that waits for it, for oai_call_find_for_result(). */
void oai_call_attach (OaiCall *self, GTask *task);

G_END_DECLS
