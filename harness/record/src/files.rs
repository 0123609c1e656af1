//! Names of the files of a run directory: one place, since several parts write, read or look for them.

/// Journal of `bench run`, `bench import` and `bench merge`: the records of a run.
pub const RECORDS: &str = "records.ndjson";
/// Journal of `bench explain`.
pub const EXPLAIN_JOURNAL: &str = "explain.ndjson";
/// Journal of `bench ablate`.
pub const ABLATE_JOURNAL: &str = "trials.ndjson";
/// Every journal. A directory that holds one belongs to `bench`.
pub const JOURNALS: [&str; 3] = [RECORDS, EXPLAIN_JOURNAL, ABLATE_JOURNAL];
/// Kinds of the lines that journals begin with.
pub(crate) const STARTS: [&str; 2] = ["run", "ablation"];

/// Summary of a run, derived from its records.
pub const SUMMARY: &str = "summary.json";
/// Report of a run, derived from its records; relative to the run directory.
pub const REPORT_PAGE: &str = "report/index.html";
/// Directory of the logs of commands.
pub const LOGS: &str = "logs";

/// Description of the snapshots that one job saved for another; it lies in their directory.
pub const SNAPSHOT_MANIFEST: &str = "snapshot.json";

/// What a command of trials (`explain`, `ablate`, `verify`) found, for programs.
pub fn document(command: &str) -> String {
    format!("{command}.json")
}

/// What a command of trials found, for people.
pub fn page(command: &str) -> String {
    format!("{command}.md")
}
