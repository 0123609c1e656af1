//! Confinement of measured commands: they may write within given directories and nowhere else.
//!
//! Linux has Landlock for this, which needs no privilege and costs nothing that can be measured. Reading
//! and executing are not restricted at all, so opening a file for reading stays exactly as fast.

use std::io;
use std::path::PathBuf;

/// Whether commands are confined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confinement {
    /// They may write wherever the user may.
    Off,
    /// They may create, change and delete within these directories, which must exist, and write to the
    /// harmless devices (`/dev/null`, `/dev/tty`, pseudo-terminals, `/dev/shm`); nowhere else.
    ///
    /// Logs are opened outside the confinement, but a command that opens its own log again (a script's
    /// `echo > /dev/stderr`) needs the directory of the logs among the roots.
    ///
    /// A confined command can gain no privileges (`sudo` fails) and can mount nothing.
    WriteWithin(Vec<PathBuf>),
}

/// What came of the wish to confine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfinementStatus {
    /// Not asked for.
    Off,
    /// Every write is restricted.
    Full,
    /// Restricted but for truncation of files, which kernels before 6.2 cannot restrict.
    Partial,
    /// Nothing is restricted.
    Unavailable {
        /// Why, in a fragment.
        reason: String,
    },
}

impl ConfinementStatus {
    /// Whether commands are restricted.
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Full | Self::Partial)
    }
}

/// Why confinement could not even be tried.
#[derive(Debug, thiserror::Error)]
pub enum ConfineError {
    /// A directory that must stay writable cannot be opened.
    #[error("cannot open `{}`, which measured commands are to be confined to: {reason} (hint: it must be an existing directory)", path.display())]
    Root {
        /// The directory.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// The thread that starts processes could not be started.
    #[error("cannot start the thread that starts processes")]
    Thread(#[source] io::Error),
}

#[cfg(target_os = "linux")]
mod landlock_rules {
    use std::path::PathBuf;

    use landlock::{
        ABI, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
        RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus,
    };

    use super::{ConfineError, ConfinementStatus};

    /// Devices and device directories that programs write to without leaving anything behind.
    const DEVICES: [&str; 8] = [
        "/dev/null",
        "/dev/zero",
        "/dev/full",
        "/dev/tty",
        "/dev/console",
        "/dev/ptmx",
        "/dev/pts",
        "/dev/shm",
    ];

    /// Confines the calling thread and everything that it starts from now on.
    pub(crate) fn confine_this_thread(
        roots: &[PathBuf],
    ) -> Result<ConfinementStatus, ConfineError> {
        let mut open = Vec::new();
        for path in roots {
            let opened = PathFd::new(path).map_err(|error| error.to_string());
            let opened = opened.and_then(|fd| {
                if path.is_dir() { Ok(fd) } else { Err("not a directory".to_owned()) }
            });
            open.push(opened.map_err(|reason| ConfineError::Root { path: path.clone(), reason })?);
        }
        Ok(restrict(open)
            .unwrap_or_else(|error| ConfinementStatus::Unavailable { reason: error.to_string() }))
    }

    fn restrict(roots: Vec<PathFd>) -> Result<ConfinementStatus, RulesetError> {
        // The second version is the least that is of use: the first forbids every rename and link from
        // one directory to another, which changes what is measured.
        let essential = AccessFs::from_write(ABI::V2);
        let writes: BitFlags<AccessFs> = essential | AccessFs::Truncate;
        let on_files = AccessFs::WriteFile | AccessFs::Truncate;
        let mut rules = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(essential)?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::Truncate)?
            .create()?;
        for root in roots {
            rules = rules.add_rule(PathBeneath::new(root, writes))?;
        }
        for device in DEVICES {
            // A device that is not there cannot be written to.
            if let Ok(fd) = PathFd::new(device) {
                let directory = std::path::Path::new(device).is_dir();
                rules = rules
                    .add_rule(PathBeneath::new(fd, if directory { writes } else { on_files }))?;
            }
        }
        Ok(match rules.restrict_self()?.ruleset {
            RulesetStatus::FullyEnforced => ConfinementStatus::Full,
            RulesetStatus::PartiallyEnforced => ConfinementStatus::Partial,
            RulesetStatus::NotEnforced => {
                ConfinementStatus::Unavailable { reason: "the kernel enforces nothing".to_owned() }
            }
        })
    }
}

#[cfg(target_os = "linux")]
pub(crate) use landlock_rules::confine_this_thread;

/// There is no such thing on this platform.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "the signature is the Linux level's")]
pub(crate) fn confine_this_thread(_roots: &[PathBuf]) -> Result<ConfinementStatus, ConfineError> {
    Ok(ConfinementStatus::Unavailable { reason: "only Linux has Landlock".to_owned() })
}
