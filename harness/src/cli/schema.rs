//! `bench schema`: the JSON Schema of scenario files, for editors.

use super::{Outcome, print};
use crate::{exit, scenario};

pub(super) fn run() -> Outcome {
    print(&format!("{:#}\n", scenario::schema()))?;
    Ok(exit::OK)
}
