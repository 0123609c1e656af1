//! Landlock: measured commands write beneath their roots and nowhere else.

use bench::system::exec::{
    Confinement, ConfinementStatus, Ended, Executor, Invocation, RealExecutor,
};
use landlock::{ABI, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr};

use crate::support::{Bed, free_executor};

/// Asks the kernel itself, not the code under test.
pub(crate) fn kernel_has_it() -> bool {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_write(ABI::V2))
        .is_ok_and(|rules| rules.create().is_ok())
}

fn confined(bed: &Bed) -> RealExecutor {
    let roots = vec![bed.path().to_owned()];
    let executor = RealExecutor::new(Confinement::WriteWithin(roots)).unwrap();
    let status = executor.confinement_status();
    assert!(status.is_active(), "the kernel has Landlock, but: {status:?}");
    executor
}

fn outside_and_command(bed: &Bed, outside: &Bed, script: &str) -> Invocation {
    let mut command = bed.sh(script);
    command.env.insert("OUTSIDE".to_owned(), outside.path().display().to_string());
    command
}

pub(crate) fn every_kind_of_write_outside_the_roots_fails_and_beneath_them_works() {
    let (bed, outside) = (Bed::new(), Bed::new());
    let mut executor = confined(&bed);
    std::fs::write(outside.file("kept"), "kept").unwrap();
    std::fs::create_dir(outside.file("dir")).unwrap();
    for script in [
        "touch $OUTSIDE/new",
        "echo changed > $OUTSIDE/kept",
        "echo more >> $OUTSIDE/kept",
        "truncate -s 0 $OUTSIDE/kept",
        "rm $OUTSIDE/kept",
        "mv $OUTSIDE/kept stolen",
        "ln $OUTSIDE/kept linked && echo changed > linked",
        "mkdir $OUTSIDE/new",
        "rmdir $OUTSIDE/dir",
        "ln -s x $OUTSIDE/new",
        "touch mine && mv mine $OUTSIDE/new",
        "ln -s $OUTSIDE/kept alias && echo changed > alias",
        "setsid -f -w touch $OUTSIDE/new",
    ] {
        let finished = executor.run(&outside_and_command(&bed, &outside, script)).unwrap();
        assert!(!finished.ended.success(), "`{script}` succeeded: {finished:?}");
        assert_eq!(outside.read("kept"), "kept", "`{script}`");
        assert!(!outside.file("new").exists(), "`{script}`");
        assert!(outside.file("dir").is_dir(), "`{script}`");
    }
    let inside = "mkdir a b && echo x > a/f && mv a/f b/f && ln b/f a/g && ln -s f b/s && \
        : > b/f && rm b/f b/s a/g && rmdir a b && echo x > /dev/null && cat /etc/passwd > copy && \
        echo said > /dev/stderr";
    let finished = executor.run(&bed.sh(inside)).unwrap();
    assert_eq!(finished.ended, Ended::Exited(0), "{}", bed.stderr());
    assert!(bed.stderr().ends_with("said\n"));
}

pub(crate) fn captures_and_services_are_confined_as_commands_are() {
    let (bed, outside) = (Bed::new(), Bed::new());
    let mut executor = confined(&bed);
    let command = outside_and_command(&bed, &outside, "touch $OUTSIDE/new");
    assert_eq!(executor.capture(&command).unwrap().ended, Ended::Exited(1));
    let service = executor.start(&command).unwrap();
    crate::support::wait_until("the service to end", || executor.ended(service).unwrap().is_some());
    assert_eq!(executor.ended(service).unwrap(), Some(Ended::Exited(1)));
    assert!(!outside.file("new").exists());
}

pub(crate) fn this_process_and_an_executor_without_confinement_stay_free() {
    let (bed, outside) = (Bed::new(), Bed::new());
    let _confined = confined(&bed);
    std::fs::write(outside.file("ours"), "").unwrap();
    let mut free = free_executor();
    assert_eq!(free.confinement_status(), &ConfinementStatus::Off);
    let command = outside_and_command(&bed, &outside, "touch $OUTSIDE/new");
    assert!(free.run(&command).unwrap().ended.success());
}

pub(crate) fn the_isolation_record_says_what_is_in_use() {
    let bed = Bed::new();
    let free = free_executor().isolation();
    assert_eq!(free.in_use.get("landlock"), Some(&false));
    assert_eq!(free.in_use.get("sub-reaper"), Some(&true));
    assert_eq!(free.in_use.get("user-namespace"), Some(&false));
    assert!(free.available.contains(&"landlock".to_owned()));
    let executor = confined(&bed);
    let isolation = executor.isolation();
    assert_eq!(isolation.in_use.get("landlock"), Some(&true));
    assert_eq!(isolation.available, free.available);
    assert!(isolation.available.is_sorted());
}
