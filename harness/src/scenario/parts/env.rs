//! `[env]` and `[[env.case]]`: the environment of every command.

use std::collections::BTreeMap;

use super::context::{Context, TemplatePlace};
use crate::scenario::condition::When;
use crate::scenario::reader::{Fields, Shape, TableShape, all, optional, required};
use crate::scenario::template::Template;
use crate::scenario::writer::{Writer, condition, inline, list, quoted};

/// `[env]`
pub(super) static ENV: TableShape = TableShape {
    title: "[env]",
    doc: "Commands get an environment built from nothing: the runner's own directories, what is passed, what is set. What is not named here does not reach them, so that results do not depend on your shell.",
    keys: &[
        optional(
            "pass",
            Shape::List(&Shape::EnvName),
            "none",
            "Variables taken from the environment of `bench`, where they are set.",
        ),
        optional("set", Shape::Variables, "none", "Variables set for every command."),
        optional("case", Shape::Tables(&CASE), "none", "Variables set under a condition."),
    ],
    groups: &[],
    needs: &[],
    example: "[env]\npass = [\"SSL_CERT_FILE\"]\nset = { LC_ALL = \"C.UTF-8\", CC = \"{scenario}/cc\" }",
};

/// `[[env.case]]`
pub(super) static CASE: TableShape = TableShape {
    title: "[[env.case]]",
    doc: "Variables set under a condition, in file order: a later case wins over an earlier one, and any case over `[env] set`.",
    keys: &[
        required(
            "when",
            Shape::When,
            "The condition; without one, the variables belong into `[env] set`.",
        ),
        required("set", Shape::Variables, "The variables."),
        optional(
            "phases",
            Shape::Filled(&Shape::Name),
            "every command",
            "The variables are for the commands of these phases only: a proxy that is meant for the tests must not reach the phase that installs them, or the proxy itself.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[[env.case]]\nwhen = { tuning = \"portable\" }\nset = { CCACHE_BASEDIR = \"{workspace}\", CCACHE_NOHASHDIR = \"1\" }",
};

/// The environment of every command.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnvSpec {
    /// Variables taken from the environment of `bench`, when set there.
    pub pass: Vec<String>,
    /// Variables set for every command.
    pub set: BTreeMap<String, Template>,
    /// Variables set under a condition; later entries win.
    pub cases: Vec<EnvCase>,
}

/// Variables set under a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvCase {
    /// The condition.
    pub when: When,
    /// The variables.
    pub set: BTreeMap<String, Template>,
    /// The phases whose commands get them; empty for every command.
    pub phases: Vec<String>,
}

pub(super) fn read(context: &Context<'_, '_>, file: &Fields<'_, '_>) -> Option<EnvSpec> {
    file.or_default("env", || {
        let env = file.table("env")?;
        let pass = env.or_default("pass", || {
            all(env.texts("pass")?.iter().map(|text| context.diagnostics.env_name(text)))
        });
        let set = context.variables(&env, "set", TemplatePlace::Elsewhere);
        let cases = all(env.tables("case").iter().map(|table| case(context, table)));
        Some(EnvSpec { pass: pass?, set: set?, cases: cases? })
    })
}

fn case(context: &Context<'_, '_>, case: &Fields<'_, '_>) -> Option<EnvCase> {
    let when = context.when(case);
    let set = context.variables(case, "set", TemplatePlace::Elsewhere);
    let phases = case.or_default("phases", || {
        let names = case.filled("phases")?;
        all(names.into_iter().map(|name| context.reference("phase", Some(name), &context.phases)))
    });
    Some(EnvCase { when: when?, set: set?, phases: phases? })
}

pub(super) fn write(writer: &mut Writer<'_>, env: &EnvSpec) {
    if !env.pass.is_empty() || !env.set.is_empty() {
        writer.header("[env]");
        writer.filled("pass", &env.pass);
        writer.variables("set", &env.set);
    }
    for case in env.cases.iter().filter(|case| writer.holds(&case.when)).collect::<Vec<_>>() {
        let phases: Vec<&String> =
            case.phases.iter().filter(|phase| writer.has("phase", phase)).collect();
        if phases.is_empty() && !case.phases.is_empty() {
            continue;
        }
        writer.header("[[env.case]]");
        // The key is required: a case that always applies has an empty condition.
        let always = When::default();
        let when = if writer.is_resolved() { &always } else { &case.when };
        writer.line("when", condition(when));
        let set = case.set.iter().map(|(name, value)| (name, quoted(value.as_str())));
        writer.line("set", inline(set));
        if !phases.is_empty() {
            writer.line("phases", list(phases));
        }
    }
}
