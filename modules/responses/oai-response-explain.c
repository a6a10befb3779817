/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-responses-methods-private.h"

#include <string.h>

#include "oai-i18n-private.h"

/* Explains the error of a server that does not store responses, or has not stored this one.
 * llama.cpp replies that previous_response_id is not supported, vLLM that there is no response
 * with this identifier.  A request with a previous response and a conversation is wrong in itself. */
char *
oai_responses_explain_state (OaiRecord *request, const GError *error)
{
  const char *id = oai_record_get_string_member (request, "previous_response_id");

  if (id == NULL || *id == '\0' || oai_record_has_member (request, "conversation"))
    return NULL;
  if (strstr (error->message, "previous_response") == NULL && strcasestr (error->message, "previous response") == NULL
      && strstr (error->message, id) == NULL)
    return NULL;

  /* Translators: the first %s is the identifier of a response, the second what the server wrote. previous_response_id is a name. */
  return g_strdup_printf (_("The server cannot continue the response “%s”. Send the earlier input and the earlier output as items instead of previous_response_id. The server wrote: %s"),
                          id, error->message);
}
