//! Bit sets and variable-length integers.

/// A set of small integers, one bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    /// Adds a member; false when it was one already.
    pub fn insert(&mut self, member: usize) -> bool {
        let (word, bit) = (member / 64, member % 64);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let new = self.words[word] & (1 << bit) == 0;
        self.words[word] |= 1 << bit;
        new
    }

    /// Takes a member out; false when it was none.
    pub fn remove(&mut self, member: usize) -> bool {
        let present = self.contains(member);
        if present {
            self.words[member / 64] &= !(1 << (member % 64));
        }
        present
    }

    /// Whether it is a member.
    pub fn contains(&self, member: usize) -> bool {
        self.words.get(member / 64).is_some_and(|word| word & (1 << (member % 64)) != 0)
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// Members in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, &word)| {
            std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)))
                .take_while(|&rest| rest != 0)
                .map(move |rest| index * 64 + rest.trailing_zeros() as usize)
        })
    }

    /// Members of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { words: self.words.iter().zip(&other.words).map(|(a, b)| a & b).collect() }
    }
}

impl FromIterator<usize> for BitSet {
    fn from_iter<I: IntoIterator<Item = usize>>(members: I) -> Self {
        let mut set = Self::default();
        for member in members {
            set.insert(member);
        }
        set
    }
}

/// Writes seven bits a byte, lowest first; the high bit says that more follow.
pub fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads what [`write_varint`] wrote, and takes it off the front of `input`.
pub fn read_varint(input: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = input.split_first()?;
        *input = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Collects single bits into bytes, lowest first.
#[derive(Debug, Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    used: u32,
}

impl BitWriter {
    /// Appends the lowest `count` bits of `value`.
    pub fn push(&mut self, value: u32, count: u32) {
        for position in 0..count {
            if self.used == 0 {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> position & 1) as u8) << self.used;
            }
            self.used = (self.used + 1) % 8;
        }
    }

    /// The bytes; the last one is filled up with zeros.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Takes single bits out of bytes, lowest first.
#[derive(Debug)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> BitReader<'a> {
    /// Starts at the first bit.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// The next bit.
    pub fn bit(&mut self) -> Option<u32> {
        let byte = self.bytes.get(self.position / 8)?;
        let bit = byte >> (self.position % 8) & 1;
        self.position += 1;
        Some(u32::from(bit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_out_in_order() {
        let set: BitSet = [700, 3, 64, 3, 0].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 3, 64, 700]);
        assert_eq!(set.len(), 4);
    }

    #[test]
    fn a_removed_member_is_gone() {
        let mut set: BitSet = (0..100).collect();
        assert!(set.remove(64));
        assert!(!set.remove(64));
        assert_eq!(set.len(), 99);
    }

    #[test]
    fn an_intersection_holds_what_both_hold() {
        let even: BitSet = (0..60).step_by(2).collect();
        let third: BitSet = (0..90).step_by(3).collect();
        assert!(even.intersection(&third).iter().eq((0..60).step_by(6)));
    }

    #[test]
    fn varints_survive_a_round_trip() {
        let values: Vec<u64> = (0..64).flat_map(|shift| [1 << shift, (1 << shift) - 1]).collect();
        let mut bytes = Vec::new();
        values.iter().for_each(|&value| write_varint(&mut bytes, value));
        let mut input = bytes.as_slice();
        let read: Vec<u64> = std::iter::from_fn(|| read_varint(&mut input)).collect();
        assert_eq!(read, values);
    }

    #[test]
    fn bits_survive_a_round_trip() {
        let mut writer = BitWriter::default();
        writer.push(0b1_0110, 5);
        writer.push(0x1234, 16);
        let bytes = writer.finish();
        let mut reader = BitReader::new(&bytes);
        let mut take = |count: u32| (0..count).fold(0, |v, at| v | reader.bit().unwrap() << at);
        assert_eq!((take(5), take(16)), (0b1_0110, 0x1234));
    }
}
