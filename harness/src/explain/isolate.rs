//! Another host name and another user for commands, where the kernel lets them have one.

use std::path::Path;

use bench_record::Property;

use crate::runner::user_environment;
use crate::system::exec::{
    Entrance, ExecError, Executor, Invocation, NamespaceKind, NamespaceRequest, Namespaces,
};

/// The host name that `hostname` changes to.
pub(super) const OTHER_HOST: &str = "another-runner";
/// User ids that every Unix has, with a name: the first that is not our own is taken.
const OTHER_UIDS: [&str; 2] = ["1", "2"];

/// How commands get another identity.
enum Way {
    /// By words in front of each, which need privileges.
    Launcher(Vec<String>),
    /// By namespaces that each enters.
    Inside(Namespaces),
}

/// The other identities that commands can have here.
pub(super) struct Identities {
    host: Result<Way, String>,
    user: Result<Way, String>,
    /// Both at once, where one way does not lead on from the other.
    both: Option<Way>,
    /// The other user's name.
    user_name: String,
}

impl Default for Identities {
    fn default() -> Self {
        let unseen = || Err("not looked at".to_owned());
        Self { host: unseen(), user: unseen(), both: None, user_name: String::new() }
    }
}

/// What commands need to have another identity; they have it while this exists.
#[derive(Debug, Default)]
pub(super) struct Disguise {
    /// Words in front of every command.
    pub(super) launcher: Vec<String>,
    entrances: Vec<Entrance>,
}

impl Disguise {
    fn add(&mut self, way: &Way) -> Result<(), ExecError> {
        match way {
            Way::Launcher(words) => self.launcher.extend(words.iter().cloned()),
            Way::Inside(namespaces) => {
                let entrance = namespaces.entrance()?;
                self.launcher.extend(entrance.words().iter().cloned());
                self.entrances.push(entrance);
            }
        }
        Ok(())
    }
}

impl Identities {
    /// Tries those that are `wanted`.
    pub(super) fn look(
        executor: &mut dyn Executor,
        scratch: &Path,
        wanted: &[Property],
    ) -> Result<Self, ExecError> {
        let mut look = Look { executor, scratch };
        let mut found = Self::default();
        if wanted.contains(&Property::Hostname) {
            found.host = look.host()?;
        }
        if wanted.contains(&Property::User) {
            match look.user()? {
                Ok((way, name)) => (found.user, found.user_name) = (Ok(way), name),
                Err(why) => found.user = Err(why),
            }
        }
        // A user namespace that is entered for the host name does not let into the one of the user.
        if let (Ok(Way::Inside(_)), Ok(_)) = (&found.host, &found.user) {
            match look.both()? {
                Ok(way) => found.both = Some(way),
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
        for (wanted, way) in [(host, &self.host), (user, &self.user)] {
            if let (true, Ok(way)) = (wanted, way) {
                disguise.add(way)?;
            }
        }
        Ok(disguise)
    }
}

/// Looks for ways. A way counts when a command that was sent there has come back and told what it saw.
struct Look<'l> {
    executor: &'l mut dyn Executor,
    scratch: &'l Path,
}

impl Look<'_> {
    fn host(&mut self) -> Result<Result<Way, String>, ExecError> {
        let script = format!("hostname {OTHER_HOST} && exec \"$@\"");
        let words = ["unshare", "--uts", "sh", "-c", &script, "sh"].map(str::to_owned);
        let way = Way::Launcher(words.to_vec());
        let seen = |said: &str| said.trim() == OTHER_HOST;
        if self.ask(&way, &["hostname"])?.is_ok_and(|said| seen(&said)) {
            return Ok(Ok(way));
        }
        let map = ["--map-current-user".to_owned(), "--keep-caps".to_owned()];
        let kinds = [NamespaceKind::User, NamespaceKind::Uts];
        self.inside(&kinds, &map, &["hostname"], seen)
    }

    fn user(&mut self) -> Result<Result<(Way, String), String>, ExecError> {
        let uid = self.other_uid()?;
        let way = self.inside(&[NamespaceKind::User], &map_to(uid), &["id", "-u"], |said| {
            said.trim() == uid
        })?;
        let way = match way {
            Ok(way) => way,
            Err(why) => return Ok(Err(why)),
        };
        // Tools that ask for the name would fail for want of one, not because the user is another.
        Ok(match self.ask(&way, &["id", "-un"])? {
            Ok(name) => Ok((way, name.trim().to_owned())),
            Err(why) => Err(format!("user id {uid} has no name here: {why}")),
        })
    }

    fn both(&mut self) -> Result<Result<Way, String>, ExecError> {
        let uid = self.other_uid()?;
        let kinds = [NamespaceKind::User, NamespaceKind::Uts];
        let map: Vec<String> = map_to(uid).into_iter().chain(["--keep-caps".to_owned()]).collect();
        let question = ["sh", "-c", "id -u && hostname"];
        self.inside(&kinds, &map, &question, |said| said.trim() == format!("{uid}\n{OTHER_HOST}"))
    }

    /// A user id that is not our own.
    fn other_uid(&mut self) -> Result<&'static str, ExecError> {
        let own = self.ask(&Way::Launcher(Vec::new()), &["id", "-u"])?.unwrap_or_default();
        let [first, second] = OTHER_UIDS;
        Ok(if own.trim() == first { second } else { first })
    }

    /// Namespaces from within which the answer to `question` is as `expected`.
    fn inside(
        &mut self,
        kinds: &[NamespaceKind],
        options: &[String],
        question: &[&str],
        expected: impl Fn(&str) -> bool,
    ) -> Result<Result<Way, String>, ExecError> {
        let host = format!("hostname {OTHER_HOST}");
        let script = if kinds.contains(&NamespaceKind::Uts) { host.as_str() } else { "true" };
        let wanted = NamespaceRequest { kinds, options, script };
        let way = match self.executor.namespaces(wanted, user_environment(), self.scratch)? {
            Ok(namespaces) => Way::Inside(namespaces),
            Err(why) => return Ok(Err(format!("a namespace cannot be made here: {why}"))),
        };
        Ok(match self.ask(&way, question)? {
            Ok(said) if expected(&said) => Ok(way),
            Ok(_) => Err("a namespace has no effect here".to_owned()),
            Err(why) => Err(format!("a namespace cannot be entered here: {why}")),
        })
    }

    /// What a command prints that goes this way, or why it fails.
    fn ask(&mut self, way: &Way, question: &[&str]) -> Result<Result<String, String>, ExecError> {
        let mut disguise = Disguise::default();
        disguise.add(way)?;
        let question = question.iter().map(|word| (*word).to_owned());
        let captured = self.executor.capture(&Invocation {
            argv: disguise.launcher.iter().cloned().chain(question).collect(),
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

/// Options that map our own ids to `uid`: files that are ours stay so.
fn map_to(uid: &str) -> [String; 2] {
    [format!("--map-user={uid}"), format!("--map-group={uid}")]
}
