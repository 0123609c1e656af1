//! Time-outs, sweeps, and what a killed `bench` leaves behind.

use std::process::Command;
use std::time::Duration;

use bench::system::exec::{Ended, Executor, kill_strays_of};

use crate::support::{Bed, free_executor, role, start_role, wait_for_exit, wait_until};

/// A child, a grandchild in a session of its own, and a daemon that fled by a double fork.
const TREE: &str =
    "sh -c 'setsid sleep 600 & sleep 601; true' & setsid -f sleep 602; sleep 603; true";
const TREE_ALIVE: [&str; 6] = ["sh", "sh", "sleep", "sleep", "sleep", "sleep"];

isolated_tests! {
    fn a_time_out_kills_the_whole_tree_and_a_daemon_that_fled_from_it() {
        let bed = Bed::new();
        let mut executor = free_executor();
        // An earlier command's daemon is not part of the tree.
        executor.run(&bed.sh("setsid -f sleep 500")).unwrap();
        wait_until("the earlier daemon", || bed.alive() == ["sleep"]);
        // It must be older than the command by a tick of the kernel's clock to be told apart.
        executor.pause(Duration::from_millis(30));
        let mut command = bed.sh(TREE);
        command.timeout = Some(Duration::from_secs(3));
        let before_the_end = std::thread::spawn({
            let bed = bed.again();
            move || wait_until("the whole tree", || bed.alive().len() == TREE_ALIVE.len() + 1)
        });
        let finished = executor.run(&command).unwrap();
        before_the_end.join().unwrap();
        assert_eq!(finished.ended, Ended::TimedOut);
        assert!(finished.wall_ns >= 3_000_000_000, "{finished:?}");
        assert_eq!(bed.alive(), ["sleep"]);
        assert_eq!(executor.sweep().unwrap().killed.len(), 1);
    }

    fn a_captured_command_is_killed_at_its_time_out_with_its_tree() {
        let bed = Bed::new();
        let mut command = bed.sh(&format!("echo partial; {TREE}"));
        command.timeout = Some(Duration::from_secs(1));
        let captured = free_executor().capture(&command).unwrap();
        assert_eq!((captured.ended, captured.stdout.as_str()), (Ended::TimedOut, "partial\n"));
        assert!(bed.alive().is_empty(), "{:?}", bed.alive());
    }

    fn a_sweep_kills_a_double_forking_daemon_with_a_session_of_its_own() {
        let bed = Bed::new();
        let mut executor = free_executor();
        let script = "setsid -f sh -c 'sleep 600 & sleep 601; true'; exit 0";
        assert!(executor.run(&bed.sh(script)).unwrap().ended.success());
        wait_until("the daemon", || bed.alive() == ["sh", "sleep", "sleep"]);
        let swept = executor.sweep().unwrap();
        let mut names: Vec<&str> = swept.killed.iter().map(|stray| stray.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["sh", "sleep", "sleep"]);
        assert!(bed.alive().is_empty());
        assert!(executor.sweep().unwrap().killed.is_empty());
    }

    fn a_sweep_keeps_up_with_a_process_that_forks_on_and_on() {
        let bed = Bed::new();
        let mut executor = free_executor();
        // Each generation leaves its parent at once.
        bed.script("hop", "touch hopped; ./hop & exit 0");
        executor.run(&bed.sh("./hop")).unwrap();
        bed.wait_for("hopped");
        executor.sweep().unwrap();
        assert!(bed.alive().is_empty(), "{:?}", bed.alive());
    }

    fn strays_of_a_killed_bench_are_found_by_their_home_and_nothing_else_is_touched() {
        let name = concat!(module_path!(),
            "::strays_of_a_killed_bench_are_found_by_their_home_and_nothing_else_is_touched");
        if let Some((_, bed)) = role() {
            let _ = free_executor().run(&bed.sh(TREE));
            return;
        }
        let bed = Bed::new();
        let mut killed_bench = start_role(name, "bench", &bed);
        wait_until("the whole tree", || bed.alive() == TREE_ALIVE);
        // A person's shell that merely stands in the directory.
        let mut person = Command::new("sleep")
            .arg("604")
            .env_clear()
            .env("HOME", "/home/person")
            .current_dir(bed.path())
            .spawn()
            .unwrap();
        // A process without any HOME that stands there.
        let mut homeless = Command::new("/usr/bin/sleep")
            .arg("605")
            .env_clear()
            .current_dir(bed.path())
            .spawn()
            .unwrap();
        killed_bench.kill().unwrap();
        killed_bench.wait().unwrap();
        assert_eq!(bed.alive(), TREE_ALIVE);
        assert!(kill_strays_of(&bed.file("elsewhere")).unwrap().is_empty());
        let strays = kill_strays_of(bed.path()).unwrap();
        let mut names: Vec<&str> = strays.iter().map(|stray| stray.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["sh", "sh", "sleep", "sleep", "sleep", "sleep", "sleep"]);
        assert!(bed.alive().is_empty());
        assert!(!wait_for_exit(&mut homeless).success());
        assert!(person.try_wait().unwrap().is_none());
        person.kill().unwrap();
        person.wait().unwrap();
    }
}
