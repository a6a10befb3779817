/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Records as nodes of json-glib in Vala. */

void test_round_trip () {
    try {
        var request = new Oai.ChatRequest ("m");
        request.add_user_message ("hi");
        var node = OaiJsonGlib.record_to_node (request);
        assert_true (node.get_object ().get_string_member ("model") == "m");

        var again = OaiJsonGlib.record_new_from_node (typeof (Oai.ChatRequest), node);
        assert_true (again is Oai.ChatRequest);
        assert_true (again.equal (request));
    } catch (Error error) {
        assert_not_reached ();
    }
}

void test_members () {
    try {
        var node = Json.from_string ("{\"a\":{\"b\":[1.5]}}");
        var record = OaiJsonGlib.record_new_from_node (typeof (Oai.Record), node);
        Json.Node? member = OaiJsonGlib.record_dup_member_node (record, "a");
        assert_true (member.get_object ().get_array_member ("b").get_double_element (0) == 1.5);
        assert_true (OaiJsonGlib.record_dup_member_node (record, "c") == null);
        assert_true (OaiJsonGlib.record_set_member_node (record, "c", member));
        assert_true (record.to_json () == "{\"a\":{\"b\":[1.5]},\"c\":{\"b\":[1.5]}}");
    } catch (Error error) {
        assert_not_reached ();
    }
}

void test_errors () {
    try {
        OaiJsonGlib.record_new_from_node (typeof (Oai.ChatMessage), null);
        assert_not_reached ();
    } catch (Error error) {
        assert_true (error is Oai.Error.INVALID_ARGUMENT);
    }
}

int main (string[] args) {
    Test.init (ref args);
    Test.add_func ("/json-glib/round-trip", test_round_trip);
    Test.add_func ("/json-glib/members", test_members);
    Test.add_func ("/json-glib/errors", test_errors);
    return Test.run ();
}
