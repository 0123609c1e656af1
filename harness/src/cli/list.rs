//! `bench list`: the scenarios that can be found here.

use super::places::{open_state, with_places};
use super::{Outcome, default_state, print};
use crate::{exit, scenario};

pub(super) fn run() -> Outcome {
    let state = open_state(&default_state())?;
    let listed = with_places(&state, scenario::list)?;
    let width = listed.iter().map(|one| one.name.len()).max().unwrap_or_default();
    for one in listed {
        let title = one.title.as_deref().unwrap_or("(invalid: `bench check` says why)");
        print(&format!("{:<width$}  {title}\n", one.name))?;
    }
    Ok(exit::OK)
}
