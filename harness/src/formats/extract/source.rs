//! A report as a stream that ends at a size limit, and its lines.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use serde::de::DeserializeOwned;

use super::error::{ExtractError, MAX_BYTES, Malformed, Position};

enum ReadFailure {
    Read(io::Error),
    TooLarge,
}

/// A report. It remembers why reading failed, whatever a parser makes of the error that it was given.
pub(crate) struct Source<'a> {
    input: &'a mut dyn Read,
    left: u64,
    failure: Option<ReadFailure>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(input: &'a mut dyn Read) -> Self {
        Self { input, left: MAX_BYTES, failure: None }
    }

    /// The error that is the cause: why reading failed comes before what a parser made of it.
    pub(crate) fn settle<T>(
        self,
        result: Result<T, Malformed>,
        file: &str,
    ) -> Result<T, ExtractError> {
        let file = || file.to_owned();
        match (self.failure, result) {
            (Some(ReadFailure::Read(source)), _) => {
                Err(ExtractError::Read { file: file(), source })
            }
            (Some(ReadFailure::TooLarge), _) => Err(ExtractError::TooLarge { file: file() }),
            (None, Err(Malformed { at, message })) => {
                Err(ExtractError::Malformed { file: file(), at, message })
            }
            (None, Ok(value)) => Ok(value),
        }
    }

    /// Its lines.
    pub(super) fn lines(&mut self) -> SourceLines<'_, 'a> {
        SourceLines { reader: BufReader::new(self), number: 0, line: Vec::new() }
    }

    /// Calls `take` with every object of JSON and its line. Lines that do not begin with `{` are what tests printed
    /// in between; an object that is cut short is an error.
    pub(super) fn json_lines<T: DeserializeOwned>(
        &mut self,
        mut take: impl FnMut(u64, T) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        let mut lines = self.lines();
        while let Some((number, line)) = lines.next()? {
            if line.trim_ascii_start().starts_with(b"{") {
                let object = serde_json::from_slice(line)
                    .map_err(|error| Malformed::json(&error, number - 1))?;
                take(number, object)?;
            }
        }
        Ok(())
    }

    /// All of it.
    pub(crate) fn text(&mut self) -> Result<String, Malformed> {
        let mut bytes = Vec::new();
        // The cause is remembered; `settle` reports it instead of this.
        self.read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to() as u64;
            Malformed::new(Position::Byte(at), "not UTF-8")
        })
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        // One byte more than is left distinguishes a report that ends at the limit from one that goes on.
        let most = usize::try_from(self.left + 1).unwrap_or(usize::MAX).min(buffer.len());
        match self.input.read(&mut buffer[..most]) {
            Ok(count) if count as u64 > self.left => {
                self.failure = Some(ReadFailure::TooLarge);
                Err(io::Error::other("too large"))
            }
            Ok(count) => {
                self.left -= count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let copy = io::Error::new(error.kind(), error.to_string());
                self.failure = Some(ReadFailure::Read(error));
                Err(copy)
            }
        }
    }
}

fn unreadable(error: &io::Error) -> Malformed {
    Malformed::new(Position::Byte(0), error.to_string())
}

/// The lines of a report.
pub(super) struct SourceLines<'s, 'a> {
    reader: BufReader<&'s mut Source<'a>>,
    number: u64,
    line: Vec<u8>,
}

impl SourceLines<'_, '_> {
    /// The next line without its end, and its number from 1.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[u8])>, Malformed> {
        self.line.clear();
        let count =
            self.reader.read_until(b'\n', &mut self.line).map_err(|error| unreadable(&error))?;
        if count == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        Ok(Some((self.number, line.strip_suffix(b"\r").unwrap_or(line))))
    }

    /// The next line, which has to be UTF-8.
    pub(super) fn next_text(&mut self) -> Result<Option<(u64, &str)>, Malformed> {
        match self.next()? {
            None => Ok(None),
            Some((number, line)) => match std::str::from_utf8(line) {
                Ok(text) => Ok(Some((number, text))),
                Err(_) => Err(Malformed::new(Position::Line(number), "not UTF-8")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(bytes: u64) -> Result<usize, ExtractError> {
        let mut input = io::repeat(b'x').take(bytes);
        let mut source = Source::new(&mut input);
        let text = source.text();
        source.settle(text, "r.xml").map(|text| text.len())
    }

    #[test]
    fn a_report_of_the_largest_size_is_read_and_one_byte_more_is_refused() {
        assert_eq!(size(MAX_BYTES).unwrap() as u64, MAX_BYTES);
        let error = size(MAX_BYTES + 1).unwrap_err();
        assert!(matches!(error, ExtractError::TooLarge { .. }), "{error}");
        assert!(error.to_string().starts_with("report `r.xml` is larger than 64 MiB"), "{error}");
    }

    #[test]
    fn the_systems_reason_comes_before_what_a_parser_makes_of_it() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::new(ErrorKind::PermissionDenied, "no"))
            }
        }
        let mut input = Broken;
        let mut source = Source::new(&mut input);
        let next = source.lines().next().map(|_| ());
        let error = source.settle(next, "r.xml").unwrap_err();
        assert!(matches!(error, ExtractError::Read { .. }), "{error}");
    }
}
