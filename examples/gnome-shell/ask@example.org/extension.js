// SPDX-License-Identifier: LGPL-2.1-or-later
//
// An extension for GNOME Shell: sends a question to a model from the top bar, and shows the answer
// while it arrives.
//
// It uses OPENAI_BASE_URL and OPENAI_API_KEY or the key of the keyring or, if none is set, a
// server on this machine.

'use strict';

/* exported init */

const {Gio, GLib, GObject, Pango, St} = imports.gi;
imports.gi.versions.Oai = '1';
const Oai = imports.gi.Oai;
const Main = imports.ui.main;
const PanelMenu = imports.ui.panelMenu;
const PopupMenu = imports.ui.popupMenu;

const DEFAULT_MODEL = 'gpt-4o-mini';

// The client and the model for a question: those of the environment and of the keyring or, if no
// address or key is set there, those of the first server on this machine that has a model.
async function connect(cancellable) {
    const model = GLib.getenv('OPENAI_MODEL') ?? DEFAULT_MODEL;
    if (GLib.getenv('OPENAI_BASE_URL') || GLib.getenv('OPENAI_API_KEY'))
        return {client: Oai.Client.new(null, null), model};

    for (const server of await Oai.find_local_servers_async(cancellable)) {
        if (server.models.length > 0) {
            const settings = Oai.Settings.new_for_base_url(server.base_url);
            return {client: Oai.Client.new(Oai.Auth.new(''), settings), model: server.models[0]};
        }
    }
    return {client: Oai.Client.new(null, null), model};
}

const AskIndicator = GObject.registerClass(
class AskIndicator extends PanelMenu.Button {
    _init() {
        super._init(0.5, 'Ask');
        this._cancellable = null;

        this.add_child(new St.Icon({icon_name: 'dialog-question-symbolic', style_class: 'system-status-icon'}));
        this._addEntry();
        this._addAnswer();
        this._stop = this.menu.addAction('Stop', () => this.cancel(), 'media-playback-stop-symbolic');
        this._stop.visible = false;
    }

    _addEntry() {
        const item = new PopupMenu.PopupBaseMenuItem({activate: false, reactive: false, can_focus: false});
        item.setOrnament(PopupMenu.Ornament.HIDDEN);
        this._entry = new St.Entry({
            hint_text: 'Ask a question',
            accessible_name: 'Question',
            can_focus: true,
            x_expand: true,
        });
        this._entry.clutter_text.connect('activate', () => this._ask(this._entry.text.trim()));
        item.add_child(this._entry);
        this.menu.addMenuItem(item);
    }

    _addAnswer() {
        const section = new PopupMenu.PopupMenuSection();
        const scroll = new St.ScrollView({
            style: 'max-height: 24em; width: 28em;',
            hscrollbar_policy: St.PolicyType.NEVER,
        });
        const box = new St.BoxLayout({vertical: true, style: 'padding: 6px 18px;'});
        this._answer = new St.Label({reactive: true, can_focus: true, x_expand: true});
        this._answer.clutter_text.set({
            line_wrap: true,
            line_wrap_mode: Pango.WrapMode.WORD_CHAR,
            ellipsize: Pango.EllipsizeMode.NONE,
            selectable: true,
        });
        box.add_child(this._answer);
        scroll.add_actor(box);
        section.actor.add_child(scroll);
        this.menu.addMenuItem(section);
    }

    focusEntry() {
        this._entry.grab_key_focus();
    }

    cancel() {
        this._cancellable?.cancel();
        this._cancellable = null;
        this._stop.visible = false;
    }

    destroy() {
        this.cancel();
        super.destroy();
    }

    async _ask(question) {
        if (!question)
            return;

        this.cancel();
        const cancellable = this._cancellable = new Gio.Cancellable();
        this._entry.text = '';
        this._answer.text = '…';
        this._stop.visible = true;

        try {
            await this._stream(question, cancellable);
        } catch (e) {
            // A cancelled question was stopped or replaced, or the indicator is destroyed.
            if (!cancellable.is_cancelled())
                this._answer.text = e.message;
        }
        if (!cancellable.is_cancelled())
            this.cancel();
    }

    async _stream(question, cancellable) {
        const {client, model} = await connect(cancellable);
        const request = Oai.ChatRequest.new(model);
        request.add_user_message(question);

        const stream = client.chat.create_stream(request);
        let answer = '';
        // The Shell draws frames on this thread: one signal with the text of several events is cheaper.
        stream.coalesce_interval_ms = 50;
        stream.connect('content-delta', (_stream, text) => {
            answer += text;
            if (!cancellable.is_cancelled())
                this._answer.text = answer;
        });
        await stream.run_async(cancellable);
    }
});

class Extension {
    enable() {
        this._indicator = new AskIndicator();
        Main.panel.addToStatusArea('ask@example.org', this._indicator);
        // Connected after the panel, which moves the focus into the menu.
        this._indicator.menu.connect('open-state-changed', (_menu, isOpen) => {
            if (isOpen)
                this._indicator.focusEntry();
        });
    }

    disable() {
        this._indicator.destroy();
        this._indicator = null;
    }
}

/**
 * Called once, when the Shell loads the extension.
 */
function init() {
    return new Extension();
}
