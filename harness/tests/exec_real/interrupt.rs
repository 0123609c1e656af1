//! Signals to `bench` itself.

use std::time::Duration;

use bench::system::exec::{Ended, Executor};
use rustix::process::Signal;

use crate::support::{Bed, free_executor, role, send, start_role, wait_for_exit, wait_until};

const TREE: &str = "setsid -f sleep 600; sleep 601; true";
const TREE_ALIVE: [&str; 3] = ["sh", "sleep", "sleep"];

isolated_tests! {
    fn a_signal_kills_the_running_command_and_nothing_is_started_afterwards() {
        let name = concat!(module_path!(),
            "::a_signal_kills_the_running_command_and_nothing_is_started_afterwards");
        if let Some((_, bed)) = role() {
            let mut executor = free_executor();
            assert_eq!(executor.interrupted(), None);
            let finished = executor.run(&bed.sh(TREE)).unwrap();
            assert_eq!(finished.ended, Ended::Interrupted);
            assert_eq!(executor.interrupted(), Some(15));
            let later = executor.run(&bed.sh("touch later")).unwrap();
            assert_eq!(later.ended, Ended::Interrupted);
            let later = executor.capture(&bed.sh("touch later")).unwrap();
            assert_eq!(later.ended, Ended::Interrupted);
            // Returns at once, or the test takes an hour.
            executor.pause(Duration::from_hours(1));
            std::fs::write(bed.file("checked"), "").unwrap();
            return;
        }
        let bed = Bed::new();
        let mut bench = start_role(name, "bench", &bed);
        wait_until("the command", || bed.alive() == TREE_ALIVE);
        send(&bench, Signal::TERM);
        assert!(wait_for_exit(&mut bench).success());
        assert!(bed.file("checked").exists());
        assert!(!bed.file("later").exists());
        assert!(bed.alive().is_empty(), "{:?}", bed.alive());
    }

    fn an_interrupt_ends_a_capture_and_a_pause() {
        let name = concat!(module_path!(), "::an_interrupt_ends_a_capture_and_a_pause");
        if let Some((_, bed)) = role() {
            let mut executor = free_executor();
            let captured = executor.capture(&bed.sh(&format!("echo partial; {TREE}"))).unwrap();
            assert_eq!(captured.ended, Ended::Interrupted);
            assert_eq!(captured.stdout, "partial\n");
            assert_eq!(executor.interrupted(), Some(2));
            std::fs::write(bed.file("checked"), "").unwrap();
            return;
        }
        let bed = Bed::new();
        let mut bench = start_role(name, "bench", &bed);
        wait_until("the command", || bed.alive() == TREE_ALIVE);
        send(&bench, Signal::INT);
        assert!(wait_for_exit(&mut bench).success());
        assert!(bed.file("checked").exists());
        assert!(bed.alive().is_empty(), "{:?}", bed.alive());
    }

    fn a_second_interrupt_exits_at_once_with_130_and_leaves_nothing_behind() {
        let name = concat!(module_path!(),
            "::a_second_interrupt_exits_at_once_with_130_and_leaves_nothing_behind");
        if let Some((_, bed)) = role() {
            let mut executor = free_executor();
            executor.start(&bed.sh(TREE)).unwrap();
            executor.pause(Duration::from_hours(1));
            std::fs::write(bed.file("asked"), "").unwrap();
            // Work that does not listen.
            loop {
                std::thread::park();
            }
        }
        let bed = Bed::new();
        let mut bench = start_role(name, "bench", &bed);
        wait_until("the service", || bed.alive() == TREE_ALIVE);
        send(&bench, Signal::INT);
        bed.wait_for("asked");
        assert_eq!(bed.alive(), TREE_ALIVE);
        send(&bench, Signal::INT);
        assert_eq!(wait_for_exit(&mut bench).code(), Some(130));
        assert!(bed.alive().is_empty(), "{:?}", bed.alive());
    }

    fn a_signal_that_was_ignored_from_the_start_stays_ignored() {
        let name = concat!(module_path!(),
            "::a_signal_that_was_ignored_from_the_start_stays_ignored");
        if let Some((_, bed)) = role() {
            let mut executor = free_executor();
            std::fs::write(bed.file("ready"), "").unwrap();
            wait_until("both signals", || executor.interrupted().is_some());
            executor.pause(Duration::ZERO);
            assert_eq!(executor.interrupted(), Some(15));
            return;
        }
        let bed = Bed::new();
        // `nohup` in two words, which leaves standard output alone.
        let name = name.split_once("::").unwrap().1;
        let mut bench = std::process::Command::new("sh")
            .args(["-c", "trap '' HUP; exec \"$0\" \"$1\" --exact --nocapture"])
            .arg(std::env::current_exe().unwrap())
            .arg(name)
            .env("ROLE", "bench")
            .env("BED", bed.path())
            .spawn()
            .unwrap();
        bed.wait_for("ready");
        send(&bench, Signal::HUP);
        send(&bench, Signal::TERM);
        assert!(wait_for_exit(&mut bench).success());
    }
}
