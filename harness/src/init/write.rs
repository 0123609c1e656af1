//! What was found as the text of a scenario.

use std::fmt::Write as _;

use bench_reports::document::text::visible;

use super::ci::{CacheStep, on_runner};
use super::detected::{Detected, ProposedCache};
use crate::scenario::file_safe;

/// A string of TOML, whatever is in it.
pub(super) fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Variables that say how this machine reaches package registries.
const PASS: &str = r#"["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "PIP_CERT", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "CARGO_HTTP_CAINFO", "NODE_EXTRA_CA_CERTS", "GOPROXY"]"#;

/// The text of `scenario.toml`; adds what could not be found out to `unknown`.
pub(super) fn scenario(
    project: &str,
    detected: &Detected,
    steps: &[CacheStep],
    unknown: &mut Vec<String>,
) -> String {
    let mut toml = format!(
        "# Written by `bench init` from {}. Check it, then: bench run --scenario NAME --dry-run\n",
        visible(&detected.because)
    );
    let title = format!("{}: {}", visible(project), detected.what);
    let _ = write!(
        toml,
        "\n[scenario]\ntitle = {}\n# Numbers without this mislead: say what they show, and what they cannot.\n\
         analysis = \"\"\n\n\
         # The repository that this folder is in; of a git work tree what git does not ignore.\n\
         [source]\npath = \"../..\"\n\n\
         # Commands see nothing of your own environment: what they need is passed or set here.\n\
         [env]\npass = {PASS}\n",
        quote(&title)
    );
    let set: Vec<String> = [("LC_ALL", "C.UTF-8")]
        .iter()
        .chain(&detected.env)
        .map(|(name, value)| format!("{name} = {}", quote(value)))
        .collect();
    let _ = writeln!(toml, "set = {{ {} }}", set.join(", "));
    for step in steps {
        let key =
            step.key.as_deref().map_or(String::new(), |key| format!(", key {}", visible(key)));
        let paths = if step.paths.is_empty() {
            "paths that the action knows".to_owned()
        } else {
            visible(&step.paths.join(", "))
        };
        let _ = write!(
            toml,
            "\n# {} has a cache step, {}: {paths}{key}",
            visible(&step.file),
            visible(&step.uses)
        );
    }
    if !steps.is_empty() {
        toml.push('\n');
    }
    for cache in caches(detected, steps, unknown) {
        let _ = write!(
            toml,
            "\n# {}\n[[cache]]\nname = {}\npath = {}\n",
            visible(&cache.why),
            quote(&cache.name),
            quote(&cache.path)
        );
        if let Some(variable) = cache.env {
            let _ = writeln!(toml, "env = {}", quote(variable));
        }
    }
    toml.push_str(&detected.parts);
    toml.push_str(
        "\n# A limit, once you know what is normal.\n# [[gate]]\n# regime = \"cross-runner\"\n# min_speedup = 1.5\n",
    );
    if !unknown.is_empty() {
        toml.push_str("\n# What `bench init` could not find out:\n");
        for one in unknown {
            let _ = writeln!(toml, "# - {}", visible(one));
        }
    }
    toml
}

/// The detector's caches, and those of CI that are none of them.
fn caches(
    detected: &Detected,
    steps: &[CacheStep],
    unknown: &mut Vec<String>,
) -> Vec<ProposedCache> {
    let mut caches = detected.caches.clone();
    for step in steps {
        for path in &step.paths {
            let plain = path.trim_end_matches('/');
            if caches.iter().any(|cache| cache.usual.iter().any(|usual| within(plain, usual))) {
                continue;
            }
            let Some(place) = on_runner(path, &step.below) else {
                unknown.push(format!("where `{path}` of `{}` is: declare it by hand", step.file));
                continue;
            };
            if caches.iter().any(|cache| within(&place, &cache.path) || within(&cache.path, &place))
            {
                continue;
            }
            let base =
                file_safe(place.rsplit('/').next().unwrap_or_default().trim_start_matches('.'));
            let is_used = |name: &str| caches.iter().any(|c| c.name.eq_ignore_ascii_case(name));
            let mut name = base.clone();
            let mut number = 2;
            while is_used(&name) {
                name = format!("{base}-{number}");
                number += 1;
            }
            caches.push(ProposedCache::new(&name, &place, &format!("Saved by {}.", step.file)));
        }
    }
    caches
}

/// Whether `path` is `outer` or inside it.
fn within(path: &str, outer: &str) -> bool {
    path == outer || path.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}
