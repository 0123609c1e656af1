//! Resetting state: copying a tree of 10,000 files against `cp -a` and against `tar | unzstd`, and restoring an
//! archive against `tar --use-compress-program unzstd`. Required: not slower than the better of them.
//!
//! All ways run in every round, in an order that rotates, so that whatever the machine does meanwhile meets
//! all of them; criterion draws each way's samples from these rounds, and the ratios are of their medians.
//! Every copy goes into a new directory and nothing is deleted before the end: ext4 gets ten times slower
//! where inodes were deleted recently. What was written is flushed between two timed sections.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bench::cache::archive;
use bench::system::fs::state::StateRoot;
use bench::system::fs::tree::{self, CopyOptions, Mtimes};
use criterion::{Criterion, SamplingMode};
use globset::GlobSet;

const FILES: usize = 10_000;
const DIRS: usize = 200;
const SAMPLES: usize = 12;
const WAYS: [&str; 4] = ["tree::copy", "cp -a", "tar | unzstd", "archive::restore"];

struct Reset {
    state: StateRoot,
    run: PathBuf,
    golden: PathBuf,
    archive: PathBuf,
    round: usize,
    waiting: [VecDeque<Duration>; WAYS.len()],
    all: [Vec<Duration>; WAYS.len()],
}

impl Reset {
    fn new() -> Self {
        let state = StateRoot::open(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("reset-bench"))
            .expect("a state root in the target directory");
        let run = PathBuf::from(format!("run-{}", std::process::id()));
        let golden = state.dir(&run.join("golden")).expect("a directory for the tree");
        grow(&golden);
        let archive = golden.with_file_name("golden.tar.zst");
        let saved = archive::save(&golden, &GlobSet::empty(), &archive).expect("an archive");
        eprintln!(
            "{} files in {DIRS} directories, {} bytes, {} archived; load {}",
            saved.files,
            saved.bytes,
            saved.archive_bytes,
            load()
        );
        let (waiting, all) = Default::default();
        Self { state, run, golden, archive, round: 0, waiting, all }
    }

    /// The next time of one way, out of a new round when none waits.
    fn take(&mut self, way: usize) -> Duration {
        loop {
            if let Some(time) = self.waiting[way].pop_front() {
                return time;
            }
            self.measure_round();
        }
    }

    fn measure_round(&mut self) {
        for turn in 0..WAYS.len() {
            let way = (turn + self.round) % WAYS.len();
            let place = self.state.dir(&self.run.join(format!("{}-{way}", self.round)));
            let place = place.expect("a new directory").join("tree");
            flush(&self.golden);
            let start = Instant::now();
            match way {
                0 => {
                    let options = CopyOptions { mtimes: Mtimes::Keep, exclude: &GlobSet::empty() };
                    let stats = tree::copy(&self.golden, &place, &options).expect("a copy");
                    assert_eq!(stats.files, FILES as u64);
                }
                1 => tool("cp", [OsStr::new("-a"), self.golden.as_os_str(), place.as_os_str()]),
                2 => {
                    fs::create_dir(&place).expect("a directory for tar");
                    let arguments = ["--use-compress-program=unzstd", "-xf"].map(OsStr::new);
                    let [program, extract] = arguments;
                    let (from, into) = (self.archive.as_os_str(), place.as_os_str());
                    tool("tar", [program, extract, from, OsStr::new("-C"), into]);
                }
                _ => {
                    let restored = archive::restore(&self.archive, &place).expect("a tree");
                    assert_eq!(restored.files, FILES as u64);
                }
            }
            let time = start.elapsed();
            self.waiting[way].push_back(time);
            self.all[way].push(time);
        }
        self.round += 1;
    }

    fn report(mut self) {
        // The first round warms the page cache up.
        let medians = self.all.each_mut().map(|times| {
            let skip = usize::from(times.len() > 1);
            let times = &mut times[skip..];
            times.sort_unstable();
            times[times.len() / 2].as_secs_f64()
        });
        eprintln!("\nmedians of {} interleaved rounds, load {}:", self.round - 1, load());
        for (way, median) in WAYS.iter().zip(medians) {
            eprintln!("  {way:<18} {:8.1} ms", median * 1e3);
        }
        let [copy, cp, tar, restore] = medians;
        for (what, ratio) in [
            ("tree::copy / better of cp and tar", copy / cp.min(tar)),
            ("archive::restore / tar", restore / tar),
        ] {
            let verdict = if ratio <= 1.0 { "holds" } else { "DOES NOT HOLD" };
            eprintln!("  {what}: {ratio:.2} (at most 1.00: {verdict})");
        }
        let removed = self.state.remove(&self.run).expect("the end of the trees");
        eprintln!("deleted {} files", removed.files);
    }
}

/// Sizes as in a cache of sources and objects: many small ones, a tail up to 64 KiB; text that compresses.
fn grow(root: &Path) {
    let mut random = fastrand::Rng::with_seed(7);
    let words: Vec<String> =
        (0..4000).map(|_| (0..random.usize(2..9)).map(|_| random.lowercase()).collect()).collect();
    for number in 0..FILES {
        let dir = number % DIRS;
        let dir = root.join(format!("group-{:02}/part-{dir:03}", dir / 10));
        if number < DIRS {
            fs::create_dir_all(&dir).expect("a directory of the tree");
        }
        let size = match random.u32(..100) {
            0..5 => 0,
            5..60 => random.usize(1..4096),
            60..90 => random.usize(4096..16384),
            _ => random.usize(16384..=65536),
        };
        let mut content = String::with_capacity(size + 8);
        while content.len() < size {
            content.push_str(&words[random.usize(..words.len())]);
            content.push(if random.u32(..8) == 0 { '\n' } else { ' ' });
        }
        content.truncate(size);
        fs::write(dir.join(format!("file-{number:05}.txt")), content).expect("a file of the tree");
    }
}

fn tool<const N: usize>(program: &str, arguments: [&OsStr; N]) {
    let status = Command::new(program).args(arguments).status();
    let status = status.unwrap_or_else(|error| {
        panic!("cannot start `{program}`: {error} (hint: apt-get install coreutils tar zstd)")
    });
    assert!(status.success(), "`{program}` failed: {status}");
}

fn flush(path: &Path) {
    #[cfg(unix)]
    rustix::fs::sync();
    File::open(path).expect("the tree");
}

fn load() -> String {
    fs::read_to_string("/proc/loadavg")
        .map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

fn main() {
    // `cargo test --all-targets` starts benches too, without this flag.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let mut reset = Reset::new();
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("reset");
    group
        .sample_size(SAMPLES)
        .sampling_mode(SamplingMode::Flat)
        // One round per sample: the times are drawn, not run, so criterion has nothing to fill.
        .warm_up_time(Duration::from_nanos(1))
        .measurement_time(Duration::from_nanos(1));
    for (way, name) in WAYS.iter().enumerate() {
        group.bench_function(*name, |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| reset.take(way)).sum());
        });
    }
    group.finish();
    criterion.final_summary();
    reset.report();
}
