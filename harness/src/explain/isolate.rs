//! Programs that give a command another host name or user, where the kernel lets them.

use std::path::Path;

use super::machine::{OTHER_HOST, OTHER_USER};
use crate::exec::{ExecError, Executor, Invocation};
use crate::runner::of_the_user;

/// The user id of [`OTHER_USER`].
const OTHER_UID: &str = "1";

/// Words in front of a command that give it another host name, or why there are none.
pub(super) fn other_host(
    executor: &mut dyn Executor,
    scratch: &Path,
) -> Result<Result<Vec<String>, String>, ExecError> {
    let script = format!("hostname {OTHER_HOST} && exec \"$@\"");
    let tail = ["sh", "-c", script.as_str(), "sh"];
    // With privilege; else a user namespace that keeps the user's id.
    let heads: [&[&str]; 2] = [
        &["unshare", "--uts"],
        &["unshare", "--user", "--map-current-user", "--keep-caps", "--uts"],
    ];
    let ways = heads.map(|head| head.iter().chain(&tail).map(|w| (*w).to_owned()).collect());
    first_that_prints(executor, scratch, ways, &["hostname"], OTHER_HOST)
}

/// Words in front of a command that make it run as another user, or why there are none.
pub(super) fn other_user(
    executor: &mut dyn Executor,
    scratch: &Path,
) -> Result<Result<Vec<String>, String>, ExecError> {
    let map = |what: &str| format!("--map-{what}={OTHER_UID}");
    let way = vec!["unshare".to_owned(), "--user".to_owned(), map("user"), map("group")];
    first_that_prints(executor, scratch, [way], &["id", "-un"], OTHER_USER)
}

fn first_that_prints<const N: usize>(
    executor: &mut dyn Executor,
    scratch: &Path,
    ways: [Vec<String>; N],
    question: &[&str],
    answer: &str,
) -> Result<Result<Vec<String>, String>, ExecError> {
    let mut why = String::new();
    for words in ways {
        let argv = words.iter().cloned().chain(question.iter().map(|w| (*w).to_owned()));
        let captured = executor.capture(&Invocation {
            argv: argv.collect(),
            cwd: scratch.to_owned(),
            env: of_the_user(),
            stdout: scratch.join("isolate.out"),
            stderr: scratch.join("isolate.err"),
            timeout: None,
        });
        match captured {
            Ok(captured) if captured.ended.success() && captured.stdout.trim() == answer => {
                return Ok(Ok(words));
            }
            Ok(captured) => {
                let said = captured.stderr.lines().next().unwrap_or("it has no effect");
                said.clone_into(&mut why);
            }
            Err(ExecError::Spawn { program, .. }) => why = format!("`{program}` is not here"),
            Err(error) => return Err(error),
        }
    }
    Ok(Err(format!("a namespace cannot be made here: {why}")))
}
