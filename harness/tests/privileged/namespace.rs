//! Namespaces: made outside of the confinement, entered within it.

use bench::system::exec::{
    Confinement, Executor, Invocation, NamespaceKind, NamespaceRequest, RealExecutor,
};

use crate::support::Bed;

fn map() -> [String; 2] {
    ["--map-user=1".to_owned(), "--map-group=1".to_owned()]
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

pub(crate) fn a_confined_command_enters_a_namespace_that_it_could_not_make() {
    let (bed, outside) = (Bed::new(), Bed::new());
    let confinement = Confinement::WriteWithin(vec![bed.path().to_owned()]);
    let mut executor = RealExecutor::new(confinement).unwrap();
    let map = map();
    let wanted = NamespaceRequest { kinds: &[NamespaceKind::User], options: &map, script: "true" };
    let env = bed.sh("").env;
    let made = executor.namespaces(wanted, env, bed.path()).unwrap();
    let namespaces = made.unwrap_or_else(|why| panic!("{why}"));
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
