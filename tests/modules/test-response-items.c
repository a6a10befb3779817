/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The items of responses. */

#include "test-module.h"

#include <sys/stat.h>

#include "../recordings/driver.h"

#define PARTS \
  "[{\"type\":\"input_text\",\"text\":\"a\",\"prompt_cache_breakpoint\":{\"mode\":\"explicit\",\"ttl\":\"30m\"}}," \
  "{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,AA\",\"file_id\":null,\"detail\":\"high\"}," \
  "{\"type\":\"input_file\",\"file_id\":\"file-1\",\"file_url\":\"https://example.org/a.pdf\",\"file_data\":\"data:;base64,AA\",\"filename\":\"a.pdf\",\"detail\":\"low\"}," \
  "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AA\",\"format\":\"wav\"}}," \
  "{\"type\":\"output_text\",\"text\":\"b\",\"annotations\":[" \
  "{\"type\":\"file_citation\",\"file_id\":\"file-1\",\"index\":1,\"filename\":\"a\"}," \
  "{\"type\":\"url_citation\",\"url\":\"https://example.org\",\"start_index\":0,\"end_index\":1,\"title\":\"T\"}," \
  "{\"type\":\"container_file_citation\",\"container_id\":\"c\",\"file_id\":\"f\",\"start_index\":0,\"end_index\":1,\"filename\":\"a\"}," \
  "{\"type\":\"file_path\",\"file_id\":\"f\",\"index\":0},{\"type\":\"new_citation\",\"x\":[1]}]," \
  "\"logprobs\":[{\"token\":\"b\",\"logprob\":-0.5,\"bytes\":[98],\"top_logprobs\":[{\"token\":\"b\",\"logprob\":-0.5,\"bytes\":[98]}]}]}," \
  "{\"type\":\"refusal\",\"refusal\":\"r\"},{\"type\":\"text\",\"text\":\"c\"},{\"type\":\"summary_text\",\"text\":\"d\"}," \
  "{\"type\":\"reasoning_text\",\"text\":\"e\"},{\"type\":\"computer_screenshot\",\"image_url\":null,\"file_id\":\"f\",\"detail\":\"auto\"}," \
  "{\"type\":\"encrypted_content\",\"encrypted_content\":\"x\"},{\"type\":\"new_part\",\"x\":{\"y\":1}}]"

#define TOOLS \
  "[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{}},\"strict\":true},{\"type\":\"new_tool\",\"x\":1}]"

#define CALLER "\"caller\":{\"type\":\"program\",\"caller_id\":\"call_p\"}"

typedef struct
{
  const char *type; /* the class */
  const char *json;
} Item;

