//! What is removed from an output before it is compared. Damaged or unknown content stays as it is.

use std::path::Path;

use crate::runner::Runner;
use crate::scenario::Normaliser;

/// Tar's block size.
const BLOCK: usize = 512;
/// Bytes of an ar member's header.
const AR_HEADER: usize = 60;

/// The directories of the runners, longest first, with what stands for each.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(Vec<(Vec<u8>, &'static [u8])>);

impl Places {
    /// The directories of these runners.
    pub(super) fn of(runners: &[&Runner]) -> Self {
        let mut places: Vec<(Vec<u8>, &'static [u8])> = Vec::new();
        for runner in runners {
            let paths = runner.paths();
            let all: [(&Path, &'static [u8]); 4] = [
                (&paths.workspace, b"{workspace}"),
                (&paths.home, b"{home}"),
                (&paths.cache, b"{cache}"),
                (&paths.temp, b"{temp}"),
            ];
            places.extend(
                all.map(|(path, name)| (path.to_string_lossy().into_owned().into_bytes(), name)),
            );
        }
        // A path may be a prefix of another one.
        places.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        Self(places)
    }

    /// Whether one of the directories is named in `content`.
    pub(super) fn occur_in(&self, content: &[u8]) -> bool {
        (0..content.len()).any(|at| self.at(&content[at..]).is_some())
    }

    fn replace(&self, content: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(content.len());
        let mut at = 0;
        while at < content.len() {
            if let Some((path, name)) = self.at(&content[at..]) {
                out.extend_from_slice(name);
                at += path.len();
            } else {
                out.push(content[at]);
                at += 1;
            }
        }
        out
    }

    fn at(&self, rest: &[u8]) -> Option<&(Vec<u8>, &'static [u8])> {
        // A cheap test first: most bytes do not start a path.
        let first = rest.first()?;
        self.0.iter().find(|(path, _)| path.first() == Some(first) && rest.starts_with(path))
    }
}

/// `content` of the file `name` without what `normalisers` remove.
pub(super) fn normalise(
    name: &Path,
    mut content: Vec<u8>,
    normalisers: &[Normaliser],
    places: &Places,
) -> Vec<u8> {
    if normalisers.contains(&Normaliser::ArchiveTimes) {
        archive_times(name, &mut content);
    }
    if normalisers.contains(&Normaliser::Paths) {
        content = places.replace(&content);
    }
    content
}

fn archive_times(name: &Path, content: &mut [u8]) {
    if content.starts_with(b"!<arch>\n") {
        ar(content);
    } else if content.starts_with(b"\x1f\x8b") {
        // RFC 1952: MTIME is bytes 4 to 7. Times inside a compressed archive stay.
        blank(content, 4, 4, 0);
    } else if content.starts_with(b"PK\x03\x04") {
        zip(content);
    } else if content.get(257..262) == Some(b"ustar") {
        tar(content);
    } else if name.extension().is_some_and(|extension| extension == "pyc")
        && content.get(2..4) == Some(b"\r\n")
        && content.get(4..8) == Some(&[0; 4])
    {
        // PEP 552: without flags, bytes 8 to 11 are the mtime of the source.
        blank(content, 8, 4, 0);
    }
}

fn blank(content: &mut [u8], at: usize, len: usize, with: u8) {
    if let Some(field) = at.checked_add(len).and_then(|end| content.get_mut(at..end)) {
        field.fill(with);
    }
}

fn number(field: Option<&[u8]>, radix: u32) -> Option<usize> {
    let text = std::str::from_utf8(field?).ok()?;
    usize::from_str_radix(text.trim_matches(|c: char| c == ' ' || c == '\0'), radix).ok()
}

/// Members: name 16, mtime 12, uid 6, gid 6, mode 8, size 10, end 2; data padded to an even length.
fn ar(content: &mut [u8]) {
    let mut at = 8;
    while content.len() >= at + AR_HEADER {
        blank(content, at + 16, 12, b' ');
        let Some(size) = number(content.get(at + 48..at + 58), 10) else { return };
        let Some(next) = at.checked_add(AR_HEADER + size + size % 2) else { return };
        at = next;
    }
}

/// POSIX ustar: mtime at 136, checksum at 148, type at 156; in pax headers the records of times.
fn tar(content: &mut [u8]) {
    let mut at = 0;
    while content.get(at + 257..at + 262) == Some(b"ustar") {
        let Some(size) = number(content.get(at + 124..at + 136), 8) else { return };
        blank(content, at + 136, 20, b'0');
        let kind = content.get(at + 156).copied();
        let Some(end) = (at + BLOCK).checked_add(size) else { return };
        if matches!(kind, Some(b'x' | b'g'))
            && let Some(records) = content.get_mut(at + BLOCK..end)
        {
            pax(records);
        }
        at = at + BLOCK + size.next_multiple_of(BLOCK);
    }
}

/// `LENGTH KEY=VALUE\n` each: the digits of the times become zeros.
fn pax(records: &mut [u8]) {
    let mut at = 0;
    while let Some(space) = records[at..].iter().position(|byte| *byte == b' ') {
        let Some(len) = number(records.get(at..at + space), 10).filter(|len| *len > 0) else {
            return;
        };
        let Some(record) = at.checked_add(len).and_then(|end| records.get_mut(at..end)) else {
            return;
        };
        let times: [&[u8]; 3] = [b"mtime=", b"atime=", b"ctime="];
        for key in times {
            if record.get(space + 1..).is_some_and(|text| text.starts_with(key)) {
                let value = record.iter_mut().skip(space + 1 + key.len());
                value.filter(|byte| byte.is_ascii_digit()).for_each(|byte| *byte = b'0');
            }
        }
        at += len;
        if at >= records.len() {
            return;
        }
    }
}

/// Time and date of every local and central header, and the extended timestamps in their extra fields.
fn zip(content: &mut [u8]) {
    let word = |content: &[u8], at: usize| {
        Some(usize::from(u16::from_le_bytes(content.get(at..at + 2)?.try_into().ok()?)))
    };
    let long = |content: &[u8], at: usize| {
        Some(u32::from_le_bytes(content.get(at..at + 4)?.try_into().ok()?) as usize)
    };
    // The end record is 22 bytes and a comment of at most 65,535.
    let earliest = content.len().saturating_sub(22 + 65_535);
    let end = (earliest..content.len()).rev().find(|at| content[*at..].starts_with(b"PK\x05\x06"));
    let Some((mut at, count)) =
        end.and_then(|end| Some((long(content, end + 16)?, word(content, end + 10)?)))
    else {
        return;
    };
    for _ in 0..count {
        if content.get(at..at + 4) != Some(b"PK\x01\x02") {
            return;
        }
        let field = |offset| word(content, at + offset);
        let (Some(name), Some(extra), Some(comment), Some(local)) =
            (field(28), field(30), field(32), long(content, at + 42))
        else {
            return;
        };
        let local_extra = (word(content, local + 26), word(content, local + 28));
        blank(content, at + 12, 4, 0);
        extended(content, at + 46 + name, extra);
        if content.get(local..local + 4) == Some(b"PK\x03\x04") {
            blank(content, local + 10, 4, 0);
            if let (Some(name), Some(extra)) = local_extra {
                extended(content, local + 30 + name, extra);
            }
        }
        at += 46 + name + extra + comment;
    }
}

/// Info-ZIP's extra field 0x5455.
fn extended(content: &mut [u8], start: usize, len: usize) {
    let mut at = start;
    while at + 4 <= start + len {
        let Some(head) = content.get(at..at + 4) else { return };
        let (id, size) = (&head[..2], usize::from(u16::from_le_bytes([head[2], head[3]])));
        if id == [0x55, 0x54] {
            blank(content, at + 5, size.saturating_sub(1), 0);
        }
        at += 4 + size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: &[Normaliser] = &[Normaliser::ArchiveTimes];

    fn same(name: &str, one: Vec<u8>, other: Vec<u8>) {
        assert_ne!(one, other, "the test compares nothing");
        let places = Places::default();
        let plain = normalise(Path::new(name), one, TIMES, &places);
        assert_eq!(plain, normalise(Path::new(name), other, TIMES, &places));
    }

    fn ar_file(mtime: u32, content: &str) -> Vec<u8> {
        let len = content.len();
        let member =
            format!("{:<16}{mtime:<12}{:<6}{:<6}{:<8}{len:<10}`\n{content}", "a.o/", 0, 0, 100_644);
        format!("!<arch>\n{member}\n{member}").into_bytes()
    }

    fn tar_file(mtime: u64, content: &[u8]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        let pax = format!("20 mtime={mtime:010}\n");
        for (kind, content) in
            [(tar::EntryType::XHeader, pax.as_bytes()), (tar::EntryType::Regular, content)]
        {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_mtime(mtime);
            header.set_entry_type(kind);
            header.set_cksum();
            builder.append_data(&mut header, "a", content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn times_in_archives_are_taken_out_and_nothing_else() {
        same("a.a", ar_file(1, "odd"), ar_file(1_700_000_000, "odd"));
        same("a.tar", tar_file(1, b"x"), tar_file(1_700_000_000, b"x"));
        same(
            "a.gz",
            b"\x1f\x8b\x08\0\x01\x02\x03\x04rest".to_vec(),
            b"\x1f\x8b\x08\0\x09\x02\x03\x04rest".to_vec(),
        );
        let pyc =
            |time: u8| [b"\xcb\x0d\r\n\0\0\0\0", &[time, 0, 0, 0][..], b"\x05\0\0\0code"].concat();
        same("a.pyc", pyc(1), pyc(2));
        let places = Places::default();
        for (name, one, other) in [
            ("a.a", ar_file(1, "one"), ar_file(1, "two")),
            ("a.tar", tar_file(1, b"one"), tar_file(1, b"two")),
        ] {
            let one = normalise(Path::new(name), one, TIMES, &places);
            assert_ne!(one, normalise(Path::new(name), other, TIMES, &places), "{name}");
        }
    }

    #[test]
    fn times_in_zip_files_are_taken_out() {
        let zip = |time: [u8; 4]| {
            let extra = [b"UT\x05\0\x03".as_slice(), &time].concat();
            let mut file = [b"PK\x03\x04\x14\0\0\0\0\0".as_slice(), &time].concat();
            file.extend([0; 12]);
            file.extend([1, 0, extra.len() as u8, 0, b'a']);
            file.extend(&extra);
            let central = file.len() as u32;
            file.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0");
            file.extend(time);
            file.extend([0; 12]);
            file.extend([1, 0, extra.len() as u8, 0]);
            file.extend([0; 14]);
            file.push(b'a');
            file.extend(&extra);
            let size = file.len() as u32 - central;
            file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
            file.extend(size.to_le_bytes());
            file.extend(central.to_le_bytes());
            file.extend([0, 0]);
            file
        };
        same("a.whl", zip([1, 2, 3, 4]), zip([5, 6, 7, 8]));
    }

    #[test]
    fn damaged_archives_are_left_alone() {
        let all: [&[u8]; 4] = [b"!<arch>\nshort", b"PK\x03\x04PK\x05\x06", b"\x1f\x8b", &[0; 300]];
        for content in all {
            let out = normalise(Path::new("x"), content.to_vec(), TIMES, &Places::default());
            assert_eq!(out.len(), content.len());
        }
    }

    #[test]
    fn the_longest_path_is_replaced() {
        let mut places =
            Places(vec![(b"/r/a".to_vec(), b"{home}"), (b"/r/a/work".to_vec(), b"{workspace}")]);
        places.0.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        let content = b"x /r/a/work/main.c /r/a/.cfg /r/b".to_vec();
        let out = normalise(Path::new("x"), content, &[Normaliser::Paths], &places);
        assert_eq!(out, b"x {workspace}/main.c {home}/.cfg /r/b");
    }
}
