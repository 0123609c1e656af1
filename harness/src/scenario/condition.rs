//! Conditions on params, and the combinations of values that they are asked about.

use std::collections::BTreeMap;

/// The condition under which a part applies: every named param has one of the listed values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When(pub BTreeMap<String, Vec<String>>);

impl When {
    /// Whether the part applies under `params`.
    pub fn holds(&self, params: &BTreeMap<String, String>) -> bool {
        self.0
            .iter()
            .all(|(name, wanted)| params.get(name).is_some_and(|value| wanted.contains(value)))
    }

    /// Whether the two conditions can never hold at the same time.
    pub(crate) fn excludes(&self, other: &Self) -> bool {
        self.0.iter().any(|(param, values)| {
            let others = other.0.get(param);
            others.is_some_and(|others| values.iter().all(|value| !others.contains(value)))
        })
    }
}

/// Every combination of the given values, the last set varying fastest; one empty combination for no sets,
/// none where a set has no value. Of two sets with one name the later wins.
pub fn param_product(sets: &[(String, Vec<String>)]) -> Vec<BTreeMap<String, String>> {
    let mut product = vec![BTreeMap::new()];
    for (name, values) in sets {
        product = product
            .iter()
            .flat_map(|chosen| {
                values.iter().map(|value| {
                    let mut chosen: BTreeMap<String, String> = chosen.clone();
                    chosen.insert(name.clone(), value.clone());
                    chosen
                })
            })
            .collect();
    }
    product
}
