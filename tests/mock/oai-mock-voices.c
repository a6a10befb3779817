/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Voices from recordings, with the required consents, or from descriptions. */

#include "oai-mock-private.h"

static const char *
text_part (OaiMockCall *call, const char *name)
{
  return call->form != NULL ? oai_mock_get_string (call->body, name) : NULL;
}

static gboolean
has_file (OaiMockCall *call, const char *name)
{
  OaiMockPart *part = call->form != NULL ? _oai_mock_form_find (call->form, name) : NULL;

  return part != NULL && part->file_name != NULL;
}

static OaiMockReply *
create_consent (OaiMockCall *call)
{
  g_autofree char *id = NULL;
  JsonObject *object;

  if (text_part (call, "name") == NULL || text_part (call, "language") == NULL || !has_file (call, "recording"))
    return _oai_mock_call_invalid (call, "recording", "A consent needs a name, a language and a recording.");
  id = _oai_mock_store_new_id (call->store, "cons_");
  object = oai_mock_object ("object:s", "audio.voice_consent", "id:s", id, "name:s", text_part (call, "name"), "language:s", text_part (call, "language"),
                            "created_at:l", _oai_mock_store_now (call->store), NULL);
  _oai_mock_store_add (call->store, "consents", object);

  return _oai_mock_reply_new_object (json_object_ref (object));
}

static OaiMockReply *
list_consents (OaiMockCall *call)
{
  return _oai_mock_call_list_collection (call, "consents");
}

static OaiMockReply *
retrieve_consent (OaiMockCall *call)
{
  return _oai_mock_call_retrieve (call, "consents", "voice consent", call->params[0]);
}

static OaiMockReply *
update_consent (OaiMockCall *call)
{
  const char *const members[] = { "name", NULL };

  return _oai_mock_call_modify (call, "consents", "voice consent", call->params[0], members);
}

static OaiMockReply *
delete_consent (OaiMockCall *call)
{
  return _oai_mock_call_delete (call, "consents", "voice consent", "audio.voice_consent", call->params[0]);
}

static OaiMockReply *
add_voice (OaiMockCall *call, const char *type)
{
  g_autofree char *id = _oai_mock_store_new_id (call->store, "voice_");
  JsonObject *voice = oai_mock_object ("object:s", "audio.voice", "id:s", id, "name:s", text_part (call, "name"),
                                       "created_at:l", _oai_mock_store_now (call->store), "type:s", type, NULL);

  if (g_str_equal (type, "prompt"))
    oai_mock_object_set (voice, "prompt:s", text_part (call, "prompt"), NULL);
  _oai_mock_store_add (call->store, "voices", voice);

  return _oai_mock_reply_new_object (json_object_ref (voice));
}

static OaiMockReply *
create_voice_from_prompt (OaiMockCall *call)
{
  if (text_part (call, "name") == NULL || text_part (call, "prompt") == NULL)
    return _oai_mock_call_invalid (call, "prompt", "A voice needs a name and a prompt.");

  return add_voice (call, "prompt");
}

static OaiMockReply *
create_voice (OaiMockCall *call)
{
  const char *consent = text_part (call, "consent");

  if (g_strcmp0 (text_part (call, "type"), "prompt") == 0)
    return create_voice_from_prompt (call);
  if (text_part (call, "name") == NULL || consent == NULL || !has_file (call, "audio_sample"))
    return _oai_mock_call_invalid (call, "audio_sample", "A voice needs a name, a consent and a sample.");
  if (_oai_mock_store_get (call->store, "consents", consent) == NULL)
    return _oai_mock_call_not_found (call, "voice consent", consent);

  return add_voice (call, "audio_sample");
}

static OaiMockReply *
delete_voice (OaiMockCall *call)
{
  return _oai_mock_call_delete (call, "voices", "voice", "audio.voice.deleted", call->params[0]);
}

const OaiMockRoute _oai_mock_voices_routes[] = {
  { "POST", "/audio/voice_consents", create_consent },
  { "GET", "/audio/voice_consents", list_consents },
  { "GET", "/audio/voice_consents/{consent_id}", retrieve_consent },
  { "POST", "/audio/voice_consents/{consent_id}", update_consent },
  { "DELETE", "/audio/voice_consents/{consent_id}", delete_consent },
  { "POST", "/audio/voices", create_voice },
  { "DELETE", "/audio/voices/{voice_id}", delete_voice },
  { NULL },
};
