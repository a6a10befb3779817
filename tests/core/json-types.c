/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "json-types.h"

#include "oai-json-property.h"

struct _TestRecipe
{
  GObject parent_instance;

  GValue values[20];
  GListStore *fixed_steps;
};

G_DEFINE_FINAL_TYPE (TestStep, test_step, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE (TestRecipe, test_recipe, G_TYPE_OBJECT)

static void
test_step_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  TestStep *self = TEST_STEP (object);

  if (prop_id == 1)
    {
      g_free (self->text);
      self->text = g_value_dup_string (value);
    }
  else
    self->minutes = g_value_get_int (value);
}

static void
test_step_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  TestStep *self = TEST_STEP (object);

  if (prop_id == 1)
    g_value_set_string (value, self->text);
  else
    g_value_set_int (value, self->minutes);
}

static void
test_step_finalize (GObject *object)
{
  g_free (TEST_STEP (object)->text);

  G_OBJECT_CLASS (test_step_parent_class)->finalize (object);
}

static void
test_step_class_init (TestStepClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = test_step_set_property;
  object_class->get_property = test_step_get_property;
  object_class->finalize = test_step_finalize;
  g_object_class_install_property (object_class, 1, g_param_spec_string ("text", NULL, "What to do", NULL, G_PARAM_READWRITE));
  g_object_class_install_property (object_class, 2, g_param_spec_int ("minutes", NULL, NULL, 0, 600, 0, G_PARAM_READWRITE));
}

static void
test_step_init (TestStep *self)
{
}

enum
{
  PROP_TITLE = 1,
  PROP_COOK_TIME,
  PROP_RATING,
  PROP_VEGAN,
  PROP_UNIT,
  PROP_FLAGS,
  PROP_TAGS,
  PROP_CREATED,
  PROP_DAY,
  PROP_IMAGE,
  PROP_MAIN_STEP,
  PROP_STEPS,
  PROP_NOTES,
  PROP_OTHERS,
  PROP_EXTRA,
  PROP_LINK,
  PROP_NICKNAME,
  PROP_SERVINGS,
  PROP_FIXED_STEPS,
  PROP_CACHE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
test_recipe_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  g_value_copy (value, &TEST_RECIPE (object)->values[prop_id - 1]);
}

static void
test_recipe_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_FIXED_STEPS)
    g_value_set_object (value, TEST_RECIPE (object)->fixed_steps);
  else
    g_value_copy (&TEST_RECIPE (object)->values[prop_id - 1], value);
}

static void
test_recipe_finalize (GObject *object)
{
  TestRecipe *self = TEST_RECIPE (object);

  for (guint i = PROP_TITLE; i < N_PROPS; i++)
    g_value_unset (&self->values[i - 1]);
  g_object_unref (self->fixed_steps);

  G_OBJECT_CLASS (test_recipe_parent_class)->finalize (object);
}

static void
test_recipe_class_init (TestRecipeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = test_recipe_set_property;
  object_class->get_property = test_recipe_get_property;
  object_class->finalize = test_recipe_finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, "Name of the dish", NULL, G_PARAM_READWRITE);
  properties[PROP_COOK_TIME] = g_param_spec_uint ("cook-time", NULL, NULL, 1, 1000, 1, G_PARAM_READWRITE);
  properties[PROP_RATING] = g_param_spec_double ("rating", NULL, NULL, 0, 5, 0, G_PARAM_READWRITE);
  properties[PROP_VEGAN] = g_param_spec_boolean ("vegan", NULL, NULL, FALSE, G_PARAM_READWRITE);
  properties[PROP_UNIT] = g_param_spec_enum ("unit", NULL, NULL, G_TYPE_UNIX_SOCKET_ADDRESS_TYPE, 0, G_PARAM_READWRITE);
  properties[PROP_FLAGS] = g_param_spec_flags ("flags", NULL, NULL, G_TYPE_APP_INFO_CREATE_FLAGS, 0, G_PARAM_READWRITE);
  properties[PROP_TAGS] = g_param_spec_boxed ("tags", NULL, NULL, G_TYPE_STRV, G_PARAM_READWRITE);
  properties[PROP_CREATED] = g_param_spec_boxed ("created", NULL, NULL, G_TYPE_DATE_TIME, G_PARAM_READWRITE);
  properties[PROP_DAY] = g_param_spec_boxed ("day", NULL, NULL, G_TYPE_DATE, G_PARAM_READWRITE);
  properties[PROP_IMAGE] = g_param_spec_boxed ("image", NULL, "A photo", G_TYPE_BYTES, G_PARAM_READWRITE);
  properties[PROP_MAIN_STEP] = g_param_spec_object ("main-step", NULL, "The most important step", TEST_TYPE_STEP, G_PARAM_READWRITE);
  properties[PROP_STEPS] = g_param_spec_object ("steps", NULL, NULL, G_TYPE_LIST_MODEL, G_PARAM_READWRITE);
  properties[PROP_NOTES] = g_param_spec_boxed ("notes", NULL, NULL, G_TYPE_PTR_ARRAY, G_PARAM_READWRITE);
  properties[PROP_OTHERS] = g_param_spec_boxed ("others", NULL, NULL, G_TYPE_PTR_ARRAY, G_PARAM_READWRITE);
  properties[PROP_EXTRA] = g_param_spec_variant ("extra", NULL, NULL, G_VARIANT_TYPE ("a{si}"), NULL, G_PARAM_READWRITE);
  properties[PROP_LINK] = g_param_spec_boxed ("link", NULL, NULL, G_TYPE_URI, G_PARAM_READWRITE);
  properties[PROP_NICKNAME] = g_param_spec_string ("nickname", NULL, NULL, NULL, G_PARAM_READWRITE);
  properties[PROP_SERVINGS] = g_param_spec_int ("servings", NULL, NULL, G_MININT, G_MAXINT, 4, G_PARAM_READWRITE);
  properties[PROP_FIXED_STEPS] = g_param_spec_object ("fixed-steps", NULL, NULL, G_TYPE_LIST_MODEL, G_PARAM_READABLE);
  properties[PROP_CACHE] = g_param_spec_pointer ("cache", NULL, NULL, G_PARAM_READWRITE);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
test_recipe_init (TestRecipe *self)
{
  for (guint i = PROP_TITLE; i < N_PROPS; i++)
    {
      g_value_init (&self->values[i - 1], properties[i]->value_type);
      g_value_copy (g_param_spec_get_default_value (properties[i]), &self->values[i - 1]);
    }
  self->fixed_steps = g_list_store_new (TEST_TYPE_STEP);
}

void
json_types_declare (void)
{
  oai_json_set_item_type (TEST_TYPE_RECIPE, "steps", TEST_TYPE_STEP);
  oai_json_set_item_type (TEST_TYPE_RECIPE, "notes", G_TYPE_STRING);
  oai_json_set_item_type (TEST_TYPE_RECIPE, "others", TEST_TYPE_STEP);
  oai_json_set_item_type (TEST_TYPE_RECIPE, "fixed-steps", TEST_TYPE_STEP);
  oai_json_set_property_flags (TEST_TYPE_RECIPE, "nickname", OAI_JSON_PROPERTY_NULLABLE);
  oai_json_set_property_flags (TEST_TYPE_RECIPE, "cache", OAI_JSON_PROPERTY_IGNORED);
}
