//! Namespaces that cannot be made.

use bench::system::exec::{Executor, NamespaceRequest};

use crate::support::Bed;

isolated_tests! {
    fn what_cannot_be_made_is_reported_in_the_words_of_the_program() {
        let bed = Bed::new();
        let mut executor = crate::support::free_executor();
        for (options, script, expected) in [
            (vec!["--no-such-option".to_owned()], "true", "no-such-option"),
            (Vec::new(), "echo 'not here' >&2; false", "not here"),
            (Vec::new(), "false", "it says no reason"),
        ] {
            // No namespace at all needs no privilege.
            let wanted = NamespaceRequest { kinds: &[], options: &options, script };
            let made = executor.namespaces(wanted, bed.sh("").env, bed.path()).unwrap();
            let why = made.unwrap_err();
            assert!(why.contains(expected), "{why}");
            assert!(bed.alive().is_empty());
        }
    }
}
