//! `bench init`: write a first scenario for a repository.

use std::io::{self, BufRead, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use bench_reports::document::text::{quoted, visible};

use super::{Failure, Outcome};
use crate::init::{self, Detected, Project};
use crate::{exit, scenario};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Repository to look at
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Take the best guess instead of asking
    #[arg(long)]
    yes: bool,
    /// Name of the scenario [default: the directory's]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let root = args.dir.canonicalize().map_err(|source| {
        let message = format!("cannot read the directory `{}`", args.dir.display());
        Failure::usage(anyhow::Error::new(source).context(message))
    })?;
    let ask = !args.yes && io::stdin().is_terminal();
    if !args.yes && !ask {
        return Err(Failure::usage(anyhow!(
            "standard input is not a terminal, so nothing can be asked (hint: `--yes` takes the best guess)"
        )));
    }
    let called = root.file_name().map_or("project".into(), |name| name.to_string_lossy());
    let name = args.name.clone().unwrap_or_else(|| scenario::file_safe(&called));
    if name != scenario::file_safe(&name) {
        return Err(Failure::usage(anyhow!(
            "{} is not a valid name of a scenario, expected letters, digits, `-`, `_` and `.` (hint: `--name {}`)",
            quoted(&name),
            scenario::file_safe(&name)
        )));
    }
    let dir = root.join("scenarios").join(&name);
    if std::fs::symlink_metadata(&dir).is_ok() {
        return Err(Failure::usage(anyhow!(
            "`{}` exists already, and nothing is overwritten (hint: `--name` for another)",
            dir.display()
        )));
    }
    let project = Project::new(&root);
    let found = init::detect(&project);
    if found.is_empty() {
        return Err(Failure::usage(anyhow!(
            "found nothing in `{}` that says how it is built; looked for {} (hint: docs/SCENARIOS.md has the \
             smallest scenario)",
            root.display(),
            init::known()
        )));
    }
    for (number, one) in (1..).zip(&found) {
        anstream::eprintln!("found {number}: {} ({})", one.what, visible(&one.because));
    }
    let index = if ask { choose(&found, &mut io::stdin().lock())? } else { 0 };
    write(&project, &called, &found[index], &dir)
}

/// Asks which of several to take; enter takes the first.
fn choose(found: &[Detected], input: &mut impl BufRead) -> Result<usize, Failure> {
    loop {
        anstream::eprint!("write a scenario for which one? [1, or q to stop] ");
        io::stderr().flush()?;
        let mut line = String::new();
        let ended = input.read_line(&mut line)? == 0;
        match line.trim() {
            "" if !ended => return Ok(0),
            "" | "q" => return Err(Failure::usage(anyhow!("nothing was written"))),
            number => match number.parse::<usize>() {
                Ok(number) if (1..=found.len()).contains(&number) => return Ok(number - 1),
                _ => anstream::eprintln!("expected a number from 1 to {}", found.len()),
            },
        }
    }
}

fn write(project: &Project, called: &str, found: &Detected, dir: &Path) -> Outcome {
    let proposal = init::propose(project, called, found);
    let file = proposal.write(dir).with_context(|| format!("cannot write `{}`", dir.display()))?;
    for step in &proposal.steps {
        let paths = step.paths.join(", ");
        anstream::eprintln!(
            "cache step: {} in {}{}{}",
            visible(&step.uses),
            visible(&step.file),
            if paths.is_empty() { String::new() } else { format!(", paths {}", visible(&paths)) },
            step.key.as_deref().map_or(String::new(), |key| format!(", key {}", visible(key))),
        );
    }
    for unknown in &proposal.unknown {
        anstream::eprintln!("could not find out: {}", visible(unknown));
    }
    let colour = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    let checked =
        scenario::check(std::slice::from_ref(&file), colour, &mut anstream::stdout().lock())?;
    if checked.invalid > 0 {
        return Err(Failure::from(anyhow!(
            "the scenario that was written is not valid: that is a bug of `bench init` (hint: correct \
             `{}` by hand)",
            file.display()
        )));
    }
    anstream::eprintln!("next: bench run --scenario {} --dry-run", dir.display());
    Ok(exit::OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Option<usize> {
        let found = [Detected::default(), Detected::default()];
        choose(&found, &mut text.as_bytes()).ok()
    }

    #[test]
    fn an_answer_is_a_number_or_nothing() {
        assert_eq!(answer("\n"), Some(0));
        assert_eq!(answer("2\n"), Some(1));
        assert_eq!(answer("3\nx\n0\n1\n"), Some(0));
        assert_eq!(answer("q\n"), None);
        assert_eq!(answer(""), None, "the end of the input is not an answer");
    }
}
