//! Tests that need something the system may not grant, such as a user namespace or a mount.
//!
//! Whether it does is asked without the code under test. A test that cannot run here is listed as ignored, by
//! name, and its reason is printed; it never passes. The tests run one after the other: a sweep ends every
//! descendant of this process.
#![cfg(target_os = "linux")]

#[path = "../common/mod.rs"]
mod common;
mod full_disk;
mod landlock;
mod namespace;
#[expect(dead_code, unused_macros, reason = "these tests use a part of it")]
#[path = "../exec_real/support.rs"]
mod support;

use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Trial};

/// What a test needs, and whether the system grants it.
struct Need {
    what: &'static str,
    is_met: fn() -> bool,
}

const USER_NAMESPACE: Need = Need {
    what: "a user namespace",
    is_met: || succeeds(&["unshare", "--user", "--map-user=1", "--map-group=1", "true"]),
};
const MOUNT: Need = Need {
    what: "a mount in a mount namespace",
    is_met: || succeeds(&["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/tmp"]),
};
const LANDLOCK: Need = Need { what: "Landlock", is_met: landlock::kernel_has_it };

fn succeeds(command: &[&str]) -> bool {
    Command::new(command[0])
        .args(&command[1..])
        .output()
        .is_ok_and(|output| output.status.success())
}

/// A test as a trial of the harness, ignored where `need` is not met.
fn trial((name, test): (&'static str, fn()), need: &Need) -> Trial {
    let met = (need.is_met)();
    if !met {
        eprintln!("skipped: {name}: {} cannot be had here", need.what);
    }
    let run = move || {
        test();
        Ok(())
    };
    Trial::test(name, run).with_ignored_flag(!met)
}

/// A test and its name.
macro_rules! named {
    ($module:ident :: $test:ident) => {
        (stringify!($test), $module::$test as fn())
    };
}

fn main() -> ExitCode {
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let trials = vec![
        trial(
            named!(landlock::every_kind_of_write_outside_the_roots_fails_and_beneath_them_works),
            &LANDLOCK,
        ),
        trial(named!(landlock::captures_and_services_are_confined_as_commands_are), &LANDLOCK),
        trial(
            named!(landlock::this_process_and_an_executor_without_confinement_stay_free),
            &LANDLOCK,
        ),
        trial(named!(landlock::the_isolation_record_says_what_is_in_use), &LANDLOCK),
        trial(
            named!(namespace::a_confined_command_enters_a_namespace_that_it_could_not_make),
            &USER_NAMESPACE,
        ),
        trial(
            named!(full_disk::a_tool_that_ignores_a_full_disk_gives_a_wrong_output_on_the_next_run),
            &MOUNT,
        ),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}
