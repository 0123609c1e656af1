//! Exit codes: documented constants, and one order of precedence where several apply.

/// Done; gates `ok` or `improved`.
pub const OK: u8 = 0;
/// Internal error or I/O failure.
pub const INTERNAL: u8 = 1;
/// Wrong usage, invalid scenario or policy.
pub const USAGE: u8 = 2;
/// A gate is `inconclusive`.
pub const INCONCLUSIVE: u8 = 3;
/// A measured command failed or timed out.
pub const COMMAND_FAILED: u8 = 4;
/// A regime could not be proven, or arms were not measured in one job.
pub const UNPROVEN: u8 = 5;
/// A merge is incomplete.
pub const MERGE_INCOMPLETE: u8 = 6;
/// A gate is `regressed`, or an absolute limit is exceeded.
pub const REGRESSED: u8 = 10;

/// Added to the number of the signal that ended a command.
const SIGNALLED: u8 = 128;

/// What each code means, in the order of precedence: what makes the other answers untrustworthy comes first.
/// A code of 128 and more (interrupted) stands before all of them.
pub const PRECEDENCE: [(u8, &str); 8] = [
    (INTERNAL, "internal or I/O error"),
    (USAGE, "wrong usage or invalid scenario"),
    (COMMAND_FAILED, "a measured command failed"),
    (UNPROVEN, "a regime could not be proven or the arms are not of one job"),
    (MERGE_INCOMPLETE, "merge incomplete"),
    (REGRESSED, "limit exceeded or gate regressed"),
    (INCONCLUSIVE, "gate inconclusive"),
    (OK, "done"),
];

/// The code for a run that a signal ended: 130 for SIGINT, 143 for SIGTERM.
pub const fn signalled(signal: i32) -> u8 {
    SIGNALLED + signal as u8
}

/// Whether the user ended the command.
pub const fn is_signalled(code: u8) -> bool {
    code >= SIGNALLED
}

/// The code of a command to which several apply, by [`PRECEDENCE`]; [`OK`] where none does.
pub fn worst(codes: impl IntoIterator<Item = u8>) -> u8 {
    let rank = |code: &u8| {
        // No position: interrupted, or a code that the table lacks and that must not be lost.
        PRECEDENCE.iter().position(|(known, _)| known == code).map_or(0, |position| position + 1)
    };
    codes.into_iter().min_by_key(rank).unwrap_or(OK)
}

/// All codes in one sentence, for `--help`.
pub fn help() -> String {
    let codes: Vec<String> =
        PRECEDENCE.iter().map(|(code, meaning)| format!("{code} {meaning}")).collect();
    format!(
        "Exit codes; if several apply, the first of this list: 130/143 interrupted (`bench run --resume RUN` goes on), {}",
        codes.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_other_answers_untrustworthy_comes_first() {
        assert_eq!(worst([OK, INCONCLUSIVE, REGRESSED]), REGRESSED);
        assert_eq!(worst([REGRESSED, UNPROVEN, COMMAND_FAILED]), COMMAND_FAILED);
        assert_eq!(worst([REGRESSED, UNPROVEN]), UNPROVEN);
        assert_eq!(worst([COMMAND_FAILED, signalled(15), INTERNAL]), 143);
        assert_eq!(worst([]), OK);
    }

    #[test]
    fn the_readme_lists_the_codes_in_the_order_of_precedence() {
        let readme = include_str!("../../README.md");
        let (_, table) = readme.split_once("| exit code | meaning |\n|---|---|\n").unwrap();
        let rows = table.lines().map_while(|line| line.strip_prefix("| "));
        let listed: Vec<&str> = rows.filter_map(|row| Some(row.split_once(" |")?.0)).collect();
        let codes = PRECEDENCE.iter().map(|(code, _)| code.to_string());
        let expected: Vec<String> = std::iter::once("130, 143".to_owned()).chain(codes).collect();
        assert_eq!(listed, expected);
    }
}
