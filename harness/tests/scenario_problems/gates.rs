//! Limits that no run could be held against.

use crate::{refused, with};

#[test]
fn a_gate_has_one_of_the_valid_shapes() {
    let gate = |gate: &str| {
        with(&format!("[[gate]]\n{gate}\n[examples]\nphase = \"build\"\nlist = [\"a\"]"))
    };
    refused(gate("regime = \"cold\""), &["needs exactly one of `max`"]);
    refused(gate("max = \"1s\"\nmax_bytes = 1"), &["`max_bytes` cannot be combined with `max`"]);
    refused(
        gate("regime = \"warm\"\nmax = \"1s\""),
        &["unknown word `warm`, expected one of `cold`, `same-runner`"],
    );
    refused(gate("min_hit_rate = 95"), &["neither a percentage nor a number from 0 to 1"]);
    refused(gate("min_hit_rate = \"95\""), &["neither a percentage"]);
    refused(gate("min_hit_rate = nan"), &["neither a percentage"]);
    refused(gate("min_speedup = 0"), &["not a number greater than 0"]);
    refused(gate("min_speedup = inf"), &["not a number greater than 0"]);
    refused(gate("max_bytes = -1"), &["`max_bytes` is not a size"]);
    refused(gate("max_bytes = \"1 mb\""), &["`max_bytes` is not a size"]);
    refused(gate("phase = \"build\"\nmin_hit_rate = 1"), &["`min_hit_rate` has no `phase`"]);
    refused(gate("examples = \"1\"\nmax_restore = \"1s\""), &["`max_restore` has no `examples`"]);
    refused(gate("regime = \"cold\"\nmin_speedup = 2"), &["says nothing about cold samples"]);
    for (margin, floor) in [("2%", "5%"), ("5%", "5%"), ("0%", "0%")] {
        for rule in ["baseline", "warm_against_cold"] {
            refused(
                gate(&format!("{rule} = {{ margin = \"{margin}\", floor = \"{floor}\" }}")),
                &["`floor` is not below `margin`"],
            );
        }
    }
    assert!(gate("baseline = { margin = \"1%\" }").is_ok(), "the floor follows the margin");
    refused(gate("max_net_loss = \"-1s\""), &["not a duration"]);
    refused(gate("max_net_loss = \"0x\""), &["not a duration"]);
    refused(gate("phase = \"build\"\nmax_net_loss = \"0s\""), &["`max_net_loss` has no `phase`"]);
    refused(
        gate("examples = \"1\"\nwarm_against_cold = {}"),
        &["`warm_against_cold` has no `examples`"],
    );
    for rule in ["max_net_loss = \"0s\"", "warm_against_cold = {}"] {
        refused(gate(&format!("regime = \"cold\"\n{rule}")), &["says nothing about cold samples"]);
    }
    for good in ["max_net_loss = \"0s\"", "max_net_loss = \"1m 30s\"", "warm_against_cold = {}"] {
        assert!(gate(good).is_ok(), "{good}");
    }
    for bad in ["0", "0..", "5..2", "..", "..3", "2..0"] {
        refused(
            gate(&format!("examples = \"{bad}\"\nmax = \"1s\"")),
            &["is not a range of positions"],
        );
    }
    refused(gate("examples = \"a[\"\nmax = \"1s\""), &["neither positions nor a glob"]);
    for good in ["1", "2..", "2..5", "Blink*", "v1..v2"] {
        assert!(gate(&format!("examples = \"{good}\"\nmax = \"1s\"")).is_ok(), "{good}");
    }
}
