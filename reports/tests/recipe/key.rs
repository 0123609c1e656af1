//! The key of an entry, and text inside YAML.

use bench_reports::recipe::{KEY_LIMIT, Key, yaml};
use proptest::prelude::*;

use super::*;
use crate::common::long;

proptest! {
    #[test]
    fn quoted_text_reads_back_as_itself(text in any::<String>()) {
        let yaml = format!("a: {}\nb: c\n", yaml::quote(&text));
        let read: BTreeMap<String, String> = serde_saphyr::from_str(&yaml).expect("it is YAML");
        prop_assert_eq!(&read["a"], &text);
        prop_assert_eq!(&read["b"], "c");
        prop_assert_eq!(yaml.lines().count(), 2);
    }

    #[test]
    fn foreign_text_starts_no_expression(text in "[${}' a]{0,12}") {
        let literal = yaml::literal(&text);
        // What the CI system makes of it: each of our expressions becomes the text that it holds.
        prop_assert_eq!(literal.replace("${{ '${{' }}", "${{"), text.clone());
        prop_assert_eq!(
            literal.matches("${{").count(),
            2 * text.matches("${{").count()
        );
    }

    #[test]
    fn a_key_is_short_and_plain_whatever_it_is_made_of(
        name in any::<String>(),
        tools in proptest::collection::btree_map(any::<String>(), any::<String>(), 0..9),
        params in proptest::collection::btree_map(any::<String>(), any::<String>(), 0..9),
    ) {
        let tools = tools.iter().map(|(name, version)| (name.clone(), tool(version))).collect();
        let key = Key::new(&name, &tools, &params, &["Cargo.lock".to_owned(), name.clone()]);
        prop_assert!(key.longest <= KEY_LIMIT);
        let plain = key.text.replace("${{ runner.os }}", "").replace("${{ runner.arch }}", "");
        let plain = plain.replace("${{ github.sha }}", "");
        let hash = plain.find("${{ hashFiles(").expect("a lock file is known");
        let (before, _) = plain.split_at(hash);
        prop_assert!(before.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)));
        for prefix in &key.prefixes {
            prop_assert!(key.text.starts_with(prefix.as_str()));
        }
    }
}

/// The key of each entry on the page.
fn keys(page: &str) -> Vec<String> {
    let blocks = page.split("```text\n").skip(1);
    blocks.map(|rest| rest.lines().next().expect("a key").to_owned()).collect()
}

fn key_of(declared: &Declared, params: &[(&str, &str)]) -> Vec<String> {
    let mut run = long();
    run.run.params =
        params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    keys(&page(&run, Some(declared), None))
}

#[test]
fn a_param_is_in_the_key_only_where_it_changes_what_the_cache_holds() {
    let params = [("launcher", "ccache"), ("tuning", "portable"), ("probe", "log")];
    let mut declared = declared();
    declared.params = ["launcher", "tuning"].map(str::to_owned).into();
    let key = &key_of(&declared, &params)[0];
    assert!(key.contains("launcher-ccache") && key.contains("tuning-portable"), "{key}");
    // Nothing but a counter depends on it.
    assert!(!key.contains("probe-"), "{key}");
    // This cache is there with one launcher only, and its name is in the key.
    declared.caches[0].when = BTreeMap::from([("launcher".to_owned(), vec!["ccache".to_owned()])]);
    let key = &key_of(&declared, &params)[0];
    assert!(!key.contains("launcher-") && key.contains("tuning-portable"), "{key}");
    // With several launchers its content may be that of another one.
    declared.caches[0].when.get_mut("launcher").unwrap().push("sccache".to_owned());
    assert!(key_of(&declared, &params)[0].contains("launcher-ccache"));
    declared.params.remove("launcher");
    assert!(!key_of(&declared, &params)[0].contains("launcher-"));
}

#[test]
fn a_param_that_decides_which_caches_share_an_archive_is_in_the_key() {
    let (mut run, mut declared) = several::of_two_caches();
    for (sample, _) in &mut run.samples {
        sample.outcome = bench_record::Outcome::Ok;
    }
    run.run.params = BTreeMap::from([("caches".to_owned(), "both".to_owned())]);
    declared.params.clear();
    assert!(!keys(&page(&run, Some(&declared), None))[0].contains("caches-"));
    declared.caches[1].when = BTreeMap::from([("caches".to_owned(), vec!["both".to_owned()])]);
    assert!(keys(&page(&run, Some(&declared), None))[0].contains("caches-both"));
}
