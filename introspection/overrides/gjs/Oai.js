// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What makes the library read like JavaScript. Everything here is an addition:
// whatever it does can be done without it, by the methods that C has.

const {Gio, GObject} = imports.gi;

// Filled in by the build: [class, whether they are static, names of asynchronous
// methods without _async], the fields of records that are no properties, and the
// modules' names.
const ASYNC_METHODS = /*@ASYNC_METHODS@*/[];
const LIST_FIELDS = /*@LIST_FIELDS@*/[];
const MODULES = /*@MODULES@*/[];

// tool_calls and toolCalls
const LIST_NAMES = new Map(LIST_FIELDS.flatMap(name =>
    [[name, name], [name.replace(/_(.)/g, (_match, letter) => letter.toUpperCase()), name]]));

// The class of that name; null where the library of its module is not installed.
function _findClass(Oai, name) {
    try {
        return Oai[name];
    } catch {
        return null;
    }
}

function _promisifyAll(Oai) {
    for (const [className, isStatic, methods] of ASYNC_METHODS) {
        const found = _findClass(Oai, className);
        const object = isStatic ? found : found?.prototype;

        if (!object)
            continue;
        for (const name of methods)
            Gio._promisify(object, `${name}_async`, `${name}_finish`);
    }
}

// C ends a text at U+0000: better none than half of it.
function _checkText(text) {
    if (text.includes('\0'))
        throw new TypeError('Text with U+0000 in it cannot be sent');
    return text;
}

// For JSON.stringify(), which has made plain objects of records before.
function _checkPlain(name, value) {
    _checkText(name);
    if (typeof value === 'string')
        _checkText(value);
    if (value instanceof GObject.Object)
        throw new TypeError(`${value.constructor.name} is not JSON`);
    return value;
}

// A field that can be set: what its setter takes, and the member of JSON that it writes.
class Field {
    constructor(Oai, owner, setter, name) {
        const property = GObject.Object.find_property.call(owner.constructor, name);

        this._Oai = Oai;
        this._owner = owner;
        this._setter = setter;
        this._isList = property === null;  // of objects or numbers
        this._type = property?.value_type ?? null;
        this._takesObject = this._type !== null && GObject.type_is_a(this._type, GObject.Object.$gtype);
        this._takesFile = this._takesObject && !GObject.type_is_a(this._type, Oai.Record.$gtype);
        this._isText = this._type !== null && this._type.name === 'gchararray';
    }

    // No table is at hand: what the setter does to an empty record shows the name on the wire.
    _look() {
        if (this._member)
            return;
        for (const sample of this._listSamples()) {
            const record = this._Oai.Record.new_from_json(this._owner.constructor.$gtype, '{}');
            const before = record.list_members();

            this._owner[this._setter].call(record, sample);
            [this._member] = record.list_members().filter(member => !before.includes(member));
            if (this._member) {
                this._takesJson = this._isText && record.dup_member(this._member) === '{}';
                return;
            }
        }
    }

    _listSamples() {
        if (this._isList)
            return [[], [1]];
        if (this._takesObject)
            return [this._Oai.Record.new_from_json(this._type, '{}')];
        return [{gchararray: '{}', gboolean: true, GStrv: []}[this._type.name] ?? 1];
    }

    // What has objects in it goes to the setter: their files would be lost in JSON.
    _isForSetter(value) {
        if (this._takesFile)
            return true;
        if (value === null || value === undefined)
            return false;
        if (Array.isArray(value))
            return this._isList && value.length > 0 && value.every(item => item instanceof GObject.Object);
        return this._isList || (this._takesObject && value instanceof GObject.Object);
    }

    _takesNumbers() {
        try {
            this._owner[this._setter].call(this._Oai.Record.new_from_json(this._owner.constructor.$gtype, '{}'), [1]);
            return true;
        } catch {
            return false;
        }
    }

    _checkItems(values) {
        const kind = this._takesNumbers() ? 'number' : 'object';
        if (values.some(item => item === null || typeof item !== kind))
            throw new TypeError(`${this._owner.constructor.$gtype.name}.${this._member} takes a list of ${kind}s`);
    }

    // ['text', part] as a list of parts, where the member can be one.
    _withTextParts(values) {
        const name = [`${this._member}_parts`, 'parts'].find(field => this._owner[`get_${field}`]);
        const texts = this._owner[`set_${this._member}s`];
        if (!name || (texts && values.every(value => typeof value === 'string')))
            return values;

        const samples = JSON.stringify({[this._member]: ['text', ''].map(type => ({type, text: ''}))});
        const sample = this._Oai.Record.new_from_json(this._owner.constructor.$gtype, samples);
        const [part, other] = this._owner[`get_${name}`].call(sample);
        if (part.constructor === other.constructor)
            return values;
        return values.map(value => typeof value === 'string' ? {type: 'text', text: value} : value);
    }