/* Each type of item, with all its members, an unknown one, and nested objects of each type. */
static const Item items[] = {
  { "OaiResponseMessage", "{\"type\":\"message\",\"id\":\"msg_1\",\"agent\":{\"agent_name\":\"a\"},\"role\":\"assistant\",\"content\":" PARTS ",\"phase\":\"final_answer\",\"status\":\"completed\",\"x\":{\"y\":[null]}}" },
  { "OaiResponseMessage", "{\"role\":\"user\",\"content\":\"Hello\",\"type\":\"message\",\"phase\":null}" },
  { "OaiResponseReasoning", "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[],\"content\":[{\"type\":\"reasoning_text\",\"text\":\"t\"}],\"encrypted_content\":\"x\",\"status\":\"incomplete\"}" },
  { "OaiResponseFunctionCall", "{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_id\":\"call_1\",\"name\":\"f\",\"arguments\":\"{}\",\"namespace\":\"n\"," CALLER ",\"status\":\"in_progress\",\"async\":true,\"created_by\":\"u\"}" },
  { "OaiResponseFunctionCallOutput", "{\"type\":\"function_call_output\",\"id\":\"fco_1\",\"call_id\":\"call_1\",\"output\":" PARTS ",\"name\":null,\"namespace\":null,\"caller\":{\"type\":\"direct\"},\"status\":\"completed\"}" },
  { "OaiResponseCustomToolCall", "{\"type\":\"custom_tool_call\",\"id\":\"ctc_1\",\"call_id\":\"call_1\",\"name\":\"t\",\"input\":\"i\",\"namespace\":\"n\"," CALLER ",\"status\":\"completed\",\"async\":false}" },
  { "OaiResponseCustomToolCallOutput", "{\"type\":\"custom_tool_call_output\",\"id\":\"cto_1\",\"call_id\":\"call_1\",\"output\":\"o\"," CALLER ",\"status\":\"completed\"}" },
  { "OaiResponseFileSearchCall", "{\"type\":\"file_search_call\",\"id\":\"fs_1\",\"status\":\"searching\",\"queries\":[\"q\"],\"results\":[{\"file_id\":\"f\",\"text\":\"t\",\"filename\":\"n\",\"attributes\":{\"a\":1,\"b\":\"c\"},\"score\":0.5}]}" },
  { "OaiResponseWebSearchCall", "{\"type\":\"web_search_call\",\"id\":\"ws_1\",\"status\":\"completed\",\"action\":{\"type\":\"search\",\"query\":\"q\",\"queries\":[\"q\"],\"sources\":[{\"type\":\"url\",\"url\":\"https://example.org\"}]}}" },
  { "OaiResponseWebSearchCall", "{\"type\":\"web_search_call\",\"id\":\"ws_2\",\"status\":\"failed\",\"action\":{\"type\":\"open_page\",\"url\":null}}" },
  { "OaiResponseWebSearchCall", "{\"type\":\"web_search_call\",\"id\":\"ws_3\",\"status\":\"completed\",\"action\":{\"type\":\"find_in_page\",\"url\":\"https://example.org\",\"pattern\":\"p\"}}" },
  { "OaiResponseComputerCall", "{\"type\":\"computer_call\",\"id\":\"cu_1\",\"call_id\":\"call_1\",\"action\":{\"type\":\"screenshot\"},\"actions\":["
    "{\"type\":\"click\",\"button\":\"left\",\"x\":1,\"y\":2,\"keys\":[\"CTRL\"]},{\"type\":\"double_click\",\"x\":1,\"y\":2,\"keys\":null},"
    "{\"type\":\"drag\",\"path\":[{\"x\":1,\"y\":2},{\"x\":3,\"y\":4}]},{\"type\":\"keypress\",\"keys\":[\"A\"]},{\"type\":\"move\",\"x\":1,\"y\":2},"
    "{\"type\":\"scroll\",\"x\":1,\"y\":2,\"scroll_x\":3,\"scroll_y\":-4},{\"type\":\"type\",\"text\":\"t\"},{\"type\":\"wait\"}],"
    "\"pending_safety_checks\":[{\"id\":\"sc_1\",\"code\":\"c\",\"message\":null}],\"status\":\"completed\"}" },
  { "OaiResponseComputerCall", "{\"type\":\"computer_call\",\"id\":\"cu_2\",\"actions\":[{\"type\":\"pinch\",\"z\":1}]}" },
  { "OaiResponseComputerCallOutput", "{\"type\":\"computer_call_output\",\"id\":\"cuo_1\",\"call_id\":\"call_1\",\"output\":{\"type\":\"computer_screenshot\",\"image_url\":\"https://example.org/a.png\"},"
    "\"acknowledged_safety_checks\":[{\"id\":\"sc_1\"}],\"status\":\"completed\"}" },
  { "OaiResponseImageGenerationCall", "{\"type\":\"image_generation_call\",\"id\":\"ig_1\",\"status\":\"generating\",\"result\":null,\"action\":\"edit\",\"background\":\"opaque\","
    "\"error\":{\"code\":\"moderation_blocked\",\"message\":\"m\",\"param\":null,\"type\":\"t\",\"moderation_details\":{\"categories\":[\"c\"],\"moderation_stage\":\"input\"}},"
    "\"output_format\":\"svg\",\"quality\":\"high\",\"revised_prompt\":\"p\",\"size\":\"1536x864\","
    "\"svg_usage\":{\"model\":\"m\",\"input_tokens\":1,\"output_tokens\":2,\"reasoning_tokens\":1,\"total_tokens\":3}}" },
  { "OaiResponseCodeInterpreterCall", "{\"type\":\"code_interpreter_call\",\"id\":\"ci_1\",\"status\":\"interpreting\",\"container_id\":\"cntr_1\",\"code\":\"1\","
    "\"outputs\":[{\"type\":\"logs\",\"logs\":\"l\"},{\"type\":\"image\",\"url\":\"https://example.org\"}]}" },
  { "OaiResponseLocalShellCall", "{\"type\":\"local_shell_call\",\"id\":\"lsh_1\",\"call_id\":\"call_1\",\"status\":\"completed\","
    "\"action\":{\"type\":\"exec\",\"command\":[\"ls\",\"-l\"],\"timeout_ms\":10,\"working_directory\":\"/tmp\",\"env\":{\"A\":\"b\"},\"user\":null}}" },
  { "OaiResponseLocalShellCallOutput", "{\"type\":\"local_shell_call_output\",\"id\":\"call_1\",\"call_id\":\"call_1\",\"output\":\"{}\",\"status\":null}" },
  { "OaiResponseShellCall", "{\"type\":\"shell_call\",\"id\":\"sh_1\",\"call_id\":\"call_1\",\"action\":{\"commands\":[\"pwd\"],\"timeout_ms\":null,\"max_output_length\":512},"
    "\"environment\":{\"type\":\"container_reference\",\"container_id\":\"cntr_1\"}," CALLER ",\"status\":\"completed\"}" },
  { "OaiResponseShellCallOutput", "{\"type\":\"shell_call_output\",\"id\":\"sho_1\",\"call_id\":\"call_1\",\"output\":[{\"stdout\":\"o\",\"stderr\":\"e\",\"outcome\":{\"type\":\"exit\",\"exit_code\":1},\"created_by\":\"u\"},"
    "{\"stdout\":\"\",\"stderr\":\"\",\"outcome\":{\"type\":\"timeout\"}}],\"max_output_length\":512," CALLER ",\"status\":\"incomplete\"}" },
  { "OaiResponseApplyPatchCall", "{\"type\":\"apply_patch_call\",\"id\":\"ap_1\",\"call_id\":\"call_1\",\"status\":\"completed\",\"operation\":{\"type\":\"create_file\",\"path\":\"p\",\"diff\":\"d\"}," CALLER "}" },
  { "OaiResponseApplyPatchCall", "{\"type\":\"apply_patch_call\",\"call_id\":\"call_1\",\"status\":\"completed\",\"operation\":{\"type\":\"update_file\",\"path\":\"p\",\"diff\":\"d\"}}" },
  { "OaiResponseApplyPatchCall", "{\"type\":\"apply_patch_call\",\"call_id\":\"call_1\",\"status\":\"completed\",\"operation\":{\"type\":\"delete_file\",\"path\":\"p\"}}" },
  { "OaiResponseApplyPatchCallOutput", "{\"type\":\"apply_patch_call_output\",\"id\":\"apo_1\",\"call_id\":\"call_1\",\"status\":\"failed\",\"output\":\"o\"," CALLER "}" },
  { "OaiResponseMcpListTools", "{\"type\":\"mcp_list_tools\",\"id\":\"mcpl_1\",\"server_label\":\"s\",\"tools\":[{\"name\":\"t\",\"description\":null,\"input_schema\":{\"type\":\"object\"},\"annotations\":{\"a\":1}}],\"error\":null}" },
  { "OaiResponseMcpApprovalRequest", "{\"type\":\"mcp_approval_request\",\"id\":\"mcpr_1\",\"server_label\":\"s\",\"name\":\"t\",\"arguments\":\"{}\"}" },
  { "OaiResponseMcpApprovalResponse", "{\"type\":\"mcp_approval_response\",\"id\":null,\"approval_request_id\":\"mcpr_1\",\"approve\":false,\"reason\":\"r\"}" },
  { "OaiResponseMcpCall", "{\"type\":\"mcp_call\",\"id\":\"mcp_1\",\"server_label\":\"s\",\"name\":\"t\",\"arguments\":\"{}\",\"output\":null,\"error\":{\"type\":\"mcp_protocol_error\",\"code\":-1,\"message\":\"m\"},\"status\":\"calling\",\"approval_request_id\":\"mcpr_1\"}" },
  { "OaiResponseMcpCall", "{\"type\":\"mcp_call\",\"id\":\"mcp_2\",\"server_label\":\"s\",\"name\":\"t\",\"arguments\":\"{}\",\"error\":{\"type\":\"mcp_tool_execution_error\",\"content\":[{\"type\":\"text\"}]}}" },
  { "OaiResponseMcpCall", "{\"type\":\"mcp_call\",\"id\":\"mcp_3\",\"server_label\":\"s\",\"name\":\"t\",\"arguments\":\"{}\",\"error\":{\"type\":\"http_error\",\"code\":500,\"message\":\"m\"}}" },
  { "OaiResponseMcpCall", "{\"type\":\"mcp_call\",\"id\":\"mcp_4\",\"server_label\":\"s\",\"name\":\"t\",\"arguments\":\"{}\",\"error\":\"a text\"}" },
  { "OaiResponseToolSearchCall", "{\"type\":\"tool_search_call\",\"id\":\"ts_1\",\"call_id\":null,\"execution\":\"server\",\"arguments\":{\"query\":\"q\"},\"status\":\"completed\"}" },
  { "OaiResponseToolSearchOutput", "{\"type\":\"tool_search_output\",\"id\":\"tso_1\",\"call_id\":\"call_1\",\"execution\":\"client\",\"tools\":" TOOLS ",\"status\":\"completed\"}" },
  { "OaiResponseAdditionalTools", "{\"type\":\"additional_tools\",\"id\":\"at_1\",\"role\":\"developer\",\"tools\":" TOOLS "}" },
  { "OaiResponseProgram", "{\"type\":\"program\",\"id\":\"p_1\",\"call_id\":\"call_p\",\"code\":\"return 1\",\"fingerprint\":\"f\"}" },
  { "OaiResponseProgramOutput", "{\"type\":\"program_output\",\"id\":\"po_1\",\"call_id\":\"call_p\",\"result\":\"1\",\"status\":\"completed\"}" },
  { "OaiResponseCompaction", "{\"type\":\"compaction\",\"id\":\"cmp_1\",\"encrypted_content\":\"x\"}" },
  { "OaiResponseCompactionTrigger", "{\"type\":\"compaction_trigger\"}" },
  { "OaiResponseConfigurationUpdate", "{\"type\":\"configuration_update\",\"id\":\"cfg_1\",\"reasoning\":{\"effort\":\"high\"},\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":{\"type\":\"object\"},\"strict\":null}}}" },
  { "OaiResponseItemReference", "{\"type\":\"item_reference\",\"id\":\"msg_1\"}" },
  { "OaiResponseAgentMessage", "{\"type\":\"agent_message\",\"id\":\"am_1\",\"author\":\"a\",\"recipient\":\"b\",\"content\":[{\"type\":\"encrypted_content\",\"encrypted_content\":\"x\"}]}" },
  { "OaiResponseMultiAgentCall", "{\"type\":\"multi_agent_call\",\"id\":\"mac_1\",\"call_id\":\"call_1\",\"action\":\"spawn_agent\",\"arguments\":\"{}\"}" },
  { "OaiResponseMultiAgentCallOutput", "{\"type\":\"multi_agent_call_output\",\"id\":\"mao_1\",\"call_id\":\"call_1\",\"action\":\"wait_agent\",\"output\":[{\"type\":\"output_text\",\"text\":\"t\",\"annotations\":[]}]}" },
  { "OaiResponseItem", "{\"type\":\"new_item\",\"id\":\"n_1\",\"content\":[{\"type\":\"output_text\",\"text\":\"t\"}],\"summary\":null}" },
};

static OaiResponseItem *
new_item (const char *json)
{
  g_autoptr(GError) error = NULL;
  OaiRecord *item = oai_record_new_from_json (OAI_TYPE_RESPONSE_ITEM, json, &error);

  g_assert_no_error (error);

  return OAI_RESPONSE_ITEM (item);
}

static void
assert_json (gpointer record, const char *expected)
{
  g_autofree char *json = oai_record_to_json (record);

  g_assert_cmpstr (json, ==, expected);
}

/* Reads all members, also of nested records. */
static OaiRecord *
rebuild (gpointer record, guint n_odd)
{
  g_autoptr(JsonArray) odd = json_array_new ();
  OaiRecord *copy = driver_rebuild (record, odd);

  for (guint i = 0; i < json_array_get_length (odd); i++)
    g_test_message ("not of the described type: %s", json_array_get_string_element (odd, i));
  g_assert_cmpuint (json_array_get_length (odd), ==, n_odd);

  return copy;
}

/* Lets rebuild () set the members of a record that only replies have. */
static void
make_writable (GType type)
{
  OaiRecordClass *klass = g_type_class_ref (type);
  OaiRecordSchema *schema = g_memdup2 (klass->schema, sizeof *schema);

  schema->flags |= OAI_RECORD_SCHEMA_WRITABLE;
  klass->schema = schema;
}

/* The types */

static void
test_items_keep_their_json (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_autoptr(OaiResponseItem) item = new_item (items[i].json);
      g_autoptr(OaiRecord) rebuilt = NULL;
      g_autoptr(OaiRecord) copy = NULL;

      g_assert_cmpstr (G_OBJECT_TYPE_NAME (item), ==, items[i].type);
      assert_json (item, items[i].json);
      rebuilt = rebuild (item, 0);
      assert_json (item, items[i].json);
      copy = oai_record_copy (OAI_RECORD (item));
      assert_json (copy, items[i].json);
    }
}

