//! Services: started, asked, stopped, and never robbed of their status.

use std::time::Duration;

use bench::system::exec::{Ended, Executor};

use crate::support::{Bed, free_executor, wait_until};

isolated_tests! {
    fn a_service_runs_beside_commands_and_stops_when_asked() {
        let bed = Bed::new();
        let mut executor = free_executor();
        let service = executor
            .start(&bed.sh("trap 'echo bye; exit 5' TERM; touch ready; while :; do sleep 0.01; done"))
            .unwrap();
        bed.wait_for("ready");
        assert!(executor.run(&bed.sh("true")).unwrap().ended.success());
        assert_eq!(executor.ended(service).unwrap(), None);
        let finished = executor.stop(service, Duration::from_mins(1)).unwrap();
        assert_eq!(finished.ended, Ended::Exited(5));
        assert_eq!(bed.stdout(), "bye\n");
        assert_eq!(executor.ended(service).unwrap(), Some(Ended::Exited(5)));
        assert_eq!(executor.stop(service, Duration::ZERO).unwrap(), finished);
        assert!(bed.alive().is_empty());
    }

    fn a_service_that_does_not_listen_is_killed_with_its_children_after_the_grace() {
        let bed = Bed::new();
        let mut executor = free_executor();
        let script = "trap '' TERM; sleep 600 & setsid sleep 601 & touch ready; sleep 602; true";
        let service = executor.start(&bed.sh(script)).unwrap();
        bed.wait_for("ready");
        wait_until("its children", || bed.alive() == ["sh", "sleep", "sleep", "sleep"]);
        let finished = executor.stop(service, Duration::from_millis(20)).unwrap();
        assert_eq!(finished.ended, Ended::Signalled(9));
        assert!(bed.alive().is_empty(), "{:?}", bed.alive());
    }

    fn a_service_that_ended_by_itself_says_how() {
        let bed = Bed::new();
        let mut executor = free_executor();
        let service = executor.start(&bed.sh("exit 3")).unwrap();
        let mut ended = None;
        wait_until("the service to end", || {
            ended = executor.ended(service).unwrap();
            ended.is_some()
        });
        assert_eq!(ended, Some(Ended::Exited(3)));
        assert_eq!(executor.stop(service, Duration::ZERO).unwrap().ended, Ended::Exited(3));
    }

    fn a_sweep_keeps_the_status_of_services_for_those_who_ask_later() {
        let bed = Bed::new();
        let mut executor = free_executor();
        let ended = executor.start(&bed.sh("echo $$ > pid; exit 4")).unwrap();
        let running = executor.start(&bed.sh("exec sleep 600")).unwrap();
        wait_until("the first service to end", || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", bed.read("pid").trim()));
            stat.is_ok_and(|stat| stat.contains(") Z "))
        });
        wait_until("the second service to start", || bed.alive() == ["sleep"]);
        let swept = executor.sweep().unwrap();
        assert_eq!(swept.killed.len(), 1, "{swept:?}");
        assert_eq!(executor.ended(ended).unwrap(), Some(Ended::Exited(4)));
        assert_eq!(executor.ended(running).unwrap(), Some(Ended::Signalled(9)));
        assert_eq!(executor.stop(running, Duration::ZERO).unwrap().ended, Ended::Signalled(9));
    }

    fn a_service_and_the_worker_it_starts_meanwhile_survive_the_time_out_of_a_command() {
        let bed = Bed::new();
        let mut executor = free_executor();
        // The worker's parent ends at once, so only its group tells whose it is.
        let script = "while [ ! -e go ]; do sleep 0.01; done; (sleep 602 &); touch went; sleep 600; true";
        let service = executor.start(&bed.sh(script)).unwrap();
        let mut command = bed.sh("touch go; sleep 601; true");
        command.timeout = Some(Duration::from_secs(2));
        assert_eq!(executor.run(&command).unwrap().ended, Ended::TimedOut);
        assert!(bed.file("went").exists());
        wait_until("both sleeps to run", || bed.alive() == ["sh", "sleep", "sleep"]);
        assert_eq!(executor.ended(service).unwrap(), None);
        executor.stop(service, Duration::ZERO).unwrap();
        assert!(bed.alive().is_empty());
    }

    fn an_executor_that_is_dropped_leaves_no_service_behind() {
        let bed = Bed::new();
        let mut executor = free_executor();
        executor.start(&bed.sh("sleep 600; true")).unwrap();
        wait_until("the service", || bed.alive() == ["sh", "sleep"]);
        drop(executor);
        assert!(bed.alive().is_empty());
    }

    fn an_unknown_service_is_an_error() {
        let mut executor = free_executor();
        let error = executor.ended(bench::system::exec::ServiceId(7)).unwrap_err();
        assert!(error.to_string().contains("service 7"), "{error}");
    }
}