    set(record, value) {
        if (this._isForSetter(value)) {
            record[this._setter](value);
            return;
        }
        this._look();
        if (this._isList && Array.isArray(value))
            this._checkItems(value);
        if (this._isText && Array.isArray(value) && !this._takesJson)
            value = this._withTextParts(value);
        if (typeof value === 'string' && this._takesJson)
            record.set_member(this._member, _checkText(value));
        else
            record.set_member(this._member, JSON.stringify(value, _checkPlain) ?? null);
    }
}

const _fields = new Map();

// The field of that name, as properties are spelled: stop_list, stopList or stop-list.
function _findField(Oai, record, name) {
    const snake = name.replaceAll('-', '_').replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
    const setter = snake === 'type' ? 'set_type_value' : `set_${snake}`;
    const key = `${record.constructor.$gtype.name} ${setter}`;

    if (!_fields.has(key)) {
        let owner = record;
        while (owner !== null && !Object.hasOwn(owner, setter))
            owner = Object.getPrototypeOf(owner);
        const isField = owner !== null && !(setter in Oai.Record.prototype) && owner[setter].length === 1;
        _fields.set(key, isField ? new Field(Oai, owner, setter, snake) : null);
    }
    return _fields.get(key);
}

// record.messages and record.messages = [...], where GObject has no property of such a type.
// The list is a copy. That of a record that can be changed is frozen: push() would change
// only the copy, and throws.
function _addListFields(Oai) {
    for (const [property, name] of LIST_NAMES) {
        Object.defineProperty(Oai.Record.prototype, property, {
            configurable: true,
            get() {
                const getter = this[`get_${name}`];

                if (getter === Oai.Record.prototype[`get_${name}`])
                    return undefined;

                const values = getter.call(this);
                return this.is_writable() ? Object.freeze(values) : values;
            },
            set(value) {
                const field = _findField(Oai, this, name);

                if (field === null)
                    throw new TypeError(`${this.constructor.$gtype.name}.${name} cannot be set`);
                field.set(this, value);
            },
        });
    }
}

function _assign(Oai, record, members) {
    for (const [name, value] of Object.entries(members)) {
        const field = _findField(Oai, record, name);

        if (field !== null)
            field.set(record, value);
        else
            record.set_member(_checkText(name), JSON.stringify(value, _checkPlain) ?? null);
    }
    return record;
}

// new Oai.ChatMessage({content: …})
function _checkProperties(properties) {
    for (const value of Object.values(properties ?? {}).flat()) {
        if (typeof value === 'string')
            _checkText(value);
    }
}

// What of them GObject has no property for, such as lists of records, comes second.
function _takeListFields(record, properties) {
    const names = Object.keys(properties ?? {}).filter(name => LIST_NAMES.has(name) &&
        GObject.Object.find_property.call(record.constructor, LIST_NAMES.get(name).replaceAll('_', '-')) === null);

    return [
        Object.fromEntries(Object.entries(properties ?? {}).filter(([name]) => !names.includes(name))),
        Object.fromEntries(names.map(name => [name, properties[name]])),
    ];
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
    Oai.PagedList.prototype[Symbol.iterator] = _loadedItems;
    Oai.PagedList.prototype[Symbol.asyncIterator] = _allItems;

    // JSON.stringify(record), and a plain object of it
    Oai.Record.prototype.toJSON = function () {
        return JSON.parse(this.to_json());
    };
    // A member, whatever it holds: record.member('usage').total_tokens
    Oai.Record.prototype.member = function (name) {
        const text = this.dup_member(name);
        return text === null ? undefined : JSON.parse(text);
    };
    // Several at once, by the names of fields or of members in JSON
    Oai.Record.prototype.assign = function (members) {
        return _assign(Oai, this, members);
    };
    const init = Oai.Record.prototype._init;
    Oai.Record.prototype._init = function (properties, ...others) {
        const [ofObject, fields] = _takeListFields(this, properties);

        _checkProperties(ofObject);
        const object = init.call(this, ofObject, ...others) ?? this;
        for (const [name, value] of Object.entries(fields))
            object[name] = value;
        return object;
    };
    _addListFields(Oai);

    _addEndpoints(Oai);
}
