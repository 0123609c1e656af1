//! Schedules of dependent tasks on a number of workers.

use std::collections::{BTreeMap, BTreeSet};

use expr::{Expr, run};
use graph::Graph;
use json::{Value, map};

/// A task with its costs and what must be done before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// How long it takes.
    pub cost: f64,
    /// Names of other tasks.
    pub after: BTreeSet<String>,
}

/// When and where a task runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// The task.
    pub name: String,
    /// The worker, from 0.
    pub worker: usize,
    /// Its start.
    pub start: f64,
    /// Its end.
    pub end: f64,
}

/// Tasks by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    tasks: BTreeMap<String, Task>,
}

impl Plan {
    /// Reads `{"NAME": {"cost": "EXPRESSION", "after": ["NAME", ...]}, ...}`; expressions may use `variables`.
    pub fn read(text: &str, variables: &BTreeMap<String, f64>) -> Result<Self, String> {
        let Value::Map(entries) = Value::read(text)? else {
            return Err("no map".to_owned());
        };
        let mut tasks = BTreeMap::new();
        for (name, entry) in &entries {
            let cost =
                entry.get("cost").and_then(Value::text).ok_or(format!("`{name}` has no cost"))?;
            let cost = run(&Expr::read(cost)?.simplified().compiled(), variables)?;
            let after = entry.get("after").map_or(&[][..], Value::list);
            let after: BTreeSet<String> =
                after.iter().filter_map(Value::text).map(str::to_owned).collect();
            if let Some(unknown) = after.iter().find(|before| !entries.contains_key(*before)) {
                return Err(format!("`{name}` waits for unknown `{unknown}`"));
            }
            tasks.insert(name.clone(), Task { cost, after });
        }
        Ok(Self { tasks })
    }

    fn graph(&self) -> Graph<&str, ()> {
        let mut graph = Graph::default();
        for (name, task) in &self.tasks {
            graph.node(&name.as_str());
            task.after.iter().for_each(|before| graph.edge(&before.as_str(), &name.as_str(), ()));
        }
        graph
    }

    /// The longest chain of tasks that wait for each other: no number of workers is faster.
    pub fn critical(&self) -> Result<f64, String> {
        let mut ends: BTreeMap<&str, f64> = BTreeMap::new();
        for name in self.order()? {
            let task = &self.tasks[name];
            let start = task.after.iter().map(|before| ends[before.as_str()]).fold(0.0, f64::max);
            ends.insert(name, start + task.cost);
        }
        Ok(ends.into_values().fold(0.0, f64::max))
    }

    fn order(&self) -> Result<Vec<&str>, String> {
        self.graph().order().map_err(|name| format!("`{name}` waits for itself"))
    }

    /// Gives each task, in order of dependence, to the worker that can begin it first.
    pub fn schedule(&self, workers: usize) -> Result<Vec<Slot>, String> {
        let mut free = vec![0.0_f64; workers.max(1)];
        let mut ends: BTreeMap<&str, f64> = BTreeMap::new();
        let mut slots = Vec::new();
        for name in self.order()? {
            let task = &self.tasks[name];
            let ready = task.after.iter().map(|before| ends[before.as_str()]).fold(0.0, f64::max);
            let (worker, start) = free
                .iter()
                .map(|idle| idle.max(ready))
                .enumerate()
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap_or_default();
            let end = start + task.cost;
            free[worker] = end;
            ends.insert(name, end);
            slots.push(Slot { name: name.to_owned(), worker, start, end });
        }
        Ok(slots)
    }
}

/// Slots as JSON.
pub fn write(slots: &[Slot]) -> String {
    let row = |slot: &Slot| {
        map([
            ("name", slot.name.as_str().into()),
            ("worker", (slot.worker as f64).into()),
            ("start", slot.start.into()),
            ("end", slot.end.into()),
        ])
    };
    slots.iter().map(row).collect::<Value>().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILD: &str = r#"{
        "fetch": {"cost": "net * 2"},
        "core": {"cost": "4", "after": ["fetch"]},
        "ui": {"cost": "3", "after": ["fetch"]},
        "test": {"cost": "1 + 1", "after": ["core", "ui"]}
    }"#;

    fn plan(text: &str) -> Result<Plan, String> {
        Plan::read(text, &BTreeMap::from([("net".to_owned(), 0.5)]))
    }

    #[test]
    fn two_workers_reach_the_critical_path() {
        let plan = plan(BUILD).unwrap();
        let end = |workers| {
            plan.schedule(workers).unwrap().iter().map(|slot| slot.end).fold(0.0, f64::max)
        };
        assert_eq!((end(1), end(2), end(9)), (10.0, 7.0, 7.0));
        assert_eq!(plan.critical(), Ok(7.0));
    }

    #[test]
    fn no_worker_does_two_things_at_once() {
        let slots = plan(BUILD).unwrap().schedule(2).unwrap();
        for (index, a) in slots.iter().enumerate() {
            for b in slots[index + 1..].iter().filter(|b| b.worker == a.worker) {
                assert!(a.end <= b.start || b.end <= a.start, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn a_schedule_is_written_as_json() {
        let slots = plan(r#"{"a": {"cost": "1"}}"#).unwrap().schedule(1).unwrap();
        assert_eq!(write(&slots), r#"[{"end":1,"name":"a","start":0,"worker":0}]"#);
    }

    #[test]
    fn cycles_and_unknown_tasks_are_refused() {
        let cycle = r#"{"a": {"cost": "1", "after": ["b"]}, "b": {"cost": "1", "after": ["a"]}}"#;
        assert_eq!(plan(cycle).unwrap().schedule(2), Err("`a` waits for itself".to_owned()));
        let unknown = r#"{"a": {"cost": "1", "after": ["z"]}}"#;
        assert_eq!(plan(unknown), Err("`a` waits for unknown `z`".to_owned()));
    }
}
