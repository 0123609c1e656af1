//! What a report can show beside its run.

use bench_record::Regime;
use bench_reports::ablate::Ablation;
use bench_reports::answer::Answer as _;
use bench_reports::explain::{self, Explanation};
use bench_reports::quota::{ListedEntry, Quota};
use bench_reports::report::{Beside, Next, NextCache};
use bench_reports::trend::Recent;
use bench_reports::verify::Verification;

use super::earlier::series;
use super::instant;

/// Documents of real runs of the other commands, what a recipe says, earlier runs, and what the cache of a CI holds.
pub(crate) struct Documents {
    pub(crate) explain: Explanation,
    pub(crate) ablate: Ablation,
    pub(crate) verify: Verification,
    pub(crate) next: Next,
    pub(crate) recent: Recent,
    pub(crate) quota: Quota,
}

impl Documents {
    pub(crate) fn new() -> Self {
        let next = Next {
            advice: "Cache it",
            reason: "a restored cache saves 5.29 s a job".to_owned(),
            caches: vec![NextCache {
                name: "store".to_owned(),
                declared: Some("{cache}/store".to_owned()),
                path: Some(".ci-cache/store".to_owned()),
                files: Some(399),
                bytes: Some(8_300_000),
                archive_bytes: Some(1_260_000),
                archived_with: None,
                archived: 1,
                advice: "yes".to_owned(),
            }],
            variables: Some(
                "env:\n  STORE: \"${{ github.workspace }}/.ci-cache/store\"\n".to_owned(),
            ),
            remarks: vec!["`bench ablate` says more.".to_owned()],
        };
        Self {
            explain: Explanation::parse(include_str!("../data/documents/explain.json")).unwrap(),
            ablate: serde_json::from_str(include_str!("../data/documents/ablate.json")).unwrap(),
            verify: serde_json::from_str(include_str!("../data/documents/verify.json")).unwrap(),
            next,
            recent: recent(),
            quota: quota(),
        }
    }

    /// The same with foreign text wherever a document has room for it.
    pub(crate) fn with_text(foreign: &str) -> Self {
        let mut all = Self::new();
        let own = || foreign.to_owned();
        let Self { explain, ablate, verify, next, recent, quota } = &mut all;
        explain.headline = own();
        explain.run_id = own();
        explain.params = [(own(), own())].into();
        explain.together = vec![own()];
        explain.stale.mtime_kept = None;
        explain.stale.reason = Some(own());
        explain.found = vec![explain::NamedInCache { kind: own(), files: 2, example: own() }];
        for control in &mut explain.controls {
            control.name = own();
        }
        for property in &mut explain.properties {
            property.name = own();
            property.reason = Some(own());
            property.remedy = Some(own());
            property.variants = [(own(), explain::Measurement::default())].into();
            if let Some(remedy) = &mut property.remedy_details {
                (remedy.key, remedy.fix) = (own(), own());
                (remedy.link, remedy.risk) = (Some(own()), Some(own()));
            }
        }
        ablate.run_id.0 = own();
        ablate.params = [(own(), own())].into();
        ablate.findings = vec![own()];
        for cache in &mut ablate.caches {
            cache.name = own();
        }
        for set in &mut ablate.sets {
            set.caches = set.caches.iter().map(|name| format!("{foreign}{name}")).collect();
            set.reason = Some(own());
        }
        for pair in &mut ablate.pairs {
            (pair.one, pair.other) = (own(), own());
        }
        for keep in &mut ablate.keep {
            keep.caches = [own()].into();
        }
        verify.run_id.0 = own();
        verify.reason = Some(own());
        verify.findings = vec![own()];
        for run in &mut verify.runs {
            (run.runner, run.reason) = (own(), Some(own()));
        }
        for fault in &mut verify.faults {
            (fault.fault, fault.reason) = (own(), own());
            (fault.cache, fault.kind) = (Some(own()), Some(own()));
        }
        next.reason = own();
        next.variables = Some(format!("env:\n  {foreign}\n"));
        next.remarks = vec![own()];
        for cache in &mut next.caches {
            cache.name = own();
            (cache.declared, cache.path) = (Some(own()), Some(own()));
        }
        for series in &mut recent.series {
            for point in &mut series.points {
                (point.run, point.source) = (own(), Some(own()));
            }
        }
        for entry in &mut quota.entries {
            (entry.key, entry.scope) = (own(), Some(own()));
        }
        (quota.repository, quota.own, quota.base) = (Some(own()), Some(own()), Some(own()));
        all
    }

    pub(crate) fn beside(&self) -> Beside<'_> {
        Beside {
            quota: Some(&self.quota),
            history: Some(&self.recent),
            logs: None,
            explain: Some(&self.explain),
            ablate: Some(&self.ablate),
            verify: Some(&self.verify),
            next: Some(&self.next),
        }
    }
}

/// Nights around one level, and since the thirteenth around a higher one; a night that failed.
fn recent() -> Recent {
    let cold = |night: u32| {
        let level = if night < 12 { 10.0 } else { 12.0 };
        (night != 4).then(|| level + f64::from(night * 7 % 5) * 0.05)
    };
    let warm = |night: u32| Some(0.9 + f64::from(night * 3 % 4) * 0.01);
    Recent {
        series: vec![
            series(Regime::Cold, &(0..18).map(cold).collect::<Vec<_>>()),
            series(Regime::SameRunner, &(0..18).map(warm).collect::<Vec<_>>()),
        ],
        incomparable: 2,
        damaged: 1,
    }
}

fn quota() -> Quota {
    let entry = |key: &str, scope: &str, bytes| ListedEntry {
        key: key.to_owned(),
        scope: Some(scope.to_owned()),
        bytes,
        created_at: Some(instant()),
    };
    Quota {
        entries: vec![
            entry("store-linux-5c1e", "refs/heads/main", 4_000_000_000),
            entry("store-linux-77d0", "refs/pull/3/merge", 1_500_000_000),
            entry("index-linux-5c1e", "refs/pull/2/merge", 500_000_000),
        ],
        total: 3,
        repository: Some("owner/name".to_owned()),
        own: Some("refs/pull/3/merge".to_owned()),
        base: Some("refs/heads/main".to_owned()),
        one: Some(1_260_000),
    }
}
