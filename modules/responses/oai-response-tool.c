/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-responses-types.h"

#define NO_ARGUMENTS "{\"type\":\"object\",\"properties\":{},\"required\":[],\"additionalProperties\":false}"

OaiResponseFunctionTool *
oai_response_function_tool_new_with_schema (const char *name,
                                            const char *description,
                                            const char *parameters_json,
                                            gboolean strict,
                                            GError **error)
{
  g_autoptr(OaiFunctionDefinition) checked = NULL;
  OaiResponseFunctionTool *self = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  checked = oai_function_definition_new_with_schema (name, description, parameters_json, strict, error);
  if (checked == NULL)
    return NULL;

  self = oai_response_function_tool_new (name);
  if (description != NULL)
    oai_response_function_tool_set_description (self, description);
  oai_response_function_tool_set_parameters (self, parameters_json != NULL ? parameters_json : NO_ARGUMENTS);
  oai_response_function_tool_set_strict (self, strict);

  return self;
}

OaiResponseSkill *
oai_response_skill_new_inline (const char *name, const char *description, GBytes *zip)
{
  g_autoptr(OaiResponseSkillSource) source = NULL;
  g_autofree char *base64 = NULL;
  OaiResponseSkill *self = NULL;
  gconstpointer data;
  gsize length;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (description != NULL, NULL);
  g_return_val_if_fail (zip != NULL, NULL);

  data = g_bytes_get_data (zip, &length);
  base64 = g_base64_encode (data, length);
  source = oai_response_skill_source_new ("base64", "application/zip", base64);

  self = oai_response_skill_new ();
  oai_response_skill_set_type_value (self, "inline");
  oai_response_skill_set_name (self, name);
  oai_response_skill_set_description (self, description);
  oai_response_skill_set_source (self, source);

  return self;
}