/* Each member has a setter, which writes what the getter has read. */
static void
test_items_can_be_built (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_autoptr(OaiResponseItem) item = new_item (items[i].json);
      g_autoptr(OaiRecord) rebuilt = rebuild (item, 0);

      g_assert_true (oai_record_equal (OAI_RECORD (item), rebuilt));
    }
}

/* All types of the union occur in the list. */
static void
test_all_types_are_tested (void)
{
  g_autofree GType *types = NULL;
  guint n_types = 0;

  types = g_type_children (OAI_TYPE_RESPONSE_ITEM, &n_types);
  g_assert_cmpuint (n_types, ==, 34);
  for (guint i = 0; i < n_types; i++)
    {
      gboolean found = FALSE;

      for (guint k = 0; k < G_N_ELEMENTS (items); k++)
        found = found || g_str_equal (items[k].type, g_type_name (types[i]));
      if (!found)
        g_error ("%s is not tested", g_type_name (types[i]));
    }
}

/* Programs and servers omit the type of messages and of references. */
static void
test_items_without_type (void)
{
  static const Item untagged[] = {
    { "OaiResponseMessage", "{\"role\":\"user\",\"content\":\"Hello\"}" },
    { "OaiResponseMessage", "{\"content\":[{\"type\":\"input_text\",\"text\":\"a\"}],\"role\":\"developer\",\"id\":\"msg_1\"}" },
    { "OaiResponseMessage", "{\"type\":null,\"role\":\"user\",\"content\":\"Hello\"}" },
    { "OaiResponseItemReference", "{\"id\":\"msg_1\"}" },
    { "OaiResponseItemReference", "{\"id\":\"msg_1\",\"type\":null}" },
    { "OaiResponseItem", "{\"content\":\"Hello\"}" },
    { "OaiResponseItem", "{}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (untagged); i++)
    {
      g_autoptr(OaiResponseItem) item = new_item (untagged[i].json);
      g_autoptr(OaiResponseItem) input = oai_response_item_to_input (item);

      g_assert_cmpstr (G_OBJECT_TYPE_NAME (item), ==, untagged[i].type);
      oai_response_item_get_id (item);
      oai_response_item_get_type_value (item);
      assert_json (item, untagged[i].json);
      assert_json (input, untagged[i].json);
    }
}

/* Servers send members of wrong types, and programs read items that others have written. */
static void
test_wrong_shapes (void)
{
  static const char *const wrong[] = { "null", "true", "-1", "1e400", "\"\"", "\"x\"", "[]", "[1]", "[[1]]", "[null,{\"type\":1}]", "{}", "{\"type\":[1]}", "{\"type\":\"click\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_autoptr(OaiResponseItem) item = new_item (items[i].json);
      g_auto(GStrv) members = oai_record_list_members (OAI_RECORD (item));

      for (guint k = 0; members[k] != NULL; k++)
        for (guint w = 0; w < G_N_ELEMENTS (wrong); w++)
          {
            g_autoptr(OaiResponseItem) changed = new_item (items[i].json);
            g_autoptr(OaiResponseItem) parsed = NULL;
            g_autoptr(OaiResponseItem) input = NULL;
            g_autoptr(OaiRecord) rebuilt = NULL;
            g_autoptr(JsonArray) odd = json_array_new ();
            g_autofree char *json = NULL;

            oai_record_set_member (OAI_RECORD (changed), members[k], wrong[w], NULL);
            json = oai_record_to_json (OAI_RECORD (changed));
            parsed = new_item (json);
            assert_json (parsed, json);
            rebuilt = driver_rebuild (OAI_RECORD (parsed), odd);
            g_assert_true (G_OBJECT_TYPE (rebuilt) == G_OBJECT_TYPE (parsed));
            input = oai_response_item_to_input (parsed);
            g_assert_true (input != parsed);
          }
    }
}

/* Messages */

static void
test_texts_of_messages (void)
{
  g_autoptr(OaiResponseMessage) user = oai_response_message_new_user ("Hello");
  g_autoptr(OaiResponseItem) answer = new_item ("{\"type\":\"message\",\"role\":\"assistant\",\"phase\":\"final_answer\",\"content\":["
    "{\"type\":\"output_text\",\"text\":\"a\"},{\"type\":\"refusal\",\"refusal\":\"no\"},{\"type\":\"new\",\"text\":\"x\"},{\"type\":\"output_text\",\"text\":\"b\"},{\"type\":\"refusal\",\"refusal\":\"!\"}]}");
  g_autoptr(OaiResponseItem) comment = new_item ("{\"type\":\"message\",\"role\":\"assistant\",\"phase\":\"commentary\",\"content\":[]}");
  OaiResponseMessage *message = OAI_RESPONSE_MESSAGE (answer);

  g_assert_cmpstr (oai_response_message_get_text (user), ==, "Hello");
  g_assert_null (oai_response_message_get_refusal_text (user));
  g_assert_false (oai_response_message_is_commentary (user));
  g_assert_cmpstr (oai_response_message_get_text (message), ==, "ab");
  g_assert_cmpstr (oai_response_message_get_refusal_text (message), ==, "no!");
  g_assert_false (oai_response_message_is_commentary (message));
  g_assert_true (oai_response_message_is_commentary (OAI_RESPONSE_MESSAGE (comment)));
  g_assert_null (oai_response_message_get_text (OAI_RESPONSE_MESSAGE (comment)));
}

static void
test_roles_of_messages (void)
{
  g_autoptr(OaiResponseMessage) system = oai_response_message_new_system ("a");
  g_autoptr(OaiResponseMessage) developer = oai_response_message_new_developer ("b");
  g_autoptr(OaiResponseMessage) assistant = oai_response_message_new_assistant ("c");

  assert_json (system, "{\"type\":\"message\",\"role\":\"system\",\"content\":\"a\"}");
  assert_json (developer, "{\"type\":\"message\",\"role\":\"developer\",\"content\":\"b\"}");
  assert_json (assistant, "{\"type\":\"message\",\"role\":\"assistant\",\"content\":\"c\"}");
}

static GBytes *
new_image (void)
{
  return g_bytes_new_static ("\x89PNG\r\n\x1a\n0000", 12);
}

#define PNG_URL "data:image/png;base64,iVBORw0KGgowMDAw"

/* A message with each kind of part is what requests accept. */
static void
test_parts_of_messages (void)
{
  g_autoptr(OaiResponseMessage) message = oai_response_message_new_user ("Compare");
  g_autoptr(GBytes) image = new_image ();
  g_autoptr(GBytes) text = g_bytes_new_static ("Hello", 5);
  g_autoptr(GBytes) wav = g_bytes_new_static ("RIFF\0\0\0\0WAVEfmt ", 16);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiResponseInputImage) stored = oai_response_input_image_new_for_id ("file-1", OAI_IMAGE_DETAIL_LOW);
  g_autoptr(OaiResponseInputImage) png = oai_response_input_image_new_for_bytes (image, NULL, &error);
  g_autoptr(OaiResponseInputFile) file = oai_response_input_file_new_for_bytes (text, "a.txt");
  g_autoptr(OaiResponseInputFile) file_id = oai_response_input_file_new_for_id ("file-2");
  g_autoptr(OaiResponseInputFile) file_url = oai_response_input_file_new_for_url ("https://example.org/a.pdf");
  g_autoptr(OaiResponseInputAudio) audio = oai_response_input_audio_new_for_bytes (wav, &error);

  g_assert_no_error (error);
  oai_response_message_add_image_url (message, "https://example.org/a.png", NULL);
  oai_response_message_add_text (message, "with");
  oai_response_message_add_part (message, OAI_RESPONSE_CONTENT (stored));
  oai_response_message_add_part (message, OAI_RESPONSE_CONTENT (png));
  oai_response_message_add_part (message, OAI_RESPONSE_CONTENT (file));
  oai_response_message_add_part (message, OAI_RESPONSE_CONTENT (file_id));
  oai_response_message_add_part (message, OAI_RESPONSE_CONTENT (file_url));
  oai_response_message_add_part (message, OAI_RESPONSE_CONTENT (audio));
  assert_json (message,
    "{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"Compare\"},"
    "{\"type\":\"input_image\",\"image_url\":\"https://example.org/a.png\",\"detail\":\"auto\"},{\"type\":\"input_text\",\"text\":\"with\"},"
    "{\"type\":\"input_image\",\"file_id\":\"file-1\",\"detail\":\"low\"},{\"type\":\"input_image\",\"image_url\":\"" PNG_URL "\",\"detail\":\"auto\"},"
    "{\"type\":\"input_file\",\"file_data\":\"data:text/plain;base64,SGVsbG8=\",\"filename\":\"a.txt\"},{\"type\":\"input_file\",\"file_id\":\"file-2\"},"
    "{\"type\":\"input_file\",\"file_url\":\"https://example.org/a.pdf\"},"
    "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"UklGRgAAAABXQVZFZm10IA==\",\"format\":\"wav\"}}]}");
  g_assert_cmpstr (oai_response_message_get_text (message), ==, "Comparewith");
}

static void
test_parts_of_unknown_format (void)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("no image", 8);
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_response_input_image_new_for_bytes (bytes, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (oai_response_input_audio_new_for_bytes (bytes, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (oai_response_computer_screenshot_new_for_bytes (bytes, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_image_files (void)
{
  Place place;
  g_autoptr(GBytes) image = new_image ();
  g_autoptr(GCancellable) cancelled = g_cancellable_new ();
  g_autoptr(OaiResponseInputImage) part = NULL;
  g_autoptr(GFile) missing = NULL;
  g_autoptr(GError) error = NULL;

  place_init (&place, "image.png");
  g_file_replace_contents (place.target, g_bytes_get_data (image, NULL), g_bytes_get_size (image), NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, &error);
  g_assert_no_error (error);
  part = oai_response_input_image_new_for_file (place.target, OAI_IMAGE_DETAIL_HIGH, NULL, &error);
  g_assert_no_error (error);
  assert_json (part, "{\"type\":\"input_image\",\"image_url\":\"" PNG_URL "\",\"detail\":\"high\"}");

  g_cancellable_cancel (cancelled);
  g_assert_null (oai_response_input_image_new_for_file (place.target, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  missing = g_file_get_child (place.target, "image.png");
  g_assert_null (oai_response_input_image_new_for_file (missing, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  place_clear (&place);
}

static void
test_document_files (void)
{
  Place place;
  g_autoptr(GCancellable) cancelled = g_cancellable_new ();
  g_autoptr(OaiResponseInputFile) part = NULL;
  g_autoptr(GFile) missing = NULL;
  g_autoptr(GError) error = NULL;

  place_init (&place, "notes.pdf");
  g_file_replace_contents (place.target, "%PDF-1.4", 8, NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, &error);
  g_assert_no_error (error);
  part = oai_response_input_file_new_for_file (place.target, NULL, &error);
  g_assert_no_error (error);
  assert_json (part, "{\"type\":\"input_file\",\"file_data\":\"data:application/pdf;base64,JVBERi0xLjQ=\",\"filename\":\"notes.pdf\"}");

  g_cancellable_cancel (cancelled);
  g_assert_null (oai_response_input_file_new_for_file (place.target, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  missing = g_file_get_child (place.target, "notes.pdf");
  g_assert_null (oai_response_input_file_new_for_file (missing, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  g_clear_error (&error);

  /* A pipe without a writer, which would block */
  g_assert_true (g_file_delete (place.target, NULL, NULL));
  g_assert_cmpint (mkfifo (g_file_peek_path (place.target), 0600), ==, 0);
  g_assert_null (oai_response_input_file_new_for_file (place.target, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  place_clear (&place);
}

/* The text of a message of the model becomes a part that such messages accept. */
static void
test_parts_of_answers (void)
{
  g_autoptr(OaiResponseMessage) message = oai_response_message_new_assistant ("a");
  g_autoptr(OaiResponseRefusal) refusal = oai_response_refusal_new ("no");

  oai_response_message_add_part (message, OAI_RESPONSE_CONTENT (refusal));
  assert_json (message, "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\"},{\"type\":\"refusal\",\"refusal\":\"no\"}]}");
}

static void
test_texts_of_reasoning (void)
{
  g_autoptr(OaiResponseItem) item = new_item ("{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"a\"},{\"type\":\"summary_text\",\"text\":\"b\"}],"
                                              "\"content\":[{\"type\":\"reasoning_text\",\"text\":\"c\"}]}");
  g_autoptr(OaiResponseItem) hidden = new_item ("{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"x\"}");

  g_assert_cmpstr (oai_response_reasoning_get_summary_text (OAI_RESPONSE_REASONING (item)), ==, "a\n\nb");
  g_assert_cmpstr (oai_response_reasoning_get_text (OAI_RESPONSE_REASONING (item)), ==, "c");
  g_assert_null (oai_response_reasoning_get_summary_text (OAI_RESPONSE_REASONING (hidden)));
  g_assert_null (oai_response_reasoning_get_text (OAI_RESPONSE_REASONING (hidden)));
}

/* Outputs */

static void
test_outputs_of_functions (void)
{
  g_autoptr(OaiResponseItem) call = new_item ("{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"}");
  g_autoptr(OaiResponseItem) of_program = new_item ("{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"," CALLER "}");
  g_autoptr(OaiResponseItem) custom = new_item ("{\"type\":\"custom_tool_call\",\"call_id\":\"d\",\"name\":\"t\",\"input\":\"i\"," CALLER "}");
  g_autoptr(OaiResponseFunctionCallOutput) output = oai_response_function_call_output_new_for_call (OAI_RESPONSE_FUNCTION_CALL (call), "1");
  g_autoptr(OaiResponseFunctionCallOutput) to_program = oai_response_function_call_output_new_for_call (OAI_RESPONSE_FUNCTION_CALL (of_program), "2");
  g_autoptr(OaiResponseCustomToolCallOutput) custom_output = oai_response_custom_tool_call_output_new_for_call (OAI_RESPONSE_CUSTOM_TOOL_CALL (custom), "3");
  g_autoptr(OaiResponseInputText) text = oai_response_input_text_new ("t");

  assert_json (output, "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"1\"}");
  assert_json (to_program, "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"2\"," CALLER "}");
  assert_json (custom_output, "{\"type\":\"custom_tool_call_output\",\"call_id\":\"d\",\"output\":\"3\"," CALLER "}");
  oai_response_function_call_output_add_output_part (output, OAI_RESPONSE_CONTENT (text));
  assert_json (output, "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":[{\"type\":\"input_text\",\"text\":\"t\"}]}");
}

static void
test_outputs_of_shells (void)
{
  g_autoptr(OaiResponseItem) call = new_item ("{\"type\":\"shell_call\",\"call_id\":\"c\",\"action\":{\"commands\":[\"a\",\"b\"],\"max_output_length\":9}," CALLER "}");
  g_autoptr(OaiResponseItem) local = new_item ("{\"type\":\"local_shell_call\",\"id\":\"lsh_1\",\"call_id\":\"l\",\"action\":{\"type\":\"exec\"}}");
  g_autoptr(OaiResponseShellCallOutput) output = oai_response_shell_call_output_new_for_call (OAI_RESPONSE_SHELL_CALL (call));
  g_autoptr(OaiResponseLocalShellCallOutput) local_output = oai_response_local_shell_call_output_new_for_call (OAI_RESPONSE_LOCAL_SHELL_CALL (local), "{}");

  oai_response_shell_call_output_add_exit (output, "o", "e", 3);
  oai_response_shell_call_output_add_timeout (output, "", "");
  assert_json (output, "{\"type\":\"shell_call_output\",\"call_id\":\"c\",\"output\":[{\"stdout\":\"o\",\"stderr\":\"e\",\"outcome\":{\"type\":\"exit\",\"exit_code\":3}},"
                       "{\"stdout\":\"\",\"stderr\":\"\",\"outcome\":{\"type\":\"timeout\"}}],\"max_output_length\":9," CALLER "}");
  assert_json (local_output, "{\"type\":\"local_shell_call_output\",\"id\":\"l\",\"call_id\":\"l\",\"output\":\"{}\"}");
}

static void
test_outputs_of_computers (void)
{
  g_autoptr(OaiResponseItem) call = new_item ("{\"type\":\"computer_call\",\"call_id\":\"c\",\"pending_safety_checks\":[{\"id\":\"s\",\"code\":\"malicious\"}]}");
  g_autoptr(GBytes) image = new_image ();
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiResponseComputerScreenshot) screenshot = oai_response_computer_screenshot_new_for_bytes (image, &error);
  g_autoptr(OaiResponseComputerScreenshot) stored = oai_response_computer_screenshot_new_for_id ("file-1");
  g_autoptr(OaiResponseComputerCallOutput) output = NULL;

  g_assert_no_error (error);
  assert_json (stored, "{\"type\":\"computer_screenshot\",\"file_id\":\"file-1\"}");
  output = oai_response_computer_call_output_new_for_call (OAI_RESPONSE_COMPUTER_CALL (call), screenshot);
  assert_json (output, "{\"type\":\"computer_call_output\",\"call_id\":\"c\",\"output\":{\"type\":\"computer_screenshot\",\"image_url\":\"" PNG_URL "\"}}");
  oai_response_computer_call_output_acknowledge (output, OAI_RESPONSE_COMPUTER_CALL (call));
  assert_json (output, "{\"type\":\"computer_call_output\",\"call_id\":\"c\",\"output\":{\"type\":\"computer_screenshot\",\"image_url\":\"" PNG_URL "\"},"
                       "\"acknowledged_safety_checks\":[{\"id\":\"s\",\"code\":\"malicious\"}]}");
}

static void
test_outputs_of_other_tools (void)
{
  g_autoptr(OaiResponseItem) patch = new_item ("{\"type\":\"apply_patch_call\",\"call_id\":\"c\"," CALLER "}");
  g_autoptr(OaiResponseItem) search = new_item ("{\"type\":\"tool_search_call\",\"call_id\":\"d\",\"arguments\":{}}");
  g_autoptr(OaiResponseItem) request = new_item ("{\"type\":\"mcp_approval_request\",\"id\":\"mcpr_1\"}");
  g_autoptr(OaiResponseApplyPatchCallOutput) done = oai_response_apply_patch_call_output_new_for_call (OAI_RESPONSE_APPLY_PATCH_CALL (patch), TRUE, NULL);
  g_autoptr(OaiResponseApplyPatchCallOutput) failed = oai_response_apply_patch_call_output_new_for_call (OAI_RESPONSE_APPLY_PATCH_CALL (patch), FALSE, "no file");
  g_autoptr(OaiResponseToolSearchOutput) found = oai_response_tool_search_output_new_for_call (OAI_RESPONSE_TOOL_SEARCH_CALL (search));
  g_autoptr(OaiResponseMcpApprovalResponse) response = oai_response_mcp_approval_response_new_for_request (OAI_RESPONSE_MCP_APPROVAL_REQUEST (request), TRUE, NULL);
  g_autoptr(OaiResponseMcpApprovalResponse) denied = oai_response_mcp_approval_response_new_for_request (OAI_RESPONSE_MCP_APPROVAL_REQUEST (request), FALSE, "no");
  g_autoptr(OaiResponseConfigurationUpdate) update = oai_response_configuration_update_new_effort (OAI_REASONING_EFFORT_HIGH);
  g_autoptr(OaiResponseImageGenerationCall) image = oai_response_image_generation_call_new_for_id ("ig_1");
  g_autoptr(OaiResponseItemReference) reference = oai_response_item_reference_new_for_id ("msg_1");

  assert_json (done, "{\"type\":\"apply_patch_call_output\",\"call_id\":\"c\",\"status\":\"completed\"," CALLER "}");
  assert_json (failed, "{\"type\":\"apply_patch_call_output\",\"call_id\":\"c\",\"status\":\"failed\",\"output\":\"no file\"," CALLER "}");
  assert_json (found, "{\"type\":\"tool_search_output\",\"call_id\":\"d\",\"execution\":\"client\"}");
  assert_json (response, "{\"type\":\"mcp_approval_response\",\"approval_request_id\":\"mcpr_1\",\"approve\":true}");
  assert_json (denied, "{\"type\":\"mcp_approval_response\",\"approval_request_id\":\"mcpr_1\",\"approve\":false,\"reason\":\"no\"}");
  assert_json (update, "{\"type\":\"configuration_update\",\"reasoning\":{\"effort\":\"high\"}}");
  assert_json (image, "{\"type\":\"image_generation_call\",\"id\":\"ig_1\"}");
  assert_json (reference, "{\"type\":\"item_reference\",\"id\":\"msg_1\"}");
}

/* Calls of servers that omit identifiers. */
static void
test_outputs_of_incomplete_calls (void)
{
  g_autoptr(OaiResponseItem) custom = new_item ("{\"type\":\"custom_tool_call\"}");
  g_autoptr(OaiResponseItem) shell = new_item ("{\"type\":\"shell_call\",\"action\":null}");
  g_autoptr(OaiResponseItem) local = new_item ("{\"type\":\"local_shell_call\"}");
  g_autoptr(OaiResponseCustomToolCallOutput) output = oai_response_custom_tool_call_output_new_for_call (OAI_RESPONSE_CUSTOM_TOOL_CALL (custom), "o");
  g_autoptr(OaiResponseShellCallOutput) shell_output = oai_response_shell_call_output_new_for_call (OAI_RESPONSE_SHELL_CALL (shell));
  g_autoptr(OaiResponseLocalShellCallOutput) local_output = oai_response_local_shell_call_output_new_for_call (OAI_RESPONSE_LOCAL_SHELL_CALL (local), "{}");

  assert_json (output, "{\"type\":\"custom_tool_call_output\",\"call_id\":\"\",\"output\":\"o\"}");
  assert_json (shell_output, "{\"type\":\"shell_call_output\",\"call_id\":\"\"}");
  assert_json (local_output, "{\"type\":\"local_shell_call_output\",\"id\":\"\",\"call_id\":\"\",\"output\":\"{}\"}");
}

/* Items of the input */

static void
assert_input (const char *json, const char *expected)
{
  g_autoptr(OaiResponseItem) item = new_item (json);
  g_autoptr(OaiResponseItem) input = oai_response_item_to_input (item);

  assert_json (item, json);
  if (expected == NULL)
    g_assert_null (input);
  else
    assert_json (input, expected);
}

static void
test_input_items (void)
{
  assert_input ("{\"type\":\"message\",\"role\":\"assistant\",\"id\":\"m\",\"content\":[{\"type\":\"output_text\",\"text\":\"t\",\"annotations\":[],\"logprobs\":[],\"x\":1}],\"x\":null}",
                "{\"type\":\"message\",\"role\":\"assistant\",\"id\":\"m\",\"content\":[{\"type\":\"output_text\",\"text\":\"t\",\"annotations\":[],\"logprobs\":[],\"x\":1}],\"x\":null}");
  assert_input ("{\"type\":\"new_item\",\"created_by\":\"u\",\"x\":[1]}", "{\"type\":\"new_item\",\"x\":[1]}");
  assert_input ("{\"type\":\"shell_call_output\",\"call_id\":\"c\",\"output\":[{\"stdout\":\"\",\"created_by\":\"u\",\"x\":1},5],\"created_by\":\"u\"}",
                "{\"type\":\"shell_call_output\",\"call_id\":\"c\",\"output\":[{\"stdout\":\"\",\"x\":1},5]}");
  assert_input ("{\"type\":\"shell_call_output\",\"output\":\"text\"}", "{\"type\":\"shell_call_output\",\"output\":\"text\"}");
  assert_input ("{\"type\":\"custom_tool_call_output\",\"call_id\":\"c\",\"output\":\"o\",\"status\":\"completed\"}",
                "{\"type\":\"custom_tool_call_output\",\"call_id\":\"c\",\"output\":\"o\"}");
  assert_input ("{\"type\":\"custom_tool_call_output\",\"call_id\":\"c\",\"output\":\"o\"}", "{\"type\":\"custom_tool_call_output\",\"call_id\":\"c\",\"output\":\"o\"}");
  assert_input ("{\"type\":\"custom_tool_call_output\",\"output\":\"o\",\"status\":\"in_progress\"}", NULL);
  assert_input ("{\"type\":\"computer_call_output\",\"status\":\"failed\"}", NULL);
  assert_input ("{\"type\":\"computer_call_output\",\"status\":\"incomplete\"}", "{\"type\":\"computer_call_output\",\"status\":\"incomplete\"}");
  assert_input ("{\"type\":\"additional_tools\",\"role\":\"system\",\"tools\":[]}", NULL);
  assert_input ("{\"type\":\"additional_tools\",\"tools\":[]}", NULL);
}

static void
push (Fixture *fixture, const char *json)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);

  oai_mock_server_push_reply (fixture->server, reply);
}

/* Items of a reply are sent with all lists, and without the members that only replies have. */
static void
test_items_are_sent (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new ();
  g_autoptr(OaiResponse) first = NULL;
  g_autoptr(OaiResponse) second = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMockRequest) received = NULL;
  g_autofree char *sent = NULL;
  GPtrArray *output = NULL;

  oai_mock_server_set_validating (fixture->server, FALSE);
  push (fixture,
    "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"output\":["
    "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[],\"encrypted_content\":\"x\",\"status\":null},"
    "{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\",\"status\":\"completed\",\"created_by\":\"u\",\"x\":1},"
    "{\"type\":\"new_item\",\"created_by\":\"u\",\"x\":[]}]}");
  oai_response_request_set_model (request, "gpt-5");
  first = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);

  output = oai_response_get_output_items (first);
  for (guint i = 0; i < output->len; i++)
    oai_response_request_add_input_item (request, g_ptr_array_index (output, i));
  push (fixture, "{\"id\":\"resp_2\",\"output\":[]}");
  second = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  received = oai_mock_server_dup_request (fixture->server, -1);
  sent = oai_mock_request_dup_body_text (received);
  g_assert_cmpstr (sent, ==, "{\"model\":\"gpt-5\",\"input\":[{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[],\"encrypted_content\":\"x\"},"
                             "{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\",\"status\":\"completed\",\"x\":1},"
                             "{\"type\":\"new_item\",\"x\":[]}]}");
}

static void
add_message (OaiResponseRequest *request)
{
  g_autoptr(OaiResponseMessage) message = oai_response_message_new_user ("Compare");
  g_autoptr(OaiResponseMessage) system = oai_response_message_new_system ("Be brief");
  g_autoptr(OaiResponseMessage) assistant = oai_response_message_new_assistant ("Hello");
  g_autoptr(GBytes) text = g_bytes_new_static ("Hello", 5);
  g_autoptr(OaiResponseInputImage) stored = oai_response_input_image_new_for_id ("file-1", NULL);
  g_autoptr(OaiResponseInputFile) file = oai_response_input_file_new_for_bytes (text, "a.txt");

  oai_response_message_add_image_url (message, "https://example.org/a.png", NULL);
  oai_response_message_add_part (message, OAI_RESPONSE_CONTENT (stored));
  oai_response_message_add_part (message, OAI_RESPONSE_CONTENT (file));
  oai_response_request_add_input_item (request, OAI_RESPONSE_ITEM (system));
  oai_response_request_add_input_item (request, OAI_RESPONSE_ITEM (message));
  oai_response_request_add_input_item (request, OAI_RESPONSE_ITEM (assistant));
}

/* The output for a call of each type. The document requires a member of approval responses that it does not describe, and
 * that OpenAI does not accept. */
static OaiResponseItem *
new_output (OaiResponseItem *call)
{
  if (OAI_IS_RESPONSE_FUNCTION_CALL (call))
    return OAI_RESPONSE_ITEM (oai_response_function_call_output_new_for_call (OAI_RESPONSE_FUNCTION_CALL (call), "1"));
  if (OAI_IS_RESPONSE_CUSTOM_TOOL_CALL (call))
    return OAI_RESPONSE_ITEM (oai_response_custom_tool_call_output_new_for_call (OAI_RESPONSE_CUSTOM_TOOL_CALL (call), "1"));
  if (OAI_IS_RESPONSE_LOCAL_SHELL_CALL (call))
    return OAI_RESPONSE_ITEM (oai_response_local_shell_call_output_new_for_call (OAI_RESPONSE_LOCAL_SHELL_CALL (call), "{}"));
  if (OAI_IS_RESPONSE_APPLY_PATCH_CALL (call))
    return OAI_RESPONSE_ITEM (oai_response_apply_patch_call_output_new_for_call (OAI_RESPONSE_APPLY_PATCH_CALL (call), TRUE, "done"));
  if (OAI_IS_RESPONSE_SHELL_CALL (call))
    {
      OaiResponseShellCallOutput *output = oai_response_shell_call_output_new_for_call (OAI_RESPONSE_SHELL_CALL (call));

      oai_response_shell_call_output_add_exit (output, "o", "", 0);
      return OAI_RESPONSE_ITEM (output);
    }
  if (OAI_IS_RESPONSE_COMPUTER_CALL (call))
    {
      g_autoptr(OaiResponseComputerScreenshot) screenshot = oai_response_computer_screenshot_new_for_url ("https://example.org/a.png");

      return OAI_RESPONSE_ITEM (oai_response_computer_call_output_new_for_call (OAI_RESPONSE_COMPUTER_CALL (call), screenshot));
    }

  return NULL;
}

/* Calls, and the outputs and messages that the helpers build, are valid. */
static void
test_requests_are_valid (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);

  if (!oai_mock_server_is_validating (fixture->server))
    {
      g_test_skip ("OAI_OPENAPI_JSON does not name the API document");
      return;
    }
  /* The document has the status of a custom tool call in replies only, and requires the other member without describing it. */
  oai_mock_server_allow_member (fixture->server, "status");
  oai_mock_server_allow_member (fixture->server, "call_id");
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_autoptr(OaiResponseRequest) request = oai_response_request_new ();
      g_autoptr(OaiResponseItem) call = new_item (items[i].json);
      g_autoptr(OaiResponseItem) output = strstr (items[i].json, "pinch") == NULL ? new_output (call) : NULL;
      g_autoptr(OaiResponseItem) input = oai_response_item_to_input (call);
      g_autoptr(OaiResponse) response = NULL;
      g_autoptr(GError) error = NULL;

      if (output == NULL)
        continue;
      oai_response_request_set_model (request, "gpt-5");
      add_message (request);
      oai_response_request_add_input_item (request, input);
      oai_response_request_add_input_item (request, output);
      response = oai_responses_endpoint_create (responses, request, NULL, &error);
      g_assert_no_error (error);
      assert_no_violations (fixture);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  make_writable (OAI_TYPE_CHAT_TOKEN_LOGPROB);
  make_writable (OAI_TYPE_CHAT_TOP_LOGPROB);
  make_writable (OAI_TYPE_IMAGE_SVG_USAGE);

#define ADD(path, function) g_test_add_func ("/response-items/" path, function)
  ADD ("items-keep-their-json", test_items_keep_their_json);
  ADD ("items-can-be-built", test_items_can_be_built);
  ADD ("all-types-are-tested", test_all_types_are_tested);
  ADD ("items-without-type", test_items_without_type);
  ADD ("wrong-shapes", test_wrong_shapes);
  ADD ("texts-of-messages", test_texts_of_messages);
  ADD ("roles-of-messages", test_roles_of_messages);
  ADD ("parts-of-messages", test_parts_of_messages);
  ADD ("parts-of-unknown-format", test_parts_of_unknown_format);
  ADD ("image-files", test_image_files);
  ADD ("document-files", test_document_files);
  ADD ("parts-of-answers", test_parts_of_answers);
  ADD ("texts-of-reasoning", test_texts_of_reasoning);
  ADD ("outputs-of-functions", test_outputs_of_functions);
  ADD ("outputs-of-shells", test_outputs_of_shells);
  ADD ("outputs-of-computers", test_outputs_of_computers);
  ADD ("outputs-of-other-tools", test_outputs_of_other_tools);
  ADD ("outputs-of-incomplete-calls", test_outputs_of_incomplete_calls);
  ADD ("input-items", test_input_items);
  TEST ("/response-items/items-are-sent", test_items_are_sent);
  TEST ("/response-items/requests-are-valid", test_requests_are_valid);

  return g_test_run ();
}
