//! Compression: LZ77 finds repetitions, Huffman shortens what is left, CRC-32 guards the result.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use bits::{BitReader, BitWriter, read_varint, write_varint};
use digest::crc32;

/// Shortest repetition that is worth a reference.
const LEAST: usize = 4;
/// Furthest that a reference looks back.
const WINDOW: usize = 1 << 15;

/// Literals and references: (length, distance) varints, length 0 for a run of literals.
fn repetitions(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut seen: HashMap<&[u8], usize> = HashMap::new();
    let (mut at, mut literals) = (0, 0);
    while at < input.len() {
        let known = input.get(at..at + LEAST).and_then(|key| seen.insert(key, at));
        let found = known.filter(|from| at - from <= WINDOW).map(|from| {
            let length = input[from..].iter().zip(&input[at..]).take_while(|(a, b)| a == b).count();
            (length, at - from)
        });
        if let Some((length, distance)) = found {
            literal_run(&mut out, &input[literals..at]);
            write_varint(&mut out, length as u64);
            write_varint(&mut out, distance as u64);
            at += length;
            literals = at;
        } else {
            at += 1;
        }
    }
    literal_run(&mut out, &input[literals..]);
    out
}

fn literal_run(out: &mut Vec<u8>, bytes: &[u8]) {
    if !bytes.is_empty() {
        write_varint(out, 0);
        write_varint(out, bytes.len() as u64);
        out.extend(bytes);
    }
}

fn repeat(mut input: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = Vec::new();
    while !input.is_empty() {
        let length = usize::try_from(read_varint(&mut input)?).ok()?;
        let second = usize::try_from(read_varint(&mut input)?).ok()?;
        if length == 0 {
            let (bytes, rest) = input.split_at_checked(second)?;
            out.extend(bytes);
            input = rest;
        } else {
            let from = out.len().checked_sub(second).filter(|_| second > 0)?;
            if length > size.checked_sub(out.len())? {
                return None;
            }
            (from..from + length).for_each(|index| out.push(out[index]));
        }
    }
    (out.len() == size).then_some(out)
}

/// Length in bits of each byte's code.
fn code_lengths(input: &[u8]) -> BTreeMap<u8, u32> {
    let mut counts: BTreeMap<u8, usize> = BTreeMap::new();
    input.iter().for_each(|&byte| *counts.entry(byte).or_default() += 1);
    let mut heap: BinaryHeap<Reverse<(usize, Vec<u8>)>> =
        counts.iter().map(|(&byte, &count)| Reverse((count, vec![byte]))).collect();
    let mut lengths: BTreeMap<u8, u32> = counts.keys().map(|&byte| (byte, 0)).collect();
    while heap.len() > 1 {
        if let (Some(Reverse((a, mut left))), Some(Reverse((b, right)))) = (heap.pop(), heap.pop())
        {
            left.extend(right);
            left.iter().for_each(|byte| *lengths.entry(*byte).or_default() += 1);
            heap.push(Reverse((a + b, left)));
        }
    }
    lengths.values_mut().for_each(|length| *length = (*length).max(1));
    lengths
}

/// Canonical codes: shorter first, then by byte.
fn codes(lengths: &BTreeMap<u8, u32>) -> BTreeMap<(u32, u32), u8> {
    let mut order: Vec<(u32, u8)> = lengths.iter().map(|(&byte, &length)| (length, byte)).collect();
    order.sort_unstable();
    let (mut code, mut last) = (0_u32, 0);
    let mut table = BTreeMap::new();
    for (length, byte) in order {
        code <<= length - last;
        table.insert((length, code), byte);
        code += 1;
        last = length;
    }
    table
}

/// Makes bytes fewer.
pub fn pack(input: &[u8]) -> Vec<u8> {
    let middle = repetitions(input);
    let lengths = code_lengths(&middle);
    let mut out = Vec::new();
    for value in [input.len() as u64, u64::from(crc32(input)), middle.len() as u64] {
        write_varint(&mut out, value);
    }
    write_varint(&mut out, lengths.len() as u64);
    for (&byte, &length) in &lengths {
        out.extend([byte, length as u8]);
    }
    let by_byte: BTreeMap<u8, (u32, u32)> =
        codes(&lengths).into_iter().map(|(code, byte)| (byte, code)).collect();
    let mut writer = BitWriter::default();
    for byte in &middle {
        let (length, code) = by_byte[byte];
        (0..length).rev().for_each(|bit| writer.push(code >> bit & 1, 1));
    }
    out.extend(writer.finish());
    out
}

/// What [`pack`] was given; none when the bytes are damaged.
pub fn unpack(mut input: &[u8]) -> Option<Vec<u8>> {
    let size = usize::try_from(read_varint(&mut input)?).ok()?;
    let checksum = read_varint(&mut input)?;
    let middle_size = usize::try_from(read_varint(&mut input)?).ok()?;
    let count = usize::try_from(read_varint(&mut input)?).ok().filter(|&count| count <= 256)?;
    let (header, rest) = input.split_at_checked(2 * count)?;
    let lengths: BTreeMap<u8, u32> =
        header.chunks_exact(2).map(|pair| (pair[0], u32::from(pair[1]))).collect();
    if lengths.values().any(|length| !(1..=30).contains(length)) {
        return None;
    }
    let table = codes(&lengths);
    let mut reader = BitReader::new(rest);
    let mut middle = Vec::new();
    while middle.len() < middle_size {
        let (mut length, mut code) = (0, 0);
        middle.push(loop {
            code = code << 1 | reader.bit()?;
            length += 1;
            if let Some(&byte) = table.get(&(length, code)) {
                break byte;
            }
            if length == 30 {
                return None;
            }
        });
    }
    repeat(&middle, size).filter(|out| u64::from(crc32(out)) == checksum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(count: usize, alphabet: u32) -> Vec<u8> {
        let mut state = 1_u32;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % alphabet
        })
        .take(count)
        .map(|value| value as u8)
        .collect()
    }

    #[test]
    fn everything_survives_a_round_trip() {
        let text = "to be or not to be, that is the question. ".repeat(20).into_bytes();
        for input in [Vec::new(), vec![7], vec![0; 5000], text, noise(3000, 256), noise(3000, 3)] {
            assert_eq!(unpack(&pack(&input)), Some(input));
        }
    }

    #[test]
    fn repetition_becomes_shorter() {
        assert!(pack("measure ".repeat(100).as_bytes()).len() < 80);
    }

    #[test]
    fn damage_is_noticed_and_never_panics() {
        let input = "measure twice, cut once; measure twice, cut once".as_bytes();
        let packed = pack(input);
        for index in 0..packed.len() {
            for flip in [1, 0x80, 0xff] {
                let mut damaged = packed.clone();
                damaged[index] ^= flip;
                // Bits that only fill up the last byte may change without harm.
                assert!(unpack(&damaged).is_none_or(|out| out == input), "byte {index}");
            }
            assert_eq!(unpack(&packed[..index]), None);
        }
    }
}
