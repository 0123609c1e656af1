//! A scripted executor for tests: takes no time, starts nothing, and remembers everything.
//!
//! ```ignore
//! let mut fake = FakeExecutor::new();
//! fake.on(&["cc", "--version"], Reply::ok().stdout("cc 12.2\n"));
//! fake.on(&["make"], Reply::exit(2).wall_ms(30).doing(|command| {
//!     std::fs::write(command.cwd.join("a.o"), "object")
//! }));
//! // ... use it as an Executor ...
//! assert_eq!(fake.lines(), ["capture cc --version", "run make all", "sweep"]);
//! ```

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use bench_record::Usage;

use super::command::{Captured, Ended, ExecError, Finished, Invocation, ServiceId, Stray, Swept};
use super::executor::Executor;
use super::namespace::{NamespaceRequest, Namespaces};

type Effect = Box<dyn FnMut(&Invocation) -> io::Result<()>>;
type Matcher = Box<dyn Fn(&Invocation) -> bool>;

/// What a scripted command does.
pub(crate) struct Reply {
    ended: Ended,
    wall_ns: u64,
    usage: Usage,
    stdout: String,
    stderr: String,
    effect: Option<Effect>,
    missing: bool,
}

impl Reply {
    /// Exits with 0 after 1 ms.
    pub(crate) fn ok() -> Self {
        Self::exit(0)
    }

    /// Exits with `code` after 1 ms.
    pub(crate) fn exit(code: i32) -> Self {
        Self {
            ended: Ended::Exited(code),
            wall_ns: 1_000_000,
            usage: Usage::default(),
            stdout: String::new(),
            stderr: String::new(),
            effect: None,
            missing: false,
        }
    }

    /// The program is not there.
    pub(crate) fn missing() -> Self {
        Self { missing: true, ..Self::ok() }
    }

    /// Ends in another way.
    pub(crate) fn ended(mut self, ended: Ended) -> Self {
        self.ended = ended;
        self
    }

    /// Takes this long.
    pub(crate) fn wall_ms(mut self, wall_ms: u64) -> Self {
        self.wall_ns = wall_ms * 1_000_000;
        self
    }

    /// Uses these resources.
    pub(crate) fn usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// Prints this: appended to the log by `run` and `start`, returned by `capture`.
    pub(crate) fn stdout(mut self, text: &str) -> Self {
        text.clone_into(&mut self.stdout);
        self
    }

    /// Prints this to standard error.
    pub(crate) fn stderr(mut self, text: &str) -> Self {
        text.clone_into(&mut self.stderr);
        self
    }

    /// Does this each time: touches files, as the tool would. An error is exit code 99, with its text on
    /// standard error.
    pub(crate) fn doing(
        mut self,
        effect: impl FnMut(&Invocation) -> io::Result<()> + 'static,
    ) -> Self {
        self.effect = Some(Box::new(effect));
        self
    }
}

/// One call of the trait, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Run(Invocation),
    Capture(Invocation),
    Start(Invocation),
    Stop(ServiceId),
    Sweep,
    Pause(Duration),
}

/// The scripted executor.
#[derive(Default)]
pub(crate) struct FakeExecutor {
    rules: Vec<(Matcher, Reply)>,
    calls: Vec<Call>,
    services: BTreeMap<ServiceId, Option<Ended>>,
    strays: Vec<Stray>,
    interrupt_after: Option<usize>,
}

impl FakeExecutor {
    /// Knows no command yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A command whose argv begins with `argv` does `reply`. Rules that were added later come first.
    pub(crate) fn on(&mut self, argv: &[&str], reply: Reply) {
        let argv: Vec<String> = argv.iter().map(|&word| word.to_owned()).collect();
        self.when(move |command| command.argv.starts_with(&argv), reply);
    }

    /// A command that `matches` does `reply`. Rules that were added later come first.
    pub(crate) fn when(&mut self, matches: impl Fn(&Invocation) -> bool + 'static, reply: Reply) {
        self.rules.insert(0, (Box::new(matches), reply));
    }

    /// The next sweep finds these.
    pub(crate) fn leave_behind(&mut self, strays: Vec<Stray>) {
        self.strays = strays;
    }

    /// A SIGINT comes with the command after `calls` commands.
    pub(crate) fn interrupt_after(&mut self, calls: usize) {
        self.interrupt_after = Some(calls);
    }

