//! Keys that are unknown, missing, of another type or too many.

use crate::{parse, refused, with};

#[test]
fn an_unknown_key_is_named_with_the_nearest_known_one() {
    refused(
        with("[[cache]]\nname = \"a\"\npath = \"{cache}/a\"\ntransprt = \"archive\""),
        &["unknown key `transprt` in [[cache]] (hint: did you mean `transport`?)"],
    );
    refused(
        with("[nonsense]\n"),
        &["unknown key `nonsense` in the file (hint: known here: `scenario`,"],
    );
    refused(
        with("[params.jobs]\nvalues = [1]\nopne = true"),
        &["unknown key `opne` in [params.NAME]"],
    );
}

#[test]
fn a_wrong_type_is_named_with_the_expected_one() {
    refused(with("[env]\npass = \"A\""), &["expected a list of strings, found a string"]);
    refused(
        with("[env]\npass = [1]"),
        &["expected a string, found an integer (hint: write `\"1\"`)"],
    );
    refused(with("[env]\nset = 1979-05-27"), &["expected a table, found a date"]);
    refused(with("[[cache]]\nname = 1.5\npath = \"{cache}/a\""), &["found a float"]);
    refused(
        with("[cache]\nname = \"a\""),
        &["expected an array of tables (hint: write `[[cache]]`)"],
    );
    refused(with("[tools]\nmake = 1"), &["expected a table, found an integer"]);
    refused(
        parse("scenario = 1\n[[phase]]\nname = \"a\"\nmeasured = \"yes\"\nrun = [\"a\"]"),
        &["expected a table, found an integer", "expected `true` or `false`, found a string"],
    );
}

#[test]
fn a_missing_key_is_named_at_its_table() {
    refused(with("[[cache]]\n"), &["[[cache]] has no `name`", "[[cache]] has no `path`"]);
    refused(parse(""), &["the file has no `phase`", "the file has no `scenario`"]);
    refused(with("[tools.make]\n"), &["needs at least one of `version`, `exists`"]);
    refused(with("[tools.make]\nexists = \"/x\"\nmin = \"1\""), &["`min` needs `version`"]);
    refused(with("[source]\ngit = \"u\""), &["`git` needs `rev`"]);
    refused(with("[source]\nrev = \"u\""), &["`rev` needs `git`"]);
}

#[test]
fn exactly_one_of_several_keys_is_given() {
    refused(
        with("[examples]\nphase = \"build\""),
        &["needs exactly one of `glob`, `list`, `command`, `extract`"],
    );
    refused(
        with("[examples]\nphase = \"build\"\nlist = [\"a\"]\nglob = \"*\""),
        &["cannot be combined with `glob`"],
    );
    refused(
        with("[[probe]]\nname = \"a\"\nhits = \"h\""),
        &["needs exactly one of `run`, `phase`, `service`"],
    );
    refused(
        with("[source]\npath = \"a\"\ngit = \"b\"\nrev = \"c\""),
        &["`git` cannot be combined with `path`"],
    );
    refused(
        with("[[service]]\nname = \"a\"\nrun = [\"r\"]\nready = { within = \"1s\" }"),
        &["needs exactly one of `tcp`, `file`, `output`"],
    );
    refused(
        with("[[service]]\nname = \"a\"\nrun = [\"r\"]\nready = { tcp = \"http\" }"),
        &["`http` is not a port"],
    );
    for port in ["80", "65536", "-1", "1.5", "\"18320\""] {
        let service = format!("[[service]]\nname = \"a\"\nrun = [\"r\"]\nport = {port}");
        refused(with(&service), &["`port` is not an integer from 1024 to 65535"]);
    }
}
