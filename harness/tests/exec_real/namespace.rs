//! Namespaces: made outside of the confinement, entered within it.

use bench::system::exec::{Confinement, Executor, Invocation, NamespaceKind, RealExecutor, Wanted};

use crate::support::Bed;

fn map() -> [String; 2] {
    ["--map-user=1".to_owned(), "--map-group=1".to_owned()]
}

/// Whether the system lets anybody make a user namespace, asked without the code under test.
fn system_has_them() -> bool {
    let mut command = std::process::Command::new("unshare");
    command.arg("--user").args(map()).arg("true").status().is_ok_and(|status| status.success())
}

/// Namespaces that a command without an entrance has open.
fn inherited(executor: &mut RealExecutor, bed: &Bed) -> Vec<String> {
    let command = bed.sh("for fd in /proc/self/fd/*; do readlink $fd; done; true");
    let said = executor.capture(&command).unwrap().stdout;
    assert!(said.contains("/dev/null"), "{said}");
    said.lines().filter(|name| name.starts_with("user:")).map(str::to_owned).collect()
}

fn in_front(words: &[String], mut command: Invocation) -> Invocation {
    command.argv.splice(..0, words.iter().cloned());
    command
}

isolated_tests! {
    fn a_confined_command_enters_a_namespace_that_it_could_not_make() {
        let (bed, outside) = (Bed::new(), Bed::new());
        let confinement = Confinement::WriteBeneath(vec![bed.path().to_owned()]);
        let mut executor = RealExecutor::new(confinement).unwrap();
        let map = map();
        let wanted = Wanted { kinds: &[NamespaceKind::User], options: &map, script: "true" };
        let env = bed.sh("").env;
        let made = executor.namespaces(wanted, env, bed.path()).unwrap();
        let namespaces = match made {
            Ok(namespaces) => namespaces,
            Err(why) => {
                assert!(!system_has_them(), "{why}");
                eprintln!("not checked: no user namespace can be made here ({why})");
                return;
            }
        };
        assert!(bed.alive().is_empty(), "{:?} is left in them", bed.alive());
        assert!(inherited(&mut executor, &bed).is_empty(), "before there is an entrance");
        let entrance = namespaces.entrance().unwrap();
        assert_eq!(inherited(&mut executor, &bed).len(), 1, "while it is open");
        for script in ["id -u", "echo x > mine && stat -c %u mine"] {
            let command = in_front(entrance.words(), bed.sh(script));
            assert_eq!(executor.capture(&command).unwrap().stdout, "1\n", "`{script}`");
        }
        let escape = format!("touch {}/new", outside.path().display());
        if executor.confinement_status().is_active() {
            let command = in_front(entrance.words(), bed.sh(&escape));
            assert!(!executor.run(&command).unwrap().ended.success());
            assert!(!outside.file("new").exists());
        }
        drop(entrance);
        assert!(inherited(&mut executor, &bed).is_empty(), "after it was closed");
    }

    fn what_cannot_be_made_is_told_in_the_words_of_the_program() {
        let bed = Bed::new();
        let mut executor = crate::support::free_executor();
        for (options, script, expected) in [
            (vec!["--no-such-option".to_owned()], "true", "no-such-option"),
            (Vec::new(), "echo 'not here' >&2; false", "not here"),
            (Vec::new(), "false", "it says no reason"),
        ] {
            // No namespace at all needs no privilege.
            let wanted = Wanted { kinds: &[], options: &options, script };
            let made = executor.namespaces(wanted, bed.sh("").env, bed.path()).unwrap();
            let why = made.unwrap_err();
            assert!(why.contains(expected), "{why}");
            assert!(bed.alive().is_empty());
        }
    }
}
