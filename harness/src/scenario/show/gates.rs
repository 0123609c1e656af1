//! What is demanded.

use super::Writer;
use super::text::{float, inline};
use crate::scenario::model::{GateRule, Scenario};
use crate::scenario::units::show_duration;

impl Writer<'_> {
    pub(super) fn gates(&mut self, scenario: &Scenario) {
        for gate in &scenario.gates {
            let phases = [
                gate.phase.as_ref(),
                gate.examples.as_ref().and(scenario.examples.as_ref()).map(|e| &e.phase),
            ];
            if phases.into_iter().flatten().any(|phase| !self.has_phase(scenario, phase)) {
                continue;
            }
            self.header("[[gate]]");
            if let Some(regime) = gate.regime {
                self.string("regime", regime.as_str());
            }
            if let Some(phase) = &gate.phase {
                self.string("phase", phase);
            }
            if let Some(examples) = &gate.examples {
                self.string("examples", examples);
            }
            match &gate.rule {
                GateRule::MaxTime(time) => self.string("max", &show_duration(*time)),
                GateRule::MinSpeedup(factor) => self.line("min_speedup", float(*factor)),
                GateRule::MinHitRate(rate) => self.line("min_hit_rate", float(*rate)),
                GateRule::MaxRestore(time) => self.string("max_restore", &show_duration(*time)),
                GateRule::MaxBytes(bytes) => self.line("max_bytes", bytes.to_string()),
                GateRule::MaxNetLoss(time) if time.is_zero() => self.string("max_net_loss", "0s"),
                GateRule::MaxNetLoss(time) => self.string("max_net_loss", &show_duration(*time)),
                GateRule::Baseline { margin, floor } => {
                    self.margins("baseline", *margin, *floor);
                }
                GateRule::WarmAgainstCold { margin, floor } => {
                    self.margins("warm_against_cold", *margin, *floor);
                }
            }
        }
    }

    fn margins(&mut self, key: &str, margin: f64, floor: f64) {
        let (one, two) = ("margin".to_owned(), "floor".to_owned());
        self.line(key, inline([(&one, float(margin)), (&two, float(floor))]));
    }
}
