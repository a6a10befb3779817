/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lets a model activate the actions of a program.
 *
 * usage: actions REQUEST (OPENAI_MODEL names the model) */

ActionGroup make_actions () {
    var actions = new SimpleActionGroup ();
    var volume = new SimpleAction.stateful ("volume", VariantType.INT32, 50);

    volume.set_state_hint (new Variant ("(ii)", 0, 100));
    actions.add_action (new SimpleAction.stateful ("playing", null, false));
    actions.add_action (volume);
    return actions;
}

void control (ActionGroup actions, string request) throws Error {
    var model = Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini";
    var session = new Oai.ChatSession (new Oai.Client (null, null), model);
    var toolset = new Oai.ActionToolset (actions);

    toolset.find ("playing").description = "Starts or stops the music.";
    toolset.find ("volume").description = "Changes the volume of the music, in percent.";
    session.toolset = toolset;
    print ("%s\n", session.send (request, null).text ?? "");
}

int main (string[] args) {
    var actions = make_actions ();

    try {
        control (actions, args.length > 1 ? args[1] : "Use the tools: play the music, at half of the volume.");
    } catch (Error e) {
        printerr ("%s\n", e.message);
        return 1;
    }
    foreach (unowned var name in actions.list_actions ())
        print ("%s: %s\n", name, actions.get_action_state (name).print (false));
    return 0;
}
