//! An inverted index: which documents hold a word, ranked by how much it says about them (BM25).

use std::collections::BTreeMap;

use digest::fnv1a;
use text::{frequencies, nearest, stem, words};

/// Documents by name, and where words occur in them.
#[derive(Debug, Default)]
pub struct Index {
    documents: Vec<(String, usize)>,
    postings: BTreeMap<String, BTreeMap<usize, usize>>,
    prints: BTreeMap<u64, usize>,
}

/// A document and its score.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit<'a> {
    /// The document's name.
    pub name: &'a str,
    /// Higher is better.
    pub score: f64,
}

/// How quickly repetition of a word stops to matter.
const SATURATION: f64 = 1.2;
/// How much long documents are held back.
const LENGTH_WEIGHT: f64 = 0.75;

impl Index {
    /// Adds a document; the error is the name of one with the same text.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), &str> {
        let number = self.documents.len();
        let print = fnv1a(text.as_bytes());
        if let Some(&twin) = self.prints.get(&print) {
            return Err(&self.documents[twin].0);
        }
        self.prints.insert(print, number);
        let counts = frequencies(text);
        self.documents.push((name.to_owned(), counts.values().sum()));
        for (word, count) in counts {
            let places = self.postings.entry(stem(&word).to_owned()).or_default();
            *places.entry(number).or_default() += count;
        }
        Ok(())
    }

    /// Documents that hold at least one of the words, best first.
    pub fn search(&self, query: &str) -> Vec<Hit<'_>> {
        let total = self.documents.len() as f64;
        let length: usize = self.documents.iter().map(|(_, length)| length).sum();
        let mean = length as f64 / total;
        let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
        for word in words(query) {
            let Some(places) = self.postings.get(stem(&word)) else {
                continue;
            };
            let rare = places.len() as f64;
            let weight = (1.0 + (total - rare + 0.5) / (rare + 0.5)).ln();
            for (&number, &count) in places {
                let count = count as f64;
                let relative = self.documents[number].1 as f64 / mean;
                let damping = SATURATION * (1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * relative);
                *scores.entry(number).or_default() +=
                    weight * count * (SATURATION + 1.0) / (count + damping);
            }
        }
        let mut hits: Vec<Hit<'_>> = scores
            .into_iter()
            .map(|(number, score)| Hit { name: &self.documents[number].0, score })
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.name.cmp(b.name)));
        hits
    }

    /// A word of the index that an unknown word may have meant.
    pub fn suggestion(&self, word: &str) -> Option<&str> {
        let word = word.to_lowercase();
        if self.postings.contains_key(stem(&word)) {
            return None;
        }
        nearest(stem(&word), self.postings.keys().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> Index {
        let mut index = Index::default();
        for (name, text) in [
            ("cache", "A cache keeps what was computed. Caches are measured by their hits."),
            ("runner", "A runner is a machine that builds and tests."),
            (
                "noise",
                "Noise hides what is measured; measure again, and again, on a quiet machine.",
            ),
        ] {
            index.add(name, text).unwrap();
        }
        index
    }

    #[test]
    fn the_document_that_says_most_comes_first() {
        let index = library();
        let names: Vec<&str> = index.search("measuring").iter().map(|hit| hit.name).collect();
        assert_eq!(names, ["cache", "noise"]);
        assert_eq!(index.search("quiet machine")[0].name, "noise");
        assert!(index.search("nothing here").is_empty());
    }

    #[test]
    fn the_same_text_is_not_added_twice() {
        assert_eq!(
            library().add("copy", "A runner is a machine that builds and tests."),
            Err("runner")
        );
    }

    #[test]
    fn a_misspelt_word_gets_a_suggestion() {
        assert_eq!(library().suggestion("machnie"), Some("machine"));
        assert_eq!(library().suggestion("machines"), None);
    }
}
