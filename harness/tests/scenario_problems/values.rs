//! Single values: durations, variables, patterns, versions, packages, lists.

use crate::{refused, with};

#[test]
fn single_values_are_checked() {
    let phase = |more: &str| with(&format!("[[phase]]\nname = \"x\"\nrun = [\"a\"]\n{more}"));
    for bad in ["5", "0s", "-1s", "soon", "1.5"] {
        refused(
            phase(&format!("timeout = \"{bad}\"")),
            &["is not a duration above zero (hint: write `10s`"],
        );
    }
    refused(
        phase("env = { \"A-B\" = \"1\" }"),
        &["`A-B` is not a valid name of an environment variable"],
    );
    refused(
        with("[env]\npass = [\"1A\", \"\"]"),
        &["`1A` is not a valid name", "`` is not a valid name"],
    );
    refused(
        with("[[probe]]\nname = \"p\"\nrun = [\"r\"]\nhits = \"(\""),
        &["invalid regular expression: unclosed group"],
    );
    refused(
        with("[[probe]]\nname = \"p\"\nrun = [\"r\"]\nhits = '((a{1000}){1000}){1000}'"),
        &["invalid regular expression: "],
    );
    refused(with("[outputs]\npaths = [\"a[\"]"), &["invalid glob: unclosed character class"]);
    refused(
        with("[outputs]\npaths = [\"/a\", \"a/../b\"]"),
        &["leaves its directory", "leaves its directory"],
    );
    refused(with("[tools.a]\nversion = [\"a\"]\nmin = \"1.x\""), &["`1.x` is not a version"]);
    refused(
        with("[tools.a]\nexists = \"/a\"\ninstall = { debain = [\"a\"] }"),
        &["unknown platform `debain` in `install` (hint: did you mean `debian`?)"],
    );
    refused(
        with("[tools.a]\nexists = \"/a\"\ninstall = { debian = [\"-y\", \"a b\"] }"),
        &["`-y` is not the name of a package", "`a b` is not the name of a package"],
    );
    refused(
        with("[examples]\nphase = \"build\"\nlist = [\"a\", \"a\"]"),
        &["empty or listed twice"],
    );
    refused(with("[examples]\nphase = \"build\"\nlist = [\"a\"]\nname = \"a\""), &["no group"]);
    refused(
        with("[examples]\nphase = \"build\"\nextract = { format = \"xml\" }"),
        &["unknown word `xml`, expected one of `junit`, `tsv`"],
    );
    refused(
        with("[params]\na = []\nb = \"x\"\nc = [1, 1]\nd = [\"x,y\"]\ne = [[1]]"),
        &[
            "param `a` has no value",
            "param `b` is not a list",
            "the same value twice",
            "a comma",
            "expected a string, a number or a boolean",
        ],
    );
}
