//! The first example apart from the others, the spread of their times, and what more cores would do.

use bench_record::{Arm, ExampleModel, ExampleOrder, Makespan, Regime, RegimeSummary, Summary};

use super::section::Section;
use super::table::{self, NOTHING};
use crate::document::text::quoted;
use crate::document::units;

/// Fewer examples are better read one by one than as quantiles.
const MANY: u32 = 20;

/// `None` without examples.
pub(crate) fn section(summary: &Summary) -> Option<Section> {
    let rows: Vec<Vec<String>> = summary
        .regimes
        .iter()
        .filter(|regime| regime.first_example_s.is_some() && regime.other_examples_s.is_some())
        .map(row)
        .collect();
    if rows.is_empty() {
        return None;
    }
    let told = told(summary);
    let mut sentences: Vec<String> = hidden(summary).into_iter().collect();
    sentences.extend(told.iter().filter_map(|(regime, makespan)| quantiles(regime, makespan)));
    sentences.extend(told.iter().map(|(regime, makespan)| cores(regime, makespan)));
    sentences.extend(basis(&told));
    let section = Section {
        heading: "First example apart from the others",
        header: vec!["regime", "first", "others (median)", "fixed cost", "unexplained"],
        rows,
        sentences,
    };
    Some(section.without_empty_columns(NOTHING))
}

fn row(regime: &RegimeSummary) -> Vec<String> {
    let model = regime.example_model.as_ref().filter(|model| !hides(model));
    let [fixed, unexplained] = match model {
        None => [NOTHING.to_owned(), NOTHING.to_owned()],
        Some(model) => {
            [model.fixed_s, model.unexplained_s].map(|estimate| units::seconds(estimate.value))
        }
    };
    vec![
        table::label(regime),
        table::time(regime.first_example_s),
        table::time(regime.other_examples_s),
        fixed,
        unexplained,
    ]
}

/// Whether the first example takes less than the others: what all share cannot be seen in it then, and what the
/// others leave of the phase tells nothing either.
fn hides(model: &ExampleModel) -> bool {
    model.fixed_s.value < 0.0
}

/// Why the table has no fixed cost; `None` where it has every one.
fn hidden(summary: &Summary) -> Option<String> {
    let mut models = summary.regimes.iter().filter_map(|regime| regime.example_model.as_ref());
    models.any(hides).then(|| {
        "No fixed cost is shown where the first example takes less than the others.".to_owned()
    })
}

/// The candidate's cold regime and the warm one that is nearest to a CI job.
fn told(summary: &Summary) -> Vec<(&RegimeSummary, &Makespan)> {
    let find = |wanted| {
        let regime = summary
            .regimes
            .iter()
            .find(|regime| regime.regime == wanted && regime.arm == Arm::Candidate)?;
        Some((regime, regime.makespan.as_ref()?))
    };
    let warm = [Regime::CrossRunner, Regime::SameRunner, Regime::Hot].into_iter().find_map(find);
    find(Regime::Cold).into_iter().chain(warm).collect()
}

fn quantiles(regime: &RegimeSummary, makespan: &Makespan) -> Option<String> {
    let times = regime.example_times.as_ref().filter(|_| makespan.examples >= MANY)?;
    Some(format!(
        "{}: half of the example times are at most {}, 90 % {}, 99 % {}, all {}.",
        table::label(regime),
        units::seconds(times.p50_s),
        units::seconds(times.p90_s),
        units::seconds(times.p99_s),
        units::seconds(times.max_s),
    ))
}

/// From which number of cores on more do nothing, and which example sets that.
fn cores(regime: &RegimeSummary, makespan: &Makespan) -> String {
    let steps: Vec<String> = makespan
        .cores
        .iter()
        .filter(|estimate| estimate.cores <= makespan.useful_cores)
        .map(|estimate| {
            format!("{} on {}", units::seconds(estimate.longest_first_s), estimate.cores)
        })
        .collect();
    let useful = makespan.useful_cores;
    let longest = format!("{} ({})", quoted(&makespan.longest), units::seconds(makespan.longest_s));
    let label = table::label(regime);
    if useful == 1 {
        format!("More cores, {label}: one is enough, {longest} alone sets the time.")
    } else {
        format!(
            "More cores, {label}: {}; from {useful} on more do nothing, {longest} sets the time.",
            steps.join(", ")
        )
    }
}

/// What the estimates for cores rest on, once.
fn basis(told: &[(&RegimeSummary, &Makespan)]) -> Option<String> {
    let any = |order| told.iter().any(|(_, makespan)| makespan.order == order);
    if told.is_empty() {
        None
    } else if any(ExampleOrder::Parallel) {
        Some(
            "These are estimates: longest first, from times that ran in parallel, which contention lengthens."
                .to_owned(),
        )
    } else if any(ExampleOrder::Unknown) {
        Some(
            "These are estimates: longest first, no contention; the times may have been lengthened by running \
             in parallel."
                .to_owned(),
        )
    } else {
        Some(
            "These are estimates: longest first, no contention, and the fixed cost stays with the first example."
                .to_owned(),
        )
    }
}
