//! Text that wants out of its place, and a run that is full of it.

use bench_record::{CacheUse, Example, LoadedRun, Outcome, RunId};

use super::{MS, normal};

pub(crate) const HOSTILE: [&str; 12] = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "@everyone please look at #1 and GH-1",
    "`code` **bold** | pipe | ![x](https://evil.example/p.png)",
    "\u{202e}gnp.exe\u{202c}\u{200b}",
    "line one\n# heading\r\n| a | b |",
    "\u{1b}[31mred\u{1b}[0m\u{7}\u{9b}2J",
    "=HYPERLINK(\"https://evil.example\")",
    "</code></details><b>out</b>",
    "&lt;b&gt; www.evil.example https://evil.example",
    "漢字かな交じり文\u{ff21}\u{1f600}\u{301}",
];

/// What tries to leave its place in HTML, attributes, scripts and addresses.
pub(crate) const MORE: [&str; 18] = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "-->",
    "]]><x>",
    "\" onmouseover=\"alert(1)",
    "' autofocus onfocus='alert(1)",
    "`onload=alert(1)",
    "javascript:alert(1)",
    "{{7*7}}${7*7}<%= 7 %>",
    "&#x3C;script&#x3E;alert(1)&lt;/script&gt;",
    "</title></style></textarea><h1>out",
    "<svg/onload=alert(1)>",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content=0>",
    "nul\0and\u{2028}line\u{2029}ends",
    "\u{2066}isolate\u{2069}\u{feff}",
    "\\u003cscript\\u003e",
    "../../etc/passwd?#%2e%2e",
];

/// Every place for foreign text filled with text that wants out of it.
pub(crate) fn hostile() -> LoadedRun {
    let mut run = normal();
    let long = "long".repeat(2_500);
    HOSTILE[0].clone_into(&mut run.run.scenario.name);
    run.run.id = RunId(HOSTILE[6].to_owned());
    run.run.host.cpu = Some(HOSTILE[7].to_owned());
    run.run.params = HOSTILE.iter().map(|text| ((*text).to_owned(), (*text).to_owned())).collect();
    for (index, (sample, examples)) in run.samples.iter_mut().enumerate() {
        for phase in &mut sample.phases {
            HOSTILE[3].clone_into(&mut phase.name);
        }
        let cache = sample.caches.remove("ccache").expect("the builder adds it");
        let cache = CacheUse { bytes: 0, ..cache };
        sample.caches.insert(HOSTILE[4].to_owned(), cache);
        if index % 3 == 0 {
            sample.outcome = Outcome::Unproven;
            sample.reason = Some(HOSTILE[index % HOSTILE.len()].to_owned());
        }
        *examples = HOSTILE
            .iter()
            .copied()
            .chain([long.as_str()])
            .zip(1..)
            .map(|(name, position)| Example {
                sample: sample.id.clone(),
                name: name.to_owned(),
                position,
                wall_ns: u64::from(position) * 100 * MS,
                outcome: if position % 2 == 0 { Outcome::Failed } else { Outcome::Ok },
                reason: Some(HOSTILE[(position as usize + index) % HOSTILE.len()].to_owned()),
                retries: 0,
            })
            .collect();
    }
    run
}
