/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Classes for tests of JSON: a recipe has a property of each kind, and contains steps. */

#pragma once

#include <gio/gio.h>

#define TEST_TYPE_STEP (test_step_get_type ())
G_DECLARE_FINAL_TYPE (TestStep, test_step, TEST, STEP, GObject)
#define TEST_TYPE_RECIPE (test_recipe_get_type ())
G_DECLARE_FINAL_TYPE (TestRecipe, test_recipe, TEST, RECIPE, GObject)

struct _TestStep
{
  GObject parent_instance;

  char *text;
  int minutes;
};

/* Declares the items of the lists of recipes. */
void json_types_declare (void);
