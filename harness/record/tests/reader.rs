//! What a reader makes of files that a killed process, or a damaged disk, left behind.

mod common;

use bench_record::{LoadedRun, ReadError, Record, read};
use common::{end, example, resume, run, sample};

/// What went wrong and why.
fn told(error: &ReadError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

fn line(record: &Record) -> String {
    record.to_line().expect("every record is JSON")
}

fn run_line() -> String {
    line(&Record::Run(Box::new(run())))
}

/// A sample with an example whose name is not ASCII, as one write.
fn committed(id: &str) -> String {
    line(&Record::Example(example(id, "Größe 建物", 1)))
        + &line(&Record::Sample(Box::new(sample(id))))
}

fn ids(loaded: &LoadedRun) -> Vec<&str> {
    loaded.samples.iter().map(|(sample, _)| sample.id.as_str()).collect()
}

#[test]
fn a_write_torn_at_any_byte_is_never_fatal_and_loses_nothing_before_it() {
    let before = run_line() + &committed("s1");
    let last = committed("s2");
    let example_line = last.find('\n').expect("two lines") + 1;
    for cut in 0..last.len() {
        let torn = &last.as_bytes()[..cut];
        let file = [before.as_bytes(), torn].concat();
        let loaded = read(&file).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        assert_eq!(ids(&loaded), ["s1"], "cut at {cut}");
        assert_eq!(loaded.samples[0].1.len(), 1, "cut at {cut}");
        let tail = if cut < example_line { cut } else { cut - example_line };
        assert_eq!(loaded.torn_bytes, tail as u64, "cut at {cut}");
        assert_eq!(loaded.tail_bytes, tail as u64, "cut at {cut}");
        assert_eq!(loaded.intact_bytes, (file.len() - tail) as u64, "cut at {cut}");
        assert_eq!(loaded.orphans, u32::from(cut >= example_line), "cut at {cut}");
    }
    assert_eq!(ids(&read(before + &last).expect("whole")), ["s1", "s2"]);
}

/// What a process writes that goes on: it ends a torn tail, then says that it knew.
fn resumed(file: &[u8]) -> Vec<u8> {
    let tail = read(file).expect("readable").tail_bytes;
    let newline = if tail > 0 { "\n" } else { "" };
    [file, newline.as_bytes(), line(&Record::Resume(resume(tail))).as_bytes()].concat()
}

#[test]
fn a_run_goes_on_after_a_write_torn_at_any_byte() {
    let before = run_line() + &committed("s1");
    let last = committed("s2");
    for cut in 0..=last.len() {
        let found = [before.as_bytes(), &last.as_bytes()[..cut]].concat();
        let finished = ids(&read(&found).expect("readable")).len();
        let mut file = resumed(&found);
        // What is not finished is run again, what is finished is not.
        if finished == 1 {
            file.extend(committed("s2").as_bytes());
        }
        file.extend(line(&Record::End(end())).as_bytes());
        let loaded = read(&file).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        assert_eq!(ids(&loaded), ["s1", "s2"], "cut at {cut}");
        assert_eq!(loaded.resumes.len(), 1, "cut at {cut}");
        assert_eq!(loaded.end, Some(end()), "cut at {cut}");
        assert_eq!(loaded.tail_bytes, 0, "cut at {cut}");
    }
}

#[test]
fn a_process_killed_while_it_resumes_leaves_a_readable_file() {
    let before = run_line() + &committed("s1");
    let last = committed("s2");
    for first in [1, 40, last.len() - 1] {
        let torn = [before.as_bytes(), &last.as_bytes()[..first]].concat();
        let resuming = resumed(&torn);
        for second in torn.len()..=resuming.len() {
            let file = resumed(&resuming[..second]);
            let loaded =
                read(&file).unwrap_or_else(|error| panic!("cut at {first}, {second}: {error}"));
            // The tear before the last newline makes whole JSON a finished sample only when it is found so.
            assert_eq!(ids(&loaded)[0], "s1", "cut at {first}, {second}");
            let again = read(resumed(&file)).expect("a third process reads it too");
            assert_eq!(ids(&again), ids(&loaded), "cut at {first}, {second}");
        }
    }
}

#[test]
fn a_damaged_line_in_the_middle_is_an_error_with_its_number() {
    for damage in ["{\"v\":1,\"kind\":\"sample\"\n", "\0\0\0\0\n", "[]\n"] {
        let file = run_line() + &committed("s1") + damage + &committed("s2");
        let error = read(&file).expect_err("damaged");
        assert!(matches!(error, ReadError::Line { line: 4, .. }), "{damage:?}: {error}");
        assert!(told(&error).starts_with("line 4 cannot be read: "), "{error}");
    }
    let no_text = [run_line().as_bytes(), b"\xff\xfe\n", committed("s1").as_bytes()].concat();
    let error = told(&read(no_text).expect_err("damaged"));
    assert!(error.starts_with("line 2 cannot be read: not UTF-8"), "{error}");
    // A resume long after it does not excuse it.
    let file = run_line() + "{\n" + &committed("s1") + &line(&Record::Resume(resume(0)));
    assert!(matches!(read(file), Err(ReadError::Line { line: 2, .. })));
}

#[test]
fn a_newer_version_is_refused_by_its_number_wherever_it_stands() {
    let newer = |line: &str| line.replacen("\"v\":2", "\"v\":3", 1);
    let message =
        "record version 3 is newer than 2, the newest this `bench` reads (hint: update bench)";
    let files = [
        newer(&run_line()),
        run_line() + &newer(&committed("s1")),
        run_line() + &newer(&line(&Record::End(end()))),
        // Even where a torn line would be forgiven: this one is whole.
        run_line() + newer(&line(&Record::End(end()))).trim_end(),
        run_line() + "{\"v\":3,\"kind\":\"unheard-of\",\"body\":{}}\n",
    ];
    for file in files {
        let error = told(&read(&file).expect_err("newer"));
        assert!(error.ends_with(message), "{error}");
    }
}

#[test]
fn a_kind_that_its_version_does_not_have_is_refused_by_name() {
    let error = told(&read(run_line() + "{\"v\":1,\"kind\":\"sampel\"}\n").expect_err("unknown"));
    assert_eq!(error, "line 2 cannot be read: unknown record kind `sampel`");
}

#[test]
fn fields_of_a_later_writer_are_ignored() {
    let later = committed("s1").replace("{\"v\":2,", "{\"v\":2,\"mood\":{\"good\":true},");
    assert_eq!(ids(&read(run_line() + &later).expect("readable")), ["s1"]);
}

#[test]
fn examples_without_their_sample_are_orphans() {
    let orphan = line(&Record::Example(example("s2", "Blink", 1)));
    let loaded = read(run_line() + &committed("s1") + &orphan + &orphan).expect("readable");
    assert_eq!((loaded.orphans, loaded.torn_bytes), (2, 0));
    // After a resume the sample runs again: the earlier examples do not become its own.
    let file = run_line() + &orphan + &line(&Record::Resume(resume(0))) + &committed("s2");
    let loaded = read(file).expect("readable");
    assert_eq!((loaded.orphans, loaded.samples[0].1.len()), (1, 1));
    // Without one they would, so that is an error when they belong to another sample.
    let error = read(run_line() + &orphan + &committed("s3")).expect_err("foreign").to_string();
    assert_eq!(error, "line 4: example `Blink` belongs to sample `s2`, but `s3` follows");
}

#[test]
fn an_interrupted_end_is_not_the_end() {
    let interrupted = run_line() + &committed("s1") + &line(&Record::End(end()));
    assert_eq!(read(&interrupted).expect("readable").end, Some(end()));
    let resumed = interrupted + &line(&Record::Resume(resume(0)));
    assert_eq!(read(&resumed).expect("readable").end, None);
}

#[test]
fn files_that_are_no_run_are_refused() {
    assert!(matches!(read(""), Err(ReadError::NoStart { .. })));
    assert!(matches!(read(committed("s1")), Err(ReadError::NoStart { .. })));
    assert!(matches!(read("not a record\n"), Err(ReadError::Line { line: 1, .. })));
    assert!(matches!(read(run_line() + &run_line()), Err(ReadError::SecondStart { line: 2, .. })));
    let twice = run_line() + &committed("s1") + &committed("s1");
    let error = read(twice).expect_err("repeated").to_string();
    assert_eq!(error, "line 5: sample `s1` is recorded twice");
}
