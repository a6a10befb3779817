// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What makes the library read like JavaScript. Everything here is an addition:
// whatever it does can be done without it, by the methods that C has.

const {Gio} = imports.gi;

// Filled in by the build: [class, whether they are static, names of asynchronous
// methods without _async], and the modules' names.
const ASYNC_METHODS = /*@ASYNC_METHODS@*/[];
const MODULES = /*@MODULES@*/[];

function _promisifyAll(Oai) {
    for (const [className, isStatic, methods] of ASYNC_METHODS) {
        const object = isStatic ? Oai[className] : Oai[className].prototype;

        for (const name of methods)
            Gio._promisify(object, `${name}_async`, `${name}_finish`);
    }
}

function _toPlain(value) {
    return value?.to_json ? JSON.parse(value.to_json()) : value;
}

// for await (const chunk of stream): leaving the loop closes the connection.
async function* _streamChunks() {
    try {
        let chunk;
        while ((chunk = await this.next_async(null)) !== null)
            yield chunk;
    } finally {
        this.close();
    }
}

// The item there, without the page that get_item() loads by itself at the last one.
function _lookAt(page, position) {
    const autoLoad = page.get_auto_load();

    page.set_auto_load(false);
    const item = page.get_item(position);
    page.set_auto_load(autoLoad);
    return item;
}

function _loaded(page) {
    return new Promise(resolve => {
        const id = page.connect('notify::loading', () => {
            page.disconnect(id);
            resolve();
        });
    });
}

// for (const item of page): the items that are loaded.
function* _loadedItems() {
    for (let i = 0; i < this.get_n_loaded(); i++)
        yield _lookAt(this, i);
}

// for await (const item of page): all items; asks for the next page when it gets there.
async function* _allItems() {
    for (let i = 0; ;) {
        if (i < this.get_n_loaded())
            yield _lookAt(this, i++);
        else if (this.is_loading())
            await _loaded(this);
        else if (!this.get_has_more() || !await this.load_more_async(null))
            return;
    }
}

// client.chat, client.fine_tuning and client.fineTuning
function _addEndpoints(Oai) {
    for (const name of MODULES) {
        const get = function () {
            return this.get_endpoint(name);
        };
        const snake = name.replaceAll('-', '_');
        const camel = name.replace(/-(.)/g, (_match, letter) => letter.toUpperCase());

        for (const property of new Set([snake, camel]))
            Object.defineProperty(Oai.Client.prototype, property, {get, configurable: true});
    }
}

function _init() {
    const Oai = this;

    _promisifyAll(Oai);

    Oai.Stream.prototype[Symbol.asyncIterator] = _streamChunks;
    Oai.Page.prototype[Symbol.iterator] = _loadedItems;
    Oai.Page.prototype[Symbol.asyncIterator] = _allItems;

    // JSON.stringify(record), and a plain object of it
    Oai.Record.prototype.toJSON = function () {
        return JSON.parse(this.to_json());
    };
    // A member, whatever it holds: record.member('usage').total_tokens
    Oai.Record.prototype.member = function (name) {
        const text = this.dup_member(name);
        return text === null ? undefined : JSON.parse(text);
    };
    Oai.Record.prototype.assign = function (members) {
        for (const [name, value] of Object.entries(members))
            this.set_member(name, JSON.stringify(_toPlain(value)));
        return this;
    };

    _addEndpoints(Oai);
}
