//! How much the machine was disturbed around a sample: load, pressure, steal.
//!
//! Five small files of /proc are read before and after; together that takes well under a millisecond.

use std::fs;
use std::path::Path;

use bench_record::{Noise, Pressure};

/// Clock ticks of `/proc/stat` a second: fixed at 100 in the kernel's interface on every architecture
/// that Rust supports.
const NS_PER_TICK: u64 = 1_000_000_000 / 100;

/// Counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counters {
    load: Option<f64>,
    pressure: Pressure,
    steal_ns: Option<u64>,
}

/// Taken before a sample; turned into the record after it.
#[derive(Clone, Copy, Debug)]
#[must_use = "the noise is known only after the sample"]
pub struct NoiseProbe(Counters);

impl NoiseProbe {
    /// Reads the counters before a sample.
    pub fn before() -> Self {
        Self(read(Path::new("/")))
    }

    /// Reads them again; what the platform does not report is null.
    pub fn after(self) -> Noise {
        difference(self.0, read(Path::new("/")))
    }
}

fn read(root: &Path) -> Counters {
    let file = |name: &str| fs::read_to_string(root.join("proc").join(name)).ok();
    let pressure =
        |name: &str| file(&format!("pressure/{name}")).and_then(|text| stalled_ns(&text));
    let load = file("loadavg").and_then(|text| text.split(' ').next()?.parse().ok());
    Counters {
        // Where there is no /proc the system may still report its load.
        load: load.or_else(|| sysinfo::System::load_average().ok().map(|load| load.one)),
        pressure: Pressure {
            cpu_ns: pressure("cpu"),
            io_ns: pressure("io"),
            memory_ns: pressure("memory"),
        },
        steal_ns: file("stat").and_then(|text| steal_ns(&text)),
    }
}

/// The total of the line `some avg10=.. avg60=.. avg300=.. total=MICROSECONDS`.
fn stalled_ns(text: &str) -> Option<u64> {
    let some = text.lines().find(|line| line.starts_with("some "))?;
    let total = some.split(' ').find_map(|field| field.strip_prefix("total="))?;
    total.parse::<u64>().ok()?.checked_mul(1_000)
}

/// The eighth number of the line `cpu  USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL ...`.
fn steal_ns(text: &str) -> Option<u64> {
    let cpu = text.lines().find(|line| line.starts_with("cpu "))?;
    let ticks = cpu.split_ascii_whitespace().nth(8)?;
    ticks.parse::<u64>().ok()?.checked_mul(NS_PER_TICK)
}

fn difference(before: Counters, after: Counters) -> Noise {
    // A counter that went back (steal does on some hypervisors) says nothing.
    let since = |before: Option<u64>, after: Option<u64>| after?.checked_sub(before?);
    let (old, new) = (before.pressure, after.pressure);
    Noise {
        load_before: before.load,
        load_after: after.load,
        pressure: Pressure {
            cpu_ns: since(old.cpu_ns, new.cpu_ns),
            io_ns: since(old.io_ns, new.io_ns),
            memory_ns: since(old.memory_ns, new.memory_ns),
        },
        steal_ns: since(before.steal_ns, after.steal_ns),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(load: &str, cpu: u64, steal: u64) -> tempfile::TempDir {
        let temp = tempfile::tempdir().unwrap();
        let proc = temp.path().join("proc");
        fs::create_dir_all(proc.join("pressure")).unwrap();
        fs::write(proc.join("loadavg"), format!("{load} 0.20 0.30 1/200 999\n")).unwrap();
        let line =
            |kind: &str, total| format!("{kind} avg10=0.00 avg60=0.00 avg300=0.00 total={total}\n");
        fs::write(proc.join("pressure/cpu"), line("some", cpu) + &line("full", 0)).unwrap();
        fs::write(proc.join("pressure/io"), line("full", 5) + &line("some", 7)).unwrap();
        let stat = format!("cpu  1 2 3 4 5 6 7 {steal} 9 10\ncpu0 1 2 3 4 5 6 7 99 9 10\n");
        fs::write(proc.join("stat"), stat).unwrap();
        temp
    }

    #[test]
    fn counters_are_differences_and_what_is_not_reported_is_null() {
        let before = read(machine("0.50", 1_000, 3).path());
        let after = read(machine("1.25", 4_500, 5).path());
        let noise = difference(before, after);
        assert_eq!((noise.load_before, noise.load_after), (Some(0.5), Some(1.25)));
        assert_eq!(noise.pressure.cpu_ns, Some(3_500_000));
        assert_eq!(noise.pressure.io_ns, Some(0));
        assert_eq!(noise.pressure.memory_ns, None);
        assert_eq!(noise.steal_ns, Some(20_000_000));
    }

    #[test]
    fn a_counter_that_goes_back_is_null() {
        let before = read(machine("0.5", 10, 5).path());
        let after = read(machine("0.5", 10, 3).path());
        assert_eq!(difference(before, after).steal_ns, None);
    }

    #[test]
    fn this_machine_reports_its_load() {
        let noise = NoiseProbe::before().after();
        assert!(noise.load_before.is_some_and(|load| load >= 0.0));
        assert!(noise.load_after.is_some());
    }
}
