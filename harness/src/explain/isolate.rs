//! Gives commands another host name or another user, where the kernel permits it.

use std::path::Path;

use bench_record::Property;

use crate::runner::user_environment;
use crate::system::exec::{
    Entrance, ExecError, Executor, Invocation, NamespaceKind, NamespaceRequest, Namespaces,
};

/// The host name that `hostname` changes to.
pub(super) const OTHER_HOST: &str = "another-runner";
/// User ids that exist on every Unix, with a name: the first that is not the current one is used.
const OTHER_UIDS: [&str; 2] = ["1", "2"];

/// How commands get another identity.
enum Method {
    /// A launcher in front of each, which needs privileges.
    Launcher(Vec<String>),
    /// Namespaces that each enters.
    Namespaces(Namespaces),
}

/// The other identities that commands can have here.
pub(super) struct Identities {
    host: Result<Method, String>,
    user: Result<Method, String>,
    /// Both at once, where the two methods cannot be combined.
    both: Option<Method>,
    /// The other user's name.
    user_name: String,
}

impl Default for Identities {
    fn default() -> Self {
        let untested = || Err("not tried".to_owned());
        Self { host: untested(), user: untested(), both: None, user_name: String::new() }
    }
}

/// What commands need to have another identity. It ends when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Disguise {
    /// Words in front of every command.
    pub(super) launcher: Vec<String>,
    entrances: Vec<Entrance>,
}

impl Disguise {
    fn add(&mut self, method: &Method) -> Result<(), ExecError> {
        match method {
            Method::Launcher(words) => self.launcher.extend(words.iter().cloned()),
            Method::Namespaces(namespaces) => {
                let entrance = namespaces.entrance()?;
                self.launcher.extend(entrance.words().iter().cloned());
                self.entrances.push(entrance);
            }
        }
        Ok(())
    }
}

impl Identities {
    /// Finds out which of the `wanted` properties commands can have here.
    pub(super) fn find(
        executor: &mut dyn Executor,
        scratch: &Path,
        wanted: &[Property],
    ) -> Result<Self, ExecError> {
        let mut finder = Finder { executor, scratch };
        let mut found = Self::default();
        if wanted.contains(&Property::Hostname) {
            found.host = finder.host()?;
        }
        if wanted.contains(&Property::User) {
            match finder.user()? {
                Ok((method, name)) => (found.user, found.user_name) = (Ok(method), name),
                Err(why) => found.user = Err(why),
            }
        }
        // From the user namespace that is entered for the host name, that of the user cannot be entered.
        if let (Ok(Method::Namespaces(_)), Ok(_)) = (&found.host, &found.user) {
            match finder.both()? {
                Ok(method) => found.both = Some(method),
                Err(why) => found.user = Err(why),
            }
        }
        Ok(found)
    }

    /// Why commands cannot have another host name.
    pub(super) fn no_host(&self) -> Option<String> {
        self.host.as_ref().err().cloned()
    }

    /// Why commands cannot have another user.
    pub(super) fn no_user(&self) -> Option<String> {
        self.user.as_ref().err().cloned()
    }

    /// The name of the other user.
    pub(super) fn user_name(&self) -> &str {
        &self.user_name
    }

    /// Another host name, another user, or both.
    pub(super) fn disguise(&self, host: bool, user: bool) -> Result<Disguise, ExecError> {
        let mut disguise = Disguise::default();
        if let (true, true, Some(both)) = (host, user, &self.both) {
            disguise.add(both)?;
            return Ok(disguise);
        }
        for (wanted, method) in [(host, &self.host), (user, &self.user)] {
            if let (true, Ok(method)) = (wanted, method) {
                disguise.add(method)?;
            }
        }
        Ok(disguise)
    }
}

/// Tries methods. One counts when a command that uses it has printed the identity that it should have.
struct Finder<'l> {
    executor: &'l mut dyn Executor,
    scratch: &'l Path,
}