    /// A service ends by itself.
    pub(crate) fn end_service(&mut self, service: ServiceId, ended: Ended) {
        self.services.insert(service, Some(ended));
    }

    /// Every call so far.
    pub(crate) fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Every call so far as a line: the verb and, for commands, argv.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |call: &Call| match call {
            Call::Run(command) => format!("run {}", command.argv.join(" ")),
            Call::Capture(command) => format!("capture {}", command.argv.join(" ")),
            Call::Start(command) => format!("start {}", command.argv.join(" ")),
            Call::Stop(service) => format!("stop {}", service.0),
            Call::Sweep => "sweep".to_owned(),
            Call::Pause(pause) => format!("pause {}ms", pause.as_millis()),
        };
        self.calls.iter().map(line).collect()
    }

    fn commands(&self) -> usize {
        let is_command = |call: &&Call| matches!(call, Call::Run(_) | Call::Capture(_));
        self.calls.iter().filter(is_command).count()
    }

    /// What happens when `command` is executed.
    ///
    /// Panics when no rule matches: a test that runs what it did not expect is wrong.
    fn execute(&mut self, command: &Invocation) -> Result<(Finished, String, String), ExecError> {
        if self.interrupted().is_some() {
            let usage = Usage::default();
            let finished = Finished { ended: Ended::Interrupted, wall_ns: 0, usage };
            return Ok((finished, String::new(), String::new()));
        }
        let rule = self.rules.iter_mut().find(|(matches, _)| matches(command));
        let Some((_, reply)) = rule else {
            panic!("no rule for command `{}`", command.argv.join(" "));
        };
        if reply.missing {
            return Err(ExecError::Spawn {
                program: command.argv.first().cloned().unwrap_or_default(),
                cwd: command.cwd.clone(),
                source: io::ErrorKind::NotFound.into(),
            });
        }
        let mut finished =
            Finished { ended: reply.ended, wall_ns: reply.wall_ns, usage: reply.usage };
        let mut stderr = reply.stderr.clone();
        if let Some(effect) = &mut reply.effect
            && let Err(error) = effect(command)
        {
            finished.ended = Ended::Exited(99);
            stderr.push_str(&error.to_string());
        }
        Ok((finished, reply.stdout.clone(), stderr))
    }

    /// As `execute`, with the output in the logs.
    fn execute_logged(&mut self, command: &Invocation) -> Result<Finished, ExecError> {
        let (finished, stdout, stderr) = self.execute(command)?;
        append(&command.stdout, &stdout)?;
        append(&command.stderr, &stderr)?;
        Ok(finished)
    }
}

fn append(path: &Path, text: &str) -> Result<(), ExecError> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| ExecError::Log { path: path.to_owned(), source })
}

impl Executor for FakeExecutor {
    fn run(&mut self, command: &Invocation) -> Result<Finished, ExecError> {
        self.calls.push(Call::Run(command.clone()));
        self.execute_logged(command)
    }

    fn capture(&mut self, command: &Invocation) -> Result<Captured, ExecError> {
        self.calls.push(Call::Capture(command.clone()));
        let (finished, stdout, stderr) = self.execute(command)?;
        Ok(Captured { ended: finished.ended, stdout, stderr })
    }

    /// A script has none.
    fn namespaces(
        &mut self,
        _request: NamespaceRequest<'_>,
        _env: BTreeMap<String, String>,
        _scratch: &Path,
    ) -> Result<Result<Namespaces, String>, ExecError> {
        Ok(Err("a scripted executor has no namespaces".to_owned()))
    }

    fn start(&mut self, command: &Invocation) -> Result<ServiceId, ExecError> {
        self.calls.push(Call::Start(command.clone()));
        self.execute_logged(command)?;
        let id = ServiceId(u32::try_from(self.services.len()).unwrap_or(u32::MAX));
        self.services.insert(id, None);
        Ok(id)
    }

    fn ended(&mut self, service: ServiceId) -> Result<Option<Ended>, ExecError> {
        Ok(self.services.get(&service).copied().flatten())
    }

    fn stop(&mut self, service: ServiceId, _grace: Duration) -> Result<Finished, ExecError> {
        self.calls.push(Call::Stop(service));
        let state = self.services.entry(service).or_default();
        let ended = *state.get_or_insert(Ended::Signalled(15));
        Ok(Finished { ended, wall_ns: 1_000_000, usage: Usage::default() })
    }

