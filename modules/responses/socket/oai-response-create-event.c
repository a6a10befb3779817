/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-responses-methods-private.h"

/* A stream is implicit, and the responses of a WebSocket are not generated in the background. */
static const char *const omitted[] = { "stream", "stream_options", "background", "background_options", NULL };

OaiResponseCreateEvent *
oai_response_create_event_new_for_request (OaiResponseRequest *request)
{
  OaiResponseCreateEvent *event = g_object_new (OAI_TYPE_RESPONSE_CREATE_EVENT, NULL);
  g_auto(GStrv) members = oai_record_list_members (OAI_RECORD (request));

  for (guint i = 0; members[i] != NULL; i++)
    {
      g_autofree char *json = oai_record_dup_member (OAI_RECORD (request), members[i]);

      if (!g_strv_contains (omitted, members[i]))
        oai_record_set_member (OAI_RECORD (event), members[i], json, NULL);
    }

  return event;
}
