// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Creates each public class without arguments, reads its properties, and calls its methods
// without arguments. They can throw an error, but must not crash or block. Prints TAP.

import GObject from 'gi://GObject';
import Oai from 'gi://Oai?version=1';
import System from 'system';

// Uses neither the network nor a key of the user: no server has this address.
const SETTINGS = Oai.Settings.new_for_base_url('http://127.0.0.1:1/v1');
SETTINGS.set_max_retries(0);

function listClasses() {
    return Object.getOwnPropertyNames(Oai).map(name => Oai[name]).filter(value =>
        typeof value === 'function' && value.$gtype && GObject.type_is_a(value.$gtype, GObject.Object.$gtype) &&
        !GObject.type_test_flags(value.$gtype, GObject.TypeFlags.ABSTRACT));
}

function listMethods(object) {
    const names = new Set();
    for (let owner = Object.getPrototypeOf(object); owner !== GObject.Object.prototype; owner = Object.getPrototypeOf(owner)) {
        for (const name of Object.getOwnPropertyNames(owner)) {
            if (!name.startsWith('_') && !name.startsWith('vfunc_') && name !== 'constructor')
                names.add(name);
        }
    }
    return names;
}

function make(type) {
    return type === Oai.Client ? new Oai.Client({auth: Oai.Auth.new('sk-test'), settings: SETTINGS}) : new type();
}

function check(type) {
    const plain = new type();
    for (const pspec of GObject.Object.list_properties.call(type)) {
        if (pspec.flags & GObject.ParamFlags.READABLE)
            void plain[pspec.name.replaceAll('-', '_')];
    }
    for (const name of listMethods(plain)) {
        const object = make(type);
        if (typeof object[name] !== 'function' || name.endsWith('_async') || name.endsWith('_finish'))
            continue;
        try {
            if (object[name].length === 0)
                object[name]();
            else
                object[name](...Array(object[name].length).fill(null));
        } catch (e) {
            if (e instanceof ReferenceError || e instanceof SyntaxError)
                throw e;
        }
    }
}

const classes = listClasses();
let failures = 0;
print(`1..${classes.length}`);
for (const [number, type] of classes.entries()) {
    try {
        check(type);
        print(`ok ${number + 1} a plain ${type.$gtype.name}`);
    } catch (e) {
        failures++;
        print(`not ok ${number + 1} a plain ${type.$gtype.name}`);
        print(`${e}\n${e.stack}`.trim().replace(/^/gm, '# '));
    }
}
System.exit(failures || !classes.length ? 1 : 0);