    fn sweep(&mut self) -> Result<Swept, ExecError> {
        self.calls.push(Call::Sweep);
        Ok(Swept { killed: std::mem::take(&mut self.strays), usage: Usage::default() })
    }

    fn pause(&mut self, pause: Duration) {
        self.calls.push(Call::Pause(pause));
    }

    fn interrupted(&self) -> Option<i32> {
        self.interrupt_after.is_some_and(|after| self.commands() > after).then_some(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(dir: &Path, argv: &[&str]) -> Invocation {
        Invocation {
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
            cwd: dir.to_owned(),
            env: BTreeMap::new(),
            stdout: dir.join("out"),
            stderr: dir.join("err"),
            timeout: None,
        }
    }

    #[test]
    fn the_last_matching_rule_answers_touches_files_and_is_remembered() {
        let temp = tempfile::tempdir().unwrap();
        let mut fake = FakeExecutor::new();
        fake.on(&["make"], Reply::exit(2));
        fake.on(
            &["make", "all"],
            Reply::ok()
                .wall_ms(30)
                .stdout("built\n")
                .doing(|command| std::fs::write(command.cwd.join("a.o"), "object")),
        );
        let finished = fake.run(&command(temp.path(), &["make", "all"])).unwrap();
        assert_eq!((finished.ended, finished.wall_ns), (Ended::Exited(0), 30_000_000));
        assert!(temp.path().join("a.o").is_file());
        assert_eq!(std::fs::read_to_string(temp.path().join("out")).unwrap(), "built\n");
        let captured = fake.capture(&command(temp.path(), &["make", "clean"])).unwrap();
        assert_eq!(captured.ended, Ended::Exited(2));
        fake.sweep().unwrap();
        assert_eq!(fake.lines(), ["run make all", "capture make clean", "sweep"]);
    }

    #[test]
    fn a_failing_effect_fails_the_command_and_a_missing_program_is_an_error() {
        let temp = tempfile::tempdir().unwrap();
        let mut fake = FakeExecutor::new();
        fake.on(
            &["tool"],
            Reply::ok().stderr("tool: ").doing(|_| Err(io::Error::other("no room"))),
        );
        fake.on(&["ghost"], Reply::missing());
        fake.on(&["slow"], Reply::ok().ended(Ended::TimedOut));
        let captured = fake.capture(&command(temp.path(), &["tool"])).unwrap();
        assert_eq!(
            (captured.ended, captured.stderr.as_str()),
            (Ended::Exited(99), "tool: no room")
        );
        let slow = fake.run(&command(temp.path(), &["slow"])).unwrap();
        assert_eq!(slow.ended, Ended::TimedOut);
        let error = fake.run(&command(temp.path(), &["ghost"])).unwrap_err();
        assert!(error.to_string().starts_with("cannot start `ghost`"), "{error}");
    }

    #[test]
    fn services_strays_and_an_interruption_follow_the_script() {
        let temp = tempfile::tempdir().unwrap();
        let mut fake = FakeExecutor::new();
        fake.when(|_| true, Reply::ok().usage(Usage { user_ns: 7, ..Usage::default() }));
        let service = fake.start(&command(temp.path(), &["proxy"])).unwrap();
        assert_eq!(fake.ended(service).unwrap(), None);
        assert_eq!(fake.stop(service, Duration::ZERO).unwrap().ended, Ended::Signalled(15));
        fake.end_service(service, Ended::Exited(1));
        assert_eq!(fake.ended(service).unwrap(), Some(Ended::Exited(1)));
        fake.leave_behind(vec![Stray { pid: 7, name: "daemon".to_owned() }]);
        assert_eq!(fake.sweep().unwrap().killed.len(), 1);
        assert_eq!(fake.sweep().unwrap().killed.len(), 0);
        fake.interrupt_after(1);
        assert_eq!(fake.run(&command(temp.path(), &["a"])).unwrap().usage.user_ns, 7);
        assert_eq!(fake.interrupted(), None);
        let second = fake.run(&command(temp.path(), &["b"])).unwrap();
        assert_eq!((second.ended, fake.interrupted()), (Ended::Interrupted, Some(2)));
        fake.pause(Duration::from_millis(5));
        assert!(matches!(fake.calls().last(), Some(Call::Pause(_))));
    }
}
