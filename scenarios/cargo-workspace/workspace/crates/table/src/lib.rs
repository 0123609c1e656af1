//! Tables with named columns: computed columns, filters, groups.

use std::collections::BTreeMap;

use expr::{Expr, Step, run};
use json::Value;

/// Rows of numbers under names; labels beside them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    labels: Vec<String>,
    columns: BTreeMap<String, Vec<f64>>,
}

/// What becomes of a group's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// Their sum.
    Sum,
    /// Their arithmetic mean.
    Mean,
    /// The middle one.
    Median,
    /// The largest.
    Max,
}

impl Summary {
    /// Applied to numbers; none of no number.
    pub fn of(self, values: &[f64]) -> Option<f64> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (last, sum) = (*sorted.last()?, sorted.iter().sum::<f64>());
        let middle = sorted.len() / 2;
        Some(match self {
            Self::Sum => sum,
            Self::Mean => sum / sorted.len() as f64,
            Self::Median if sorted.len().is_multiple_of(2) => {
                f64::midpoint(sorted[middle - 1], sorted[middle])
            }
            Self::Median => sorted[middle],
            Self::Max => last,
        })
    }
}

impl Table {
    /// Reads `[{"label": "a", "x": 1, ...}, ...]`; every row has the same columns.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut table = Self::default();
        for (number, row) in Value::read(text)?.list().iter().enumerate() {
            let Value::Map(cells) = row else {
                return Err(format!("row {number} is no map"));
            };
            let label = row.get("label").and_then(Value::text);
            table
                .labels
                .push(label.ok_or_else(|| format!("row {number} has no label"))?.to_owned());
            for (name, cell) in cells.iter().filter(|(name, _)| *name != "label") {
                let value =
                    cell.number().ok_or_else(|| format!("row {number}: `{name}` is no number"))?;
                table.columns.entry(name.clone()).or_default().push(value);
            }
            if let Some((name, _)) =
                table.columns.iter().find(|(_, column)| column.len() != number + 1)
            {
                return Err(format!("row {number}: `{name}` is missing here or before"));
            }
        }
        Ok(table)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    fn each(&self, steps: &[Step]) -> Result<Vec<f64>, String> {
        (0..self.len())
            .map(|row| {
                let variables =
                    self.columns.iter().map(|(name, column)| (name.clone(), column[row]));
                run(steps, &variables.collect())
            })
            .collect()
    }

    /// Adds a column that is computed from the others.
    pub fn compute(&mut self, name: &str, expression: &str) -> Result<(), String> {
        let column = self.each(&Expr::read(expression)?.simplified().compiled())?;
        self.columns.insert(name.to_owned(), column);
        Ok(())
    }

    /// The rows where an expression is not 0.
    pub fn filter(&self, expression: &str) -> Result<Self, String> {
        let keep = self.each(&Expr::read(expression)?.simplified().compiled())?;
        let kept = |row: &usize| keep[*row] != 0.0;
        Ok(Self {
            labels: (0..self.len()).filter(kept).map(|row| self.labels[row].clone()).collect(),
            columns: self
                .columns
                .iter()
                .map(|(name, column)| {
                    (name.clone(), (0..self.len()).filter(kept).map(|row| column[row]).collect())
                })
                .collect(),
        })
    }

    /// One number a label.
    pub fn group(&self, column: &str, summary: Summary) -> Option<BTreeMap<&str, f64>> {
        let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (label, value) in self.labels.iter().zip(self.columns.get(column)?) {
            groups.entry(label).or_default().push(*value);
        }
        groups.into_iter().map(|(label, values)| Some((label, summary.of(&values)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: &str = r#"[
        {"label": "cold", "wall": 12, "restore": 0},
        {"label": "warm", "wall": 2, "restore": 3},
        {"label": "cold", "wall": 14, "restore": 0},
        {"label": "warm", "wall": 4, "restore": 1}
    ]"#;

    #[test]
    fn columns_are_computed_and_grouped() {
        let mut table = Table::read(TIMES).unwrap();
        table.compute("total", "wall + restore").unwrap();
        let means = table.group("total", Summary::Mean).unwrap();
        assert_eq!(means, BTreeMap::from([("cold", 13.0), ("warm", 5.0)]));
    }

    #[test]
    fn filters_keep_the_rows_that_hold() {
        let table = Table::read(TIMES).unwrap();
        assert_eq!(table.filter("wall < 10").unwrap().len(), 2);
        assert!(table.filter("wall <").is_err());
        assert_eq!(table.filter("speed < 1"), Err("unknown `speed`".to_owned()));
    }

    #[test]
    fn every_summary_is_what_its_name_says() {
        let of = |summary: Summary| summary.of(&[5.0, 1.0, 2.0, 4.0]);
        let all = [Summary::Sum, Summary::Mean, Summary::Median, Summary::Max].map(of);
        assert_eq!(all, [Some(12.0), Some(3.0), Some(3.0), Some(5.0)]);
        assert_eq!(Summary::Median.of(&[]), None);
    }

    #[test]
    fn a_ragged_table_is_refused() {
        let ragged = r#"[{"label": "a", "x": 1}, {"label": "b"}]"#;
        assert_eq!(Table::read(ragged), Err("row 1: `x` is missing here or before".to_owned()));
    }
}
