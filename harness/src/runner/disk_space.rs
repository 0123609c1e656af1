//! Whether the disk gets tight. Walking a runner's tree to know its size can take longer than a sample, so what is
//! free is compared with what was taken first.

use std::path::Path;

use globset::GlobSet;

use crate::system::fs::state::{StateError, StateRoot};
use crate::system::fs::tree::{self, TreeError};

/// Room that must stay free, in sizes of a runner: enough for its copies, an archive and another runner.
const FREE_FACTOR: u64 = 4;

/// What was free on the disk of a state root before runners were laid out.
#[derive(Clone, Copy, Debug)]
pub struct DiskWatch {
    free_at_start: u64,
}

/// Why it is not known whether the disk is tight.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The system does not say what is free.
    #[error(transparent)]
    State(#[from] StateError),
    /// The tree could not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl DiskWatch {
    /// Notes what is free now.
    ///
    /// # Errors
    /// When the system does not say what is free.
    pub fn start(state: &StateRoot) -> Result<Self, StateError> {
        Ok(Self { free_at_start: state.free_bytes()? })
    }

    /// Whether less than some times the size of the tree at `rel` of the state root is free.
    ///
    /// # Errors
    /// When the system does not say what is free, or the tree cannot be read.
    pub fn is_tight(self, state: &StateRoot, rel: &Path) -> Result<bool, DiskError> {
        self.is_tight_with(state.free_bytes()?, || {
            let (_, bytes) = tree::measure(&state.path().join(rel), &GlobSet::empty())?;
            Ok(bytes)
        })
    }

    fn is_tight_with(
        self,
        free: u64,
        measure: impl FnOnce() -> Result<u64, DiskError>,
    ) -> Result<bool, DiskError> {
        let is_tight = |used: u64| free < used.saturating_mul(FREE_FACTOR);
        // Everything that was laid out since the start, the tree included, took no more than this.
        let taken = self.free_at_start.saturating_sub(free);
        Ok(is_tight(taken) && is_tight(measure()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_measured_only_when_what_was_taken_makes_the_disk_tight() {
        let watch = DiskWatch { free_at_start: 100 };
        let walked = || panic!("the tree was walked");
        assert!(!watch.is_tight_with(100, walked).unwrap());
        assert!(
            !watch.is_tight_with(81, walked).unwrap(),
            "19 were taken: 81 are more than 4 times that"
        );
        assert!(!watch.is_tight_with(70, || Ok(10)).unwrap(), "another process took the rest");
        assert!(watch.is_tight_with(70, || Ok(20)).unwrap());
        assert!(!watch.is_tight_with(200, walked).unwrap(), "another process deleted something");
    }
}
