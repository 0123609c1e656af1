//! A snapshot of the process table and the family relations in it.

use std::collections::BTreeSet;

/// One process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProcessEntry {
    /// Process id.
    pub(crate) pid: u32,
    /// Parent.
    pub(crate) parent: u32,
    /// Process group.
    pub(crate) group: u32,
    /// Start time in clock ticks since boot: with the id it names one process for ever.
    pub(crate) start: u64,
    /// Ended, but not yet waited for.
    pub(crate) ended: bool,
    /// Command name, as the kernel knows it.
    pub(crate) name: String,
}

impl ProcessEntry {
    /// Distinguishes it from a later process with the same id.
    pub(crate) fn key(&self) -> (u32, u64) {
        (self.pid, self.start)
    }
}

/// Every process that was visible at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProcessTable(pub(crate) Vec<ProcessEntry>);

impl ProcessTable {
    /// The process with this id.
    pub(crate) fn get(&self, pid: u32) -> Option<&ProcessEntry> {
        self.0.iter().find(|entry| entry.pid == pid)
    }

    /// Adds to `family` every process whose parent is in it, until nothing changes. Processes in `not`
    /// are left out, and so is what descends from them alone.
    pub(crate) fn close_over(&self, family: &mut BTreeSet<u32>, not: &BTreeSet<u32>) {
        loop {
            let before = family.len();
            let children = self.0.iter().filter(|entry| family.contains(&entry.parent));
            let new: Vec<u32> =
                children.map(|entry| entry.pid).filter(|pid| !not.contains(pid)).collect();
            family.extend(new);
            if family.len() == before {
                return;
            }
        }
    }

    /// Every descendant of `root`, without `root`.
    pub(crate) fn descendants(&self, root: u32) -> impl Iterator<Item = &ProcessEntry> {
        let mut family = BTreeSet::from([root]);
        self.close_over(&mut family, &BTreeSet::new());
        self.0.iter().filter(move |entry| entry.pid != root && family.contains(&entry.pid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(parents: &[(u32, u32)]) -> ProcessTable {
        let entry = |&(pid, parent): &(u32, u32)| ProcessEntry {
            pid,
            parent,
            group: pid,
            start: u64::from(pid),
            ended: false,
            name: String::new(),
        };
        ProcessTable(parents.iter().map(entry).collect())
    }

    #[test]
    fn descendants_are_found_at_any_depth_whatever_the_order_of_the_table() {
        let table = table(&[(9, 8), (8, 7), (7, 1), (5, 1), (1, 0)]);
        let found: Vec<u32> = table.descendants(7).map(|entry| entry.pid).collect();
        assert_eq!(found, [9, 8]);
    }

    #[test]
    fn an_excluded_process_shields_its_descendants() {
        let table = table(&[(2, 1), (3, 2), (4, 1), (5, 4)]);
        let mut family = BTreeSet::from([1]);
        table.close_over(&mut family, &BTreeSet::from([2]));
        assert_eq!(family, BTreeSet::from([1, 4, 5]));
    }
}
