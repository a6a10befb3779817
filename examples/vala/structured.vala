/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads a reply of a model into an object, which changes while the reply arrives.
 *
 * usage: structured DISH (OPENAI_MODEL names the model) */

enum Difficulty {
    EASY,
    HARD
}

class Ingredient : Object {
    public string name { get; set; }
    [Description (blurb = "With the unit, such as 200 g")]
    public string amount { get; set; }
}

class Recipe : Object {
    public string title { get; set; }
    public Difficulty difficulty { get; set; }
    public int minutes { get; set; }
    public string[] hints { get; set; }
    public ListStore ingredients { get; set; }
}

void print_recipe (string dish) throws Error {
    var chat = new Oai.ChatEndpoint (new Oai.Client (null, null));
    var request = new Oai.ChatRequest (Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini");

    Oai.json_set_item_type (typeof (Recipe), "ingredients", typeof (Ingredient));
    request.add_user_message ("A recipe for %s.".printf (dish));
    request.set_response_type (typeof (Recipe));

    var recipe = new Recipe ();
    recipe.notify["title"].connect (() => print ("[%s]\n", recipe.title));
    var stream = chat.create_stream (request);
    stream.set_parsed (recipe);
    var completion = (Oai.ChatCompletion) stream.run (null);

    recipe = (Recipe) completion.parse (typeof (Recipe)); /* fails if the reply is not complete */
    print ("%s (%s, %d minutes)\n", recipe.title, recipe.difficulty.to_string (), recipe.minutes);
    for (uint i = 0; i < recipe.ingredients.get_n_items (); i++) {
        var ingredient = (Ingredient) recipe.ingredients.get_item (i);
        print ("- %s: %s\n", ingredient.name, ingredient.amount);
    }
}

int main (string[] args) {
    try {
        print_recipe (args.length > 1 ? string.joinv (" ", args[1:args.length]) : "tomato soup");
    } catch (Error e) {
        printerr ("%s\n", e.message);
        return 1;
    }
    return 0;
}
