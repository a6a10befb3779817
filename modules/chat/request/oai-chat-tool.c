/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-types.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-schema.h"

#define MAX_NAME 64

static gboolean
check_name (const char *name, GError **error)
{
  gsize length = strlen (name);

  if (length > 0 && length <= MAX_NAME && strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-") == length)
    return TRUE;

  /* Translators: %s is the name of a function, a tool or a schema. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
               _("“%s” is not a valid name: use 1 to 64 letters, digits, “_” and “-”."), name);
  return FALSE;
}

static gboolean
check_schema (const char *json, GError **error)
{
  g_autoptr(OaiJsonSchema) schema = oai_json_schema_new (json, error);

  if (schema == NULL)
    return FALSE;
  if (oai_json_schema_get_json (schema)[0] == '{')
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The schema is not a JSON object."));
  return FALSE;
}

OaiFunctionDefinition *
oai_function_definition_new_with_schema (const char *name,
                                         const char *description,
                                         const char *parameters_json,
                                         gboolean strict,
                                         GError **error)
{
  OaiFunctionDefinition *self = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  if (!check_name (name, error))
    return NULL;
  if (parameters_json != NULL && !check_schema (parameters_json, error))
    return NULL;

  self = oai_function_definition_new (name);
  if (description != NULL)
    oai_function_definition_set_description (self, description);
  if (parameters_json != NULL)
    oai_function_definition_set_parameters (self, parameters_json);
  if (strict)
    oai_function_definition_set_strict (self, TRUE);

  return self;
}

OaiJsonSchemaFormat *
oai_json_schema_format_new_with_schema (const char *name, const char *schema_json, gboolean strict, GError **error)
{
  OaiJsonSchemaFormat *self = NULL;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (schema_json != NULL, NULL);

  if (!check_name (name, error) || !check_schema (schema_json, error))
    return NULL;

  self = oai_json_schema_format_new (name);
  oai_json_schema_format_set_schema_json (self, schema_json);
  if (strict)
    oai_json_schema_format_set_strict (self, TRUE);

  return self;
}

OaiChatTool *
oai_chat_tool_new_function (const char *name,
                            const char *description,
                            const char *parameters_json,
                            gboolean strict,
                            GError **error)
{
  g_autoptr(OaiFunctionDefinition) function = NULL;
  OaiChatTool *self = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  function = oai_function_definition_new_with_schema (name, description, parameters_json, strict, error);
  if (function == NULL)
    return NULL;

  self = oai_chat_tool_new (OAI_CHAT_TOOL_TYPE_FUNCTION);
  oai_chat_tool_set_function_definition (self, function);

  return self;
}

static OaiChatTool *
new_custom (const char *name, const char *description, OaiChatCustomFormat *format)
{
  g_autoptr(OaiChatCustomTool) custom = oai_chat_custom_tool_new (name);
  OaiChatTool *self = oai_chat_tool_new (OAI_CHAT_TOOL_TYPE_CUSTOM);

  if (description != NULL)
    oai_chat_custom_tool_set_description (custom, description);
  if (format != NULL)
    oai_chat_custom_tool_set_format (custom, format);
  oai_chat_tool_set_custom_definition (self, custom);

  return self;
}

OaiChatTool *
oai_chat_tool_new_custom (const char *name, const char *description, GError **error)
{
  g_return_val_if_fail (name != NULL, NULL);

  if (!check_name (name, error))
    return NULL;

  return new_custom (name, description, NULL);
}

OaiChatTool *
oai_chat_tool_new_custom_with_grammar (const char *name,
                                       const char *description,
                                       const char *syntax,
                                       const char *definition,
                                       GError **error)
{
  g_autoptr(OaiChatGrammar) grammar = NULL;
  g_autoptr(OaiChatCustomFormat) format = NULL;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (syntax != NULL, NULL);
  g_return_val_if_fail (definition != NULL, NULL);

  if (!check_name (name, error))
    return NULL;

  grammar = oai_chat_grammar_new (definition, syntax);
  format = oai_chat_custom_format_new ("grammar");
  oai_chat_custom_format_set_grammar (format, grammar);

  return new_custom (name, description, format);
}
