/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads a reply of a model into an object, which changes while the reply arrives.
 *
 * usage: structured DISH (OPENAI_MODEL names the model) */

#include <openai-1/openai.h>

#define TYPE_RECIPE (recipe_get_type ())
G_DECLARE_FINAL_TYPE (Recipe, recipe, EXAMPLE, RECIPE, GObject)

struct _Recipe
{
  GObject parent_instance;

  char *title;
  int minutes;
  char **ingredients;
};

enum
{
  PROP_TITLE = 1,
  PROP_MINUTES,
  PROP_INGREDIENTS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (Recipe, recipe, G_TYPE_OBJECT)

static void
recipe_finalize (GObject *object)
{
  Recipe *self = EXAMPLE_RECIPE (object);

  g_free (self->title);
  g_strfreev (self->ingredients);

  G_OBJECT_CLASS (recipe_parent_class)->finalize (object);
}

static void
recipe_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  Recipe *self = EXAMPLE_RECIPE (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_MINUTES:
      g_value_set_int (value, self->minutes);
      break;
    default:
      g_value_set_boxed (value, self->ingredients);
    }
}

static void
recipe_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  Recipe *self = EXAMPLE_RECIPE (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      g_free (self->title);
      self->title = g_value_dup_string (value);
      break;
    case PROP_MINUTES:
      self->minutes = g_value_get_int (value);
      break;
    default:
      g_strfreev (self->ingredients);
      self->ingredients = g_value_dup_boxed (value);
    }
}

/* The model reads the descriptions of the properties. */
static void
recipe_class_init (RecipeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = recipe_finalize;
  object_class->get_property = recipe_get_property;
  object_class->set_property = recipe_set_property;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_MINUTES] = g_param_spec_int ("minutes", NULL, "Duration, in minutes", 0, 1440, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_INGREDIENTS] = g_param_spec_boxed ("ingredients", NULL, "With the amounts", G_TYPE_STRV, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
recipe_init (Recipe *self)
{
}

static void
print_title (Recipe *recipe, GParamSpec *pspec, gpointer user_data)
{
  g_print ("[%s]\n", recipe->title);
}

static gboolean
print_recipe (const char *dish, GError **error)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autofree char *question = g_strdup_printf ("A recipe for %s.", dish);
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new (model != NULL ? model : "gpt-4o-mini");
  g_autoptr(OaiChatStream) stream = NULL;
  g_autoptr(OaiRecord) completion = NULL;
  g_autoptr(Recipe) partial = g_object_new (TYPE_RECIPE, NULL);
  g_autoptr(Recipe) recipe = NULL;

  oai_chat_request_add_user_message (request, question);
  if (!oai_chat_request_set_response_type (request, TYPE_RECIPE, error))
    return FALSE;

  stream = oai_chat_endpoint_create_stream (chat, request);
  oai_chat_stream_set_parsed (stream, G_OBJECT (partial));
  g_signal_connect (partial, "notify::title", G_CALLBACK (print_title), NULL);
  completion = oai_stream_run (OAI_STREAM (stream), NULL, error);
  if (completion == NULL)
    return FALSE;

  /* Fails if the reply is not complete, or if the model refused. */
  recipe = (Recipe *) oai_chat_completion_parse (OAI_CHAT_COMPLETION (completion), TYPE_RECIPE, error);
  if (recipe == NULL)
    return FALSE;

  g_print ("%s (%d minutes)\n", recipe->title, recipe->minutes);
  for (gsize i = 0; recipe->ingredients[i] != NULL; i++)
    g_print ("- %s\n", recipe->ingredients[i]);

  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;

  if (print_recipe (argc > 1 ? argv[1] : "tomato soup", &error))
    return 0;

  g_printerr ("%s\n", error->message);
  return 1;
}
