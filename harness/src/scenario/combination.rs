//! Which values of params a scenario takes, and which do not go together.

use std::collections::BTreeMap;

use super::parts::Scenario;
use super::words::{closest, list};

/// Why params do not fit a scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    /// The scenario has no param of that name.
    #[error("scenario `{scenario}` has no param `{name}` (hint: {hint})")]
    UnknownName {
        /// The scenario.
        scenario: String,
        /// The name that was given.
        name: String,
        /// What there is.
        hint: String,
    },
    /// The param does not take that value.
    #[error(
        "`{value}` is not a value of param `{name}` of scenario `{scenario}`, expected {expected}"
    )]
    UnknownValue {
        /// The scenario.
        scenario: String,
        /// The param.
        name: String,
        /// The value that was given.
        value: String,
        /// What it takes.
        expected: String,
    },
    /// The values do not go together.
    #[error("scenario `{scenario}` cannot run with {values}: {reason}")]
    Refused {
        /// The scenario.
        scenario: String,
        /// The values, as they are given.
        values: String,
        /// The scenario's own words.
        reason: String,
    },
}

impl Scenario {
    /// The first value of every param.
    pub fn default_params(&self) -> BTreeMap<String, String> {
        self.params
            .iter()
            .filter_map(|param| Some((param.name.clone(), param.values.first()?.clone())))
            .collect()
    }

    /// Whether every name is a param of this scenario and every value one that it takes. Params that are
    /// not named are not an error: they have their defaults.
    ///
    /// # Errors
    /// The first name or value that does not fit, with what would.
    pub fn check_params(&self, params: &BTreeMap<String, String>) -> Result<(), ParamError> {
        for (name, value) in params {
            let Some(param) = self.params.iter().find(|param| param.name == *name) else {
                let known: Vec<&str> = self.params.iter().map(|p| p.name.as_str()).collect();
                let hint = match closest(name, &known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => "it has no params".to_owned(),
                    None => format!("it has {}", list(&known)),
                };
                let (scenario, name) = (self.name.clone(), name.clone());
                return Err(ParamError::UnknownName { scenario, name, hint });
            };
            let fits = param.values.contains(value) || (param.open && !value.is_empty());
            if !fits {
                let expected = if param.open {
                    "a value that is not empty".to_owned()
                } else {
                    format!("one of {}", list(&param.values))
                };
                return Err(ParamError::UnknownValue {
                    scenario: self.name.clone(),
                    name: name.clone(),
                    value: value.clone(),
                    expected,
                });
            }
        }
        Ok(())
    }

    /// Whether the values of all params go together.
    ///
    /// # Errors
    /// The first `[[refuse]]` that holds.
    pub fn check_combination(&self, params: &BTreeMap<String, String>) -> Result<(), ParamError> {
        let Some(refusal) = self.refusals.iter().find(|refusal| refusal.when.holds(params)) else {
            return Ok(());
        };
        let values = params.iter().filter(|(name, _)| refusal.when.0.contains_key(*name));
        let values: Vec<String> = values.map(|(name, value)| format!("{name}={value}")).collect();
        Err(ParamError::Refused {
            scenario: self.name.clone(),
            values: values.join(" and "),
            reason: refusal.reason.clone(),
        })
    }
}
