//! One command: how it ends, what it sees, what it used.

use std::collections::BTreeMap;

use bench::error_text::with_causes;
use bench::system::exec::{Ended, ExecError, Executor};

use crate::support::{Bed, free_executor, run, wait_until};

/// CPU work of a fixed amount, in the shell.
const BUSY: &str = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";

isolated_tests! {
    fn exit_codes_and_signals_are_told_apart() {
        let bed = Bed::new();
        assert_eq!(run(&bed.sh("exit 0")).ended, Ended::Exited(0));
        assert_eq!(run(&bed.sh("exit 7")).ended, Ended::Exited(7));
        assert_eq!(run(&bed.sh("kill -9 $$")).ended, Ended::Signalled(9));
        assert_eq!(run(&bed.sh("kill -15 $$")).ended, Ended::Signalled(15));
    }

    fn output_is_appended_to_the_logs_and_input_is_empty() {
        let bed = Bed::new();
        run(&bed.sh("echo one; echo two >&2; cat"));
        run(&bed.sh("echo three"));
        assert_eq!(bed.stdout(), "one\nthree\n");
        assert_eq!(bed.stderr(), "two\n");
    }

    fn a_program_that_is_missing_or_not_executable_is_an_error_that_names_it() {
        let bed = Bed::new();
        std::fs::write(bed.file("plain"), "text").unwrap();
        let mut executor = free_executor();
        for argv in ["no-such-program", "./no-such-program", "./plain"] {
            let error = executor.run(&bed.command(&[argv])).unwrap_err();
            assert!(matches!(error, ExecError::Spawn { .. }), "{error:?}");
            assert!(error.to_string().starts_with(&format!("cannot start `{argv}` in ")), "{error}");
            let error = executor.capture(&bed.command(&[argv])).unwrap_err();
            assert!(matches!(error, ExecError::Spawn { .. }), "{error:?}");
        }
        assert!(executor.run(&bed.command(&[])).is_err());
    }

    fn a_missing_working_directory_is_not_mistaken_for_a_missing_program() {
        let bed = Bed::new();
        let mut command = bed.sh("true");
        command.cwd = bed.file("nowhere");
        let error = with_causes(&free_executor().run(&command).unwrap_err());
        assert!(error.contains("the working directory does not exist"), "{error}");
    }

    fn a_log_that_cannot_be_opened_is_an_error_that_names_it() {
        let bed = Bed::new();
        let mut command = bed.sh("touch started");
        command.stderr = bed.file("nowhere/err.log");
        let error = free_executor().run(&command).unwrap_err();
        assert!(matches!(&error, ExecError::Log { path, .. } if *path == command.stderr));
        assert!(!bed.file("started").exists());
    }

    fn the_environment_is_exactly_the_given_one() {
        let bed = Bed::new();
        let mut command = bed.command(&["env"]);
        command.env.insert("EMPTY".to_owned(), String::new());
        command.env.insert("TEXT".to_owned(), "a=b c".to_owned());
        run(&command);
        let printed = bed.stdout();
        let seen: BTreeMap<String, String> = printed
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(seen, command.env);
        let captured = free_executor().capture(&command).unwrap();
        assert_eq!(captured.stdout, printed);
    }

    fn the_program_is_looked_up_on_the_path_of_the_command() {
        let bed = Bed::new();
        bed.script("bin/only-here", "echo \"found $0\"");
        let mut command = bed.command(&["only-here"]);
        assert!(free_executor().run(&command).is_err());
        let path = bed.file("bin").display().to_string();
        command.env.insert("PATH".to_owned(), path.clone());
        assert_eq!(run(&command).ended, Ended::Exited(0));
        assert_eq!(bed.stdout(), format!("found {path}/only-here\n"));
        // What is on our own PATH counts for nothing.
        command.argv = vec!["sh".to_owned(), "-c".to_owned(), "true".to_owned()];
        assert!(free_executor().run(&command).is_err());
    }

    fn a_program_sees_the_name_that_it_was_called_by() {
        let bed = Bed::new();
        run(&bed.sh("echo $0"));
        assert_eq!(bed.stdout(), "sh\n");
        assert_eq!(free_executor().capture(&bed.sh("echo $0")).unwrap().stdout, "sh\n");
    }

    fn the_command_leads_a_process_group_of_its_own() {
        let bed = Bed::new();
        run(&bed.sh("read -r pid name state parent group rest < /proc/self/stat; echo $pid $group"));
        let printed = bed.stdout();
        let (pid, group) = printed.trim().split_once(' ').unwrap();
        assert_eq!(pid, group);
    }

    fn usage_counts_the_cpu_time_of_children_and_no_more_than_the_machine_has() {
        let bed = Bed::new();
        let finished = run(&bed.sh(&format!("sh -c '{BUSY}'; exit 0")));
        let cpu = finished.usage.user_ns + finished.usage.system_ns;
        let cores = std::thread::available_parallelism().unwrap().get() as u64;
        assert!(finished.usage.user_ns > 0, "{finished:?}");
        // CPU time is accounted in ticks of up to 10 ms.
        assert!(cpu <= finished.wall_ns * cores + 20_000_000, "{finished:?}");
        let idle = run(&bed.sh("true"));
        assert!(idle.usage.user_ns < finished.usage.user_ns, "{idle:?} {finished:?}");
    }

    fn the_cpu_time_of_an_orphan_is_counted_by_the_sweep() {
        let bed = Bed::new();
        let mut executor = free_executor();
        let orphan = format!("setsid -f sh -c '{BUSY}; touch worked; exec sleep 600'");
        executor.run(&bed.sh(&orphan)).unwrap();
        bed.wait_for("worked");
        let swept = executor.sweep().unwrap();
        assert!(swept.usage.user_ns > 0, "{swept:?}");
        assert_eq!(executor.sweep().unwrap(), bench::system::exec::Swept::default());
    }

    fn peak_memory_is_that_of_the_largest_process() {
        let bed = Bed::new();
        let large = run(&bed.sh("dd if=/dev/zero of=/dev/null bs=96M count=1 2>/dev/null; true"));
        let small = run(&bed.sh("true"));
        assert!(large.usage.peak_rss_bytes >= 96 << 20, "{large:?}");
        assert!(small.usage.peak_rss_bytes < 64 << 20, "{small:?}");
        assert!(small.usage.peak_rss_bytes > 256 << 10, "{small:?}");
    }

    fn peak_memory_is_not_that_of_an_earlier_moment_of_this_process() {
        let bed = Bed::new();
        let ballast = std::hint::black_box(vec![1_u8; 256 << 20]);
        drop(ballast);
        let small = run(&bed.sh("true"));
        assert!(small.usage.peak_rss_bytes < 64 << 20, "{small:?}");
    }

    fn wall_time_covers_the_command_and_stops_with_it() {
        let bed = Bed::new();
        let around = std::time::Instant::now();
        let finished = run(&bed.sh("sleep 0.05"));
        let around = u64::try_from(around.elapsed().as_nanos()).unwrap();
        assert!(finished.wall_ns >= 50_000_000, "{finished:?}");
        assert!(finished.wall_ns <= around, "{finished:?}");
    }

    fn a_background_process_that_keeps_the_output_open_blocks_nothing_and_lives_until_the_sweep() {
        let bed = Bed::new();
        let mut executor = free_executor();
        let finished = executor.run(&bed.sh("sleep 600 & echo started")).unwrap();
        assert_eq!(finished.ended, Ended::Exited(0));
        let captured = executor.capture(&bed.sh("sleep 601 & echo captured")).unwrap();
        assert_eq!((captured.ended, captured.stdout.as_str()), (Ended::Exited(0), "captured\n"));
        // A forked shell takes a moment to become what it runs.
        wait_until("both to run", || bed.alive() == ["sleep", "sleep"]);
        let swept = executor.sweep().unwrap();
        assert_eq!(swept.killed.iter().filter(|stray| stray.name == "sleep").count(), 2);
        assert!(bed.alive().is_empty());
    }

    fn capture_returns_this_commands_output_and_nothing_of_an_earlier_one() {
        let bed = Bed::new();
        let mut executor = free_executor();
        let captured = executor.capture(&bed.sh("echo a long first line; echo first >&2; exit 3"));
        let captured = captured.unwrap();
        assert_eq!(captured.ended, Ended::Exited(3));
        assert_eq!(captured.stdout, "a long first line\n");
        assert_eq!(captured.stderr, "first\n");
        let captured = executor.capture(&bed.sh("printf 'two\\377'; kill -9 $$")).unwrap();
        assert_eq!(captured.ended, Ended::Signalled(9));
        assert_eq!((captured.stdout.as_str(), captured.stderr.as_str()), ("two\u{fffd}", ""));
    }
}
