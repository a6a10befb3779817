/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Graders. String checks are executed; all other graders return half the reward. */

#include "oai-mock-private.h"

#include <string.h>

static char *
fill_in (const char *template, JsonObject *body)
{
  JsonObject *item = oai_mock_get_object (body, "item");
  g_autoptr (GList) names = item != NULL ? json_object_get_members (item) : NULL;
  g_autoptr (GString) text = g_string_new (template);

  g_string_replace (text, "{{sample.output_text}}", oai_mock_get_string (body, "model_sample"), 0);
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *mark = g_strdup_printf ("{{item.%s}}", (char *) l->data);
      const char *value = oai_mock_get_string (item, l->data);

      g_string_replace (text, mark, value != NULL ? value : "", 0);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static double
grade (JsonObject *grader, JsonObject *body)
{
  const char *operation = oai_mock_get_string (grader, "operation");
  g_autofree char *input = NULL;
  g_autofree char *reference = NULL;

  if (g_strcmp0 (oai_mock_get_string (grader, "type"), "string_check") != 0)
    return 0.5;
  input = fill_in (oai_mock_get_string (grader, "input"), body);
  reference = fill_in (oai_mock_get_string (grader, "reference"), body);
  if (g_strcmp0 (operation, "ne") == 0)
    return !g_str_equal (input, reference);
  if (g_strcmp0 (operation, "like") == 0)
    return strstr (input, reference) != NULL;
  if (g_strcmp0 (operation, "ilike") == 0)
    return strcasestr (input, reference) != NULL;

  return g_str_equal (input, reference);
}

static JsonObject *
no_errors (void)
{
  return oai_mock_object ("formula_parse_error:b", FALSE, "sample_parse_error:b", FALSE, "truncated_observation_error:b", FALSE,
                          "unresponsive_reward_error:b", FALSE, "invalid_variable_error:b", FALSE, "other_error:b", FALSE,
                          "python_grader_server_error:b", FALSE, "python_grader_server_error_type:z", "python_grader_runtime_error:b", FALSE,
                          "python_grader_runtime_error_details:z", "model_grader_server_error:b", FALSE, "model_grader_refusal_error:b", FALSE,
                          "model_grader_parse_error:b", FALSE, "model_grader_server_error_details:z", NULL);
}

static JsonObject *
get_grader (OaiMockCall *call)
{
  JsonObject *grader = call->body != NULL ? oai_mock_get_object (call->body, "grader") : NULL;

  return grader != NULL && oai_mock_get_string (grader, "type") != NULL ? grader : NULL;
}

static OaiMockReply *
run_grader (OaiMockCall *call)
{
  JsonObject *grader = get_grader (call);

  if (grader == NULL || oai_mock_get_string (call->body, "model_sample") == NULL)
    return _oai_mock_call_invalid (call, "grader", "A grader with a type and a model_sample are needed.");

  return _oai_mock_reply_new_object (oai_mock_object ("reward:d", grade (grader, call->body),
                                                      "metadata:o", oai_mock_object ("name:s", json_object_get_string_member_with_default (grader, "name", ""),
                                                                                     "type:s", oai_mock_get_string (grader, "type"), "errors:o", no_errors (),
                                                                                     "execution_time:d", 0.25, "scores:o", json_object_new (), "token_usage:z", "sampled_model_name:z", NULL),
                                                      "sub_rewards:o", json_object_new (), "model_grader_token_usage_per_model:o", json_object_new (), NULL));
}

static OaiMockReply *
validate_grader (OaiMockCall *call)
{
  JsonObject *grader = get_grader (call);

  if (grader == NULL)
    return _oai_mock_call_invalid (call, "grader", "A grader with a type is needed.");

  return _oai_mock_reply_new_object (oai_mock_object ("grader:o", json_object_ref (grader), NULL));
}

const OaiMockRoute _oai_mock_graders_routes[] = {
  { "POST", "/fine_tuning/alpha/graders/run", run_grader },
  { "POST", "/fine_tuning/alpha/graders/validate", validate_grader },
  { NULL },
};