impl Finder<'_> {
    fn host(&mut self) -> Result<Result<Method, String>, ExecError> {
        let script = format!("hostname {OTHER_HOST} && exec \"$@\"");
        let words = ["unshare", "--uts", "sh", "-c", &script, "sh"].map(str::to_owned);
        let method = Method::Launcher(words.to_vec());
        let expected = |printed: &str| printed.trim() == OTHER_HOST;
        if self.print(&method, &["hostname"])?.is_ok_and(|printed| expected(&printed)) {
            return Ok(Ok(method));
        }
        let map = ["--map-current-user".to_owned(), "--keep-caps".to_owned()];
        let kinds = [NamespaceKind::User, NamespaceKind::Uts];
        self.namespaces(&kinds, &map, &["hostname"], expected)
    }

    fn user(&mut self) -> Result<Result<(Method, String), String>, ExecError> {
        let uid = self.other_uid()?;
        let kinds = [NamespaceKind::User];
        let method =
            self.namespaces(&kinds, &map_to(uid), &["id", "-u"], |printed| printed.trim() == uid)?;
        let method = match method {
            Ok(method) => method,
            Err(why) => return Ok(Err(why)),
        };
        // Without a name, tools that look it up would fail, and the user would seem to be the cause.
        Ok(match self.print(&method, &["id", "-un"])? {
            Ok(name) => Ok((method, name.trim().to_owned())),
            Err(why) => Err(format!("user id {uid} has no name here: {why}")),
        })
    }

    fn both(&mut self) -> Result<Result<Method, String>, ExecError> {
        let uid = self.other_uid()?;
        let kinds = [NamespaceKind::User, NamespaceKind::Uts];
        let map: Vec<String> = map_to(uid).into_iter().chain(["--keep-caps".to_owned()]).collect();
        let command = ["sh", "-c", "id -u && hostname"];
        let expected = format!("{uid}\n{OTHER_HOST}");
        self.namespaces(&kinds, &map, &command, |printed| printed.trim() == expected)
    }

    /// A user id that is not the current one.
    fn other_uid(&mut self) -> Result<&'static str, ExecError> {
        let plain = Method::Launcher(Vec::new());
        let current = self.print(&plain, &["id", "-u"])?.unwrap_or_default();
        let [first, second] = OTHER_UIDS;
        Ok(if current.trim() == first { second } else { first })
    }

    /// Namespaces in which `command` prints what is `expected`.
    fn namespaces(
        &mut self,
        kinds: &[NamespaceKind],
        options: &[String],
        command: &[&str],
        expected: impl Fn(&str) -> bool,
    ) -> Result<Result<Method, String>, ExecError> {
        let host = format!("hostname {OTHER_HOST}");
        let script = if kinds.contains(&NamespaceKind::Uts) { host.as_str() } else { "true" };
        let wanted = NamespaceRequest { kinds, options, script };
        let method = match self.executor.namespaces(wanted, user_environment(), self.scratch)? {
            Ok(namespaces) => Method::Namespaces(namespaces),
            Err(why) => return Ok(Err(format!("a namespace cannot be made here: {why}"))),
        };
        Ok(match self.print(&method, command)? {
            Ok(printed) if expected(&printed) => Ok(method),
            Ok(_) => Err("a namespace has no effect here".to_owned()),
            Err(why) => Err(format!("a namespace cannot be entered here: {why}")),
        })
    }

    /// What `command` prints with this method, or why it fails.
    fn print(
        &mut self,
        method: &Method,
        command: &[&str],
    ) -> Result<Result<String, String>, ExecError> {
        let mut disguise = Disguise::default();
        disguise.add(method)?;
        let command = command.iter().map(|word| (*word).to_owned());
        let captured = self.executor.capture(&Invocation {
            argv: disguise.launcher.iter().cloned().chain(command).collect(),
            cwd: self.scratch.to_owned(),
            env: user_environment(),
            stdout: self.scratch.join("isolate.out"),
            stderr: self.scratch.join("isolate.err"),
            timeout: None,
        });
        Ok(match captured {
            Ok(captured) if captured.ended.success() => Ok(captured.stdout),
            Ok(captured) => {
                let said = captured.stderr.lines().next();
                Err(said.map_or_else(|| format!("{:?}", captured.ended), str::to_owned))
            }
            Err(ExecError::Spawn { program, .. }) => Err(format!("`{program}` is not here")),
            Err(error) => return Err(error),
        })
    }
}

/// Options that map the current ids to `uid`: files of the current user still belong to it.
fn map_to(uid: &str) -> [String; 2] {
    [format!("--map-user={uid}"), format!("--map-group={uid}")]
}
